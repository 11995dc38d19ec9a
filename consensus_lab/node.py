"""What a protocol author writes: messages, and a node that reacts to them.

A node is a deterministic automaton, as in section 2 of Fischer, Lynch and Paterson, "Impossibility of
Distributed Consensus with One Faulty Process" (1985), https://doi.org/10.1145/3149.214121: it has a state, it
reacts to one event at a time, and in one atomic step it changes its state and sends a finite set of messages.
"""

from dataclasses import dataclass, fields

from consensus_lab.errors import ProtocolError

SELF_MESSAGES = 10_000  # a step that sends itself more than this is taken to be endless


class Message:
    """An immutable record with named fields. Subclass it and annotate the fields.

    Every subclass is made a frozen dataclass, so ``match`` takes it apart by position and by name. Two messages
    are equal only when they are of the same class with equal fields. Give a class a ``says`` template, such as
    ``says = "I voted {value}"``, and transcripts quote it.

    >>> class Voted(Message):
    ...     value: str
    >>> Voted("red"), str(Voted("red")), Voted("red") == Voted("red")
    (Voted('red'), 'Voted red', True)
    """

    says = ""

    def __init_subclass__(cls, **options):
        super().__init_subclass__(**options)
        dataclass(frozen=True, repr=False)(cls)
        cls._fields = tuple(field.name for field in fields(cls))
        cls._hash_fields = cls.__hash__
        cls.__hash__ = _kept_hash

    def __repr__(self):
        return f"{type(self).__name__}({', '.join(map(repr, self._values()))})"

    def __str__(self):
        return " ".join([type(self).__name__, *map(show, self._values())])

    def __reduce__(self):
        return type(self), self._values()  # a kept hash is of no use in another process

    def _values(self):
        return tuple(getattr(self, name) for name in self._fields)


def _kept_hash(message):
    kept = message.__dict__
    if "_hash" not in kept:
        kept["_hash"] = message._hash_fields()
    return kept["_hash"]


