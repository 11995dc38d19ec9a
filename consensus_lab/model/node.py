"""What a protocol author writes: messages, and a node that reacts to them.

A node is a deterministic automaton, as in section 2 of Fischer, Lynch and Paterson, "Impossibility of
Distributed Consensus with One Faulty Process" (1985), https://doi.org/10.1145/3149.214121: it has a state, it
reacts to one event at a time, and in one atomic step it changes its state and sends a finite set of messages.
"""

from consensus_lab.model.errors import ProtocolError
from consensus_lab.model.local import Local
from consensus_lab.model.message import Message
from consensus_lab.model.values import among, canonical, kinds, require_hashable, require_immutable

HANDLERS = ("start", "propose", "receive", "timeout", "restart")
NOT_PLAIN = 0x20 | 0x80 | 0x200  # the flags of code that is a generator, a coroutine, an asynchronous generator
LONGEST = 1e15  # units of time; beyond, floats are too coarse to tell events apart
SELF_MESSAGES = 10_000  # a step that sends itself more than this is taken to be endless


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
        The numbers of all nodes that run the protocol; clients are none of them.
    majority : int
        The least number of nodes that is more than half of them.
    decided : hashable or None
        What this node has decided, or None.
    """

    id: int
    nodes: range
    majority: int

    durable = ()
    decides = True  # False for a node that only serves (a memory, a lock): Termination does not wait for it
    client = False  # True for a node that only asks the others: it is none of `nodes`, and no majority counts it

    def __init_subclass__(cls, **options):
        super().__init_subclass__(**options)
        cls._require_plain()
        declared = {}
        for name, annotation in cls.__annotations__.items():
            if str(annotation).startswith(("ClassVar", "typing.ClassVar")):
                continue
            if name not in cls.__dict__:
                raise ProtocolError(f"{cls.__name__}.{name} has no default; give it one: {name}: ... = None")
            declared[name] = cls.__dict__[name]
        defaults = {}
        for base in reversed(cls.__mro__[1:]):  # the order and the defaults of a dataclass
            defaults |= base.__dict__.get("_declared", {})
        for name, value in cls.__dict__.items():
            if name in defaults:
                declared[name] = value
            elif not name.startswith("__") and name not in declared and name not in cls.__annotations__:
                require_immutable(cls, name, value)  # it would be shared by all nodes
        defaults |= declared
        cls.state_defaults, cls._declared = defaults, declared
        if "durable" not in cls.__dict__:
            cls.durable = tuple(dict.fromkeys(name for base in cls.__bases__ for name in getattr(base, "durable", ())))
        for name in defaults.keys() & cls.__dict__.keys():
            delattr(cls, name)  # every node has its own, and finds it sooner where the class has none
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

    @classmethod
    def _require_plain(cls):
        """Raise ProtocolError where a class has what would be ignored."""
        for name in ("__init__", "__new__"):
            if name in cls.__dict__:
                raise ProtocolError(
                    f"{cls.__name__}.{name} would never be called; give fields their defaults in the class, and do the "
                    "rest in start(self)"
                )
        if "__slots__" in cls.__dict__:
            raise ProtocolError(f"{cls.__name__} has __slots__; declare its fields instead: name: ... = None")
        for name in HANDLERS:
            code = getattr(cls.__dict__.get(name), "__code__", None)
            if code and code.co_flags & NOT_PLAIN:
                raise ProtocolError(
                    f"{cls.__name__}.{name} is async or a generator, so a call of it does nothing; write a plain def "
                    "without await and yield"
                )

    # -- handlers, for a protocol to write ------------------------------------------------------------------

    def start(self):
        """Called once, before anything else happens."""

    def propose(self, value, /):
        """A client of this node wants `value` to be decided."""

    def receive(self, sender, message, /):
        """A message arrives from node `sender`."""
        raise NotImplementedError("it has no receive(self, sender, message)")

    def timeout(self, name, /):
        """The timer `name` has fired."""

    def restart(self):
        """Called when the node comes back; only durable fields and the decision are as they were."""

    # -- actions, for a handler to take ---------------------------------------------------------------------

    @property
    def decided(self):
        return self._decisions[0] if self._decisions else None

    @decided.setter
    def decided(self, value):
        raise ProtocolError(f"self.decided cannot be assigned; decide with self.decide({value!r})")

    def send(self, to, message):
        """Send `message` to node number `to`. One to oneself is handled in this step, after the handler returns."""
        if to in self._others and type(message) in self._known:
            self._outbox.append((to, message))
        else:
            self._send_carefully(to, message)

    def broadcast(self, message):
        """Send `message` to every node, this one included."""
        mine = self.id
        for to in self.nodes:
            if to != mine:
                self.send(to, message)
        self.send(mine, message)

    def decide(self, value):
        """Decide `value`, for good. A second, different value is kept as a violation of Agreement."""
        if value is None:
            raise ProtocolError("decide(None) decides nothing; decide on a value")
        try:
            kinds(value)
        except TypeError as error:
            raise ProtocolError(f"decide({value!r}): it cannot be hashed ({error}); use a string or a tuple") from None
        if not among(value, self._decisions):
            self._decisions += (value,)

    def set_timer(self, name, after=1.0):
        """Arm the timer `name`, anew if it is armed: it fires once, `after` units of virtual time from now.

        Only a simulation has a clock. In the asynchronous model an armed timer may fire at any later moment.
        """
        if not isinstance(name, str):
            raise ProtocolError(f"set_timer({name!r}): name a timer with a string")
        if not (isinstance(after, (int, float)) and 0 < after <= LONGEST):
            raise ProtocolError(f"set_timer({name!r}, after={after!r}): a timer needs a time above 0, a finite one")
        if self.__class__.timeout is Node.timeout:
            raise ProtocolError(f"set_timer({name!r}): it has no timeout(self, name) to call; write one")
        if name not in self._timers:
            timers = [*self._timers, name]
            timers.sort()  # they are in order but for the last
            self._timers = tuple(timers)
        self._clock.append((name, after))
        self._rare.append(True)

    def clear_timer(self, name):
        """Disarm the timer `name`; nothing happens if it is not armed."""
        if name in self._timers:
            self._timers = tuple(t for t in self._timers if t != name)
            self._clock.append((name, None))
            self._rare.append(True)

    def choose(self, options):
        """One of `options`: a coin when simulated, a branch when explored."""
        if isinstance(options, (set, frozenset)):
            options = sorted(options, key=canonical)  # the order of a set differs from process to process
        options = tuple(options)
        if not options:
            raise ProtocolError("choose() was given no options; pass at least one")
        try:
            kinds(options)
        except TypeError as error:
            raise ProtocolError(f"choose({options!r}): an option cannot be hashed ({error}); use a tuple") from None
        self._rare.append(True)
        return self._choose(options)

    # -- for the system that runs the node ------------------------------------------------------------------

    @classmethod
    def _wake(cls, number, nodes, local, choose, clients=0):
        """A node in the local state `local`, ready for one handler call. The clients are numbered after `nodes`."""
        node = object.__new__(cls)
        for name, value in zip(cls.state_defaults, local.fields):  # one by one: attributes set so are read faster
            setattr(node, name, value)
        node.id, node.nodes, node.majority = node._given = number, nodes, len(nodes) // 2 + 1
        node._decisions, node._timers = local.decisions, local.timers
        node._outbox, node._to_self, node._clock, node._rare = [], [], [], []
        everybody = frozenset(range(len(nodes) + clients))
        node._others, node._known, node._choose = everybody - {number}, set(), choose
        return node

    def _send_carefully(self, to, message):
        """Send the first message of its class, one to oneself, or one that cannot be sent."""
        if to.__class__ is not int or to not in self._others | {self.id}:
            raise ProtocolError(f"there is no node {to!r}; send to one of 0 to {len(self._others)}")
        if not isinstance(message, Message):
            raise ProtocolError(f"{message!r} is no Message; declare one: class Hello(Message): ...")
        require_hashable(message)
        self._known.add(message.__class__)
        if to == self.id:
            self._to_self.append(message)
            self._rare.append(True)
        else:
            self._outbox.append((to, message))

    def _run(self, handler, *arguments):
        """Call a handler, then `receive` for each message the node sent itself meanwhile, in order."""
        handler(*arguments)
        self._hear_itself()

    def _hear_itself(self):
        queue = self._to_self
        for handled, message in enumerate(queue):
            if handled == SELF_MESSAGES:
                raise ProtocolError(f"it has sent itself {SELF_MESSAGES} messages in one step; does it ever stop?")
            self.receive(self.id, message)
        queue.clear()

    def _local(self, before=None):
        """The local state that the node is in, after another one; raises where some of it can change unseen."""
        memory = self.__dict__
        extra = memory.keys() - self.state_defaults.keys() - _ATTRIBUTES
        if extra:
            name = min(extra)
            raise ProtocolError(f"it sets self.{name}, which is no field of the class; declare it: {name}: ... = None")
        gone = self.state_defaults.keys() - memory.keys()
        if gone:
            raise ProtocolError(f"it deletes self.{min(gone)}; every field keeps a value: assign None, say")
        if (self.id, self.nodes, self.majority) != self._given:
            given = zip(("id", "nodes", "majority"), self._given)
            name = next(name for name, value in given if memory[name] != value)
            raise ProtocolError(f"it sets self.{name}, which the system has set for good; use a field of your own")
        fields = tuple([memory[name] for name in self.state_defaults])
        try:
            return Local.of(fields, self._decisions, self._timers, before=before)
        except TypeError:
            for name in self.state_defaults:
                require_immutable(type(self), name, memory[name])
            raise


_ATTRIBUTES = frozenset(
    "id nodes majority _given _decisions _timers _others _known _outbox _to_self _clock _choose _rare".split()
)  # fmt: skip