class Node:
    """One node of a protocol: what it remembers, and what it does with each message.

    Annotated class attributes with defaults are the node's state; their values are immutable and hashable.
    ``durable`` names the fields that survive a restart, and all others go back to their defaults. The decision is
    written to an output register that is durable by itself. Write ``receive``, and any other handler you need.

    Attributes
    ----------
    id : int
        This node's number, from 0 to n-1.
    nodes : range
        The numbers of all nodes.
    majority : int
        The least number of nodes that is more than half of them.
    decided : hashable or None
        What this node has decided, or None.
    """

    durable = ()
    decides = True  # False for a node that only serves (a memory, a lock): Termination does not wait for it

    def __init_subclass__(cls, **options):
        super().__init_subclass__(**options)
        cls.state_defaults = defaults = dict(getattr(cls, "state_defaults", {}))
        for name, annotation in cls.__annotations__.items():
            if str(annotation).startswith(("ClassVar", "typing.ClassVar")):
                continue
            if name not in cls.__dict__:
                raise ProtocolError(f"{cls.__name__}.{name} has no default; give it one: {name}: ... = None")
            defaults[name] = cls.__dict__[name]
        for name, value in cls.__dict__.items():
            if name in defaults:
                defaults[name] = value
        for name, value in defaults.items():
            if hasattr(Node, name) or name in _ATTRIBUTES:
                raise ProtocolError(f"{cls.__name__}.{name} hides a name that every node has; choose another name")
            require_immutable(cls, name, value)
        if isinstance(cls.durable, str):
            raise ProtocolError(f'{cls.__name__}.durable is one string; write a tuple: durable = ("{cls.durable}",)')
        for name in cls.durable:
            if name not in defaults:
                raise ProtocolError(f"{cls.__name__}.durable names {name!r}, which is not one of its fields")
        cls.handles_proposals = cls.propose is not Node.propose

    # -- handlers, for a protocol to write ------------------------------------------------------------------

    def start(self):
        """Called once, before anything else happens."""

    def propose(self, value):
        """A client of this node wants `value` to be decided."""

    def receive(self, sender, message):
        """A message arrives from node `sender`."""
        raise NotImplementedError("it has no receive(self, sender, message)")

    def timeout(self, name):
        """The timer `name` has fired."""

    def restart(self):
        """Called when the node comes back; only durable fields and the decision are as they were."""

    # -- actions, for a handler to take ---------------------------------------------------------------------

    @property
    def decided(self):
        return self._decisions[0] if self._decisions else None

    def send(self, to, message):
        """Send `message` to node number `to`. One to oneself is handled in this step, after the handler returns."""
        if to.__class__ is not int or not 0 <= to < len(self.nodes):
            raise ProtocolError(f"there is no node {to!r}; send to one of 0 to {len(self.nodes) - 1}")
        self._check(message)
        (self._to_self if to == self.id else self._outbox).append((to, message))

    def broadcast(self, message):
        """Send `message` to every node, this one included."""
        self._check(message)
        mine, post = self.id, self._outbox.append
        for to in self.nodes:
            if to != mine:
                post((to, message))
        self._to_self.append((mine, message))

    def decide(self, value):
        """Decide `value`, for good. A second, different value is kept as a violation of Agreement."""
        if value is None:
            raise ProtocolError("decide(None) decides nothing; decide on a value")
        if value not in self._decisions:
            hash(value)
            self._decisions += (value,)

    def set_timer(self, name, after=1.0):
        """Arm the timer `name`, anew if it is armed: it fires once, `after` units of virtual time from now.

        Only a simulation has a clock. In the asynchronous model an armed timer may fire at any later moment.
        """
        if not after > 0:
            raise ProtocolError(f"set_timer({name!r}, after={after!r}): a timer needs a time above 0")
        self._timers = tuple(sorted({*self._timers, name}))
        self._clock.append((name, after))

    def clear_timer(self, name):
        """Disarm the timer `name`; nothing happens if it is not armed."""
        if name in self._timers:
            self._timers = tuple(t for t in self._timers if t != name)
            self._clock.append((name, None))

    def choose(self, options):
        """One of `options`: a coin when simulated, a branch when explored."""
        options = tuple(options)
        if not options:
            raise ProtocolError("choose() was given no options; pass at least one")
        return self._choose(options)

    # -- for the system that runs the node ------------------------------------------------------------------

    @classmethod
    def _wake(cls, number, nodes, local, choose):
        """A node in the local state `local`, ready for one handler call."""
        node = object.__new__(cls)
        node.__dict__.update(zip(cls.state_defaults, local.fields))
        node.__dict__.update(
            id=number, nodes=nodes, majority=len(nodes) // 2 + 1, _decisions=local.decisions, _timers=local.timers,
            _outbox=[], _to_self=[], _clock=[], _choose=choose,
        )  # fmt: skip
        return node

    def _run(self, handler, *arguments):
        """Call a handler, then `receive` for each message the node sent itself meanwhile, in order."""
        handler(*arguments)
        if self._to_self:
            self._drain()
        self._check_fields()

    def _check_fields(self):
        """Raise ProtocolError if a handler has set an attribute that the class does not declare."""
        if len(self.__dict__) != len(self.state_defaults) + len(_ATTRIBUTES):
            extra = min(self.__dict__.keys() - self.state_defaults.keys() - set(_ATTRIBUTES))
            raise ProtocolError(f"it sets self.{extra}, which is no field of the class; declare it: {extra}: ... = None")

    def _drain(self):
        queue = self._to_self
        for handled, (_, message) in enumerate(queue):
            if handled == SELF_MESSAGES:
                raise ProtocolError(f"it has sent itself {SELF_MESSAGES} messages in one step; does it ever stop?")
            self.receive(self.id, message)
        queue.clear()

    def _check(self, message):
        if not isinstance(message, Message):
            raise ProtocolError(f"{message!r} is no Message; declare one: class Hello(Message): ...")
        try:
            hash(message)
        except TypeError as error:
            raise ProtocolError(f"the message {message!r} cannot be hashed ({error}); use a tuple or a frozenset") from None


_ATTRIBUTES = ("id", "nodes", "majority", "_decisions", "_timers", "_outbox", "_to_self", "_clock", "_choose")


def require_immutable(cls, name, value):
    try:
        hash(value)
    except TypeError:
        kind = type(value).__name__
        instead = {"list": "tuple", "set": "frozenset", "dict": "frozenset of pairs"}.get(kind, "tuple")
        raise ProtocolError(
            f"{cls.__name__}.{name} holds a {kind}, which can change behind the model's back; use a {instead}"
        ) from None


def show(value):
    """A value as a person reads it, the same in every process: sets are sorted."""
    if isinstance(value, frozenset):
        return "{" + ", ".join(map(show, sorted(value, key=canonical))) + "}"
    if isinstance(value, tuple):
        return "(" + ", ".join(map(show, value)) + ")"
    return "none" if value is None else str(value)


def canonical(value):
    """A key that sorts any values of nodes and messages in one order, the same in every process."""
    if value is None:
        return (0,)
    if isinstance(value, (bool, int, float)):
        return 1, value
    if isinstance(value, str):
        return 2, value
    if isinstance(value, tuple):
        return 3, tuple(map(canonical, value))
    if isinstance(value, frozenset):
        return 4, tuple(sorted(map(canonical, value)))
    if hasattr(value, "__dataclass_fields__"):
        return 5, type(value).__name__, tuple(canonical(getattr(value, f)) for f in value.__dataclass_fields__)
    return 6, type(value).__name__, repr(value)
