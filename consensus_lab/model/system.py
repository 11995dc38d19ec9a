"""The asynchronous model: configurations, events, and the one `step` between them.

The words are those of Fischer, Lynch and Paterson (1985), section 2, https://doi.org/10.1145/3149.214121. A
configuration is the state of every node plus every message in flight. An event takes it to the next one. On a
reliable network a message is delivered exactly once, at any time and in any order. On a lossy one, what was sent
can be delivered at any later time, any number of times, or never.
"""

from dataclasses import replace

from consensus_lab.model.configuration import Configuration, Local, Reaction
from consensus_lab.model.errors import ProtocolError
from consensus_lab.model.events import Crash, Deliver, Drop, Duplicate, Envelope, Propose, Restart, Timeout, describe
from consensus_lab.model.node import Node
from consensus_lab.model.values import canonical, require_hashable

EVENTS = (Propose, Deliver, Drop, Duplicate, Timeout, Crash, Restart)
MEMO = 200_000  # reactions kept; a longer memory costs more than it saves


class _Branch(BaseException):
    """A handler asks for a choice that nobody has made yet."""


class System:
    """A protocol on `n` nodes, what is proposed, and what may go wrong.

    Parameters
    ----------
    protocol : Node class, or list of Node classes
        The class of every node, or one class a node.
    n : int
        How many nodes; left out when `protocol` is a list.
    proposals : dict of int to value
        What each proposing node proposes.
    network : "reliable" or "lossy"
    crashes, restarts, timeouts : int or None
        How many such events one run may hold; None is no limit. They bound what an explorer, an adversary or a
        reader may do, not a simulation.
    names : sequence of str, optional
        One a node; A, B, C, ... by default.

    Raises
    ------
    ProtocolError
        If there are no nodes, a node does not exist, or a value is of no use.
    """

    def __init__(
        self, protocol, n=None, proposals=None, *, network="reliable", crashes=0, restarts=0, timeouts=0, names=None
    ):
        many = isinstance(protocol, (list, tuple))
        self.classes = tuple(protocol) if many else (protocol,) * (n if isinstance(n, int) else 0)
        if n is not None and (not isinstance(n, int) or n != len(self.classes)):
            raise ProtocolError(f"n={n!r}: a system has a whole number of nodes, one for each class of a list")
        if not self.classes:
            raise ProtocolError("a system of no nodes has nothing to agree on; pass n=3, say, or a list of classes")
        for cls in self.classes:
            if not (isinstance(cls, type) and issubclass(cls, Node)):
                raise ProtocolError(f"{cls!r} is no protocol; pass a subclass of Node, the class itself")
            if cls.receive is Node.receive:
                raise ProtocolError(f"{cls.__name__} has no receive(self, sender, message); write one")
        if network not in ("reliable", "lossy"):
            raise ProtocolError(f'network={network!r}; it is "reliable" or "lossy"')
        for name, count in {"crashes": crashes, "restarts": restarts, "timeouts": timeouts}.items():
            if count is not None and (not isinstance(count, int) or count < 0):
                raise ProtocolError(f"{name}={count!r}; pass how many a run may hold, or None for no limit")
        self.n, self.network = len(self.classes), network
        self.nodes = range(self.n)
        clients = [cls.client for cls in self.classes]
        self.servers = range(self.n - sum(clients))
        if not self.servers or any(clients[i] for i in self.servers):
            raise ProtocolError("clients ask the nodes before them: put them last, as in [Raft, Raft, Raft, Client]")
        self.left = (crashes, restarts, timeouts)
        self.names = self._named(names)
        try:
            planned = dict(proposals or {}).items()
        except (TypeError, ValueError):
            raise ProtocolError(f'proposals={proposals!r}: say which node proposes what: {{0: "red"}}') from None
        self.proposals = dict(sorted((self.number(i), value) for i, value in planned))
        for i, value in self.proposals.items():
            self.can_propose(i, value)
        self._orders, self._deliveries, self._memo = {}, {}, {}

    def __repr__(self):
        return f"<system: {self}>"

    def __str__(self):
        kinds = [cls.__name__ for cls in dict.fromkeys(self.classes)]
        return f"{' and '.join(kinds)}, {self.n} node{'s' * (self.n > 1)}, {self.network} network"

    # -- the model ------------------------------------------------------------------------------------------

    def initial(self):
        """The configuration in which every node has started and nothing else has happened."""
        reactions = [self._start(i) for i in self.nodes]
        network = frozenset()
        for i, reaction in enumerate(reactions):
            network = self._post(network, i, reaction.sent)
        pending = frozenset(self.proposals.items())
        nodes = tuple(reaction.local for reaction in reactions)
        return Configuration(self, nodes, network, pending, frozenset(), self.left)

    def events(self, configuration):
        """What can happen now, in a stable order.

        Not listed, though `step` takes them: proposals that the system does not plan, the dropping and duplicating
        of a message, and on a lossy network a delivery that changes nothing.
        """
        return tuple(event for event, _ in self.successors(configuration))

    def successors(self, c):
        """Pairs of event and configuration that can come next, in a stable order."""
        crashes, restarts, timeouts = c.left
        nodes = c.nodes
        for i, value in sorted(c.pending, key=lambda pair: pair[0]):
            if nodes[i].up:
                for choices, reaction in self.reactions(i, nodes[i], ("propose", value)):
                    event = Propose(i, value, choices)
                    yield event, self._apply(c, event, reaction)
        lossy = self.network == "lossy"
        for letter in sorted(c.network, key=self.order):
            sender, i, message, _ = letter
            local = nodes[i]
            if local.up and (letter[3] == 0 or lossy):
                if lossy and not self.matters(i, local, sender, message):
                    continue
                for choices, reaction in self.reactions(i, local, ("receive", sender, message)):
                    event = self._delivery(letter, choices)
                    yield event, self._apply(c, event, reaction)
        if timeouts != 0:
            for i, local in enumerate(nodes):
                for name in local.timers:
                    for choices, reaction in self.reactions(i, self.fired(local, name), ("timeout", name)):
                        event = Timeout(i, name, choices)
                        yield event, self._apply(c, event, reaction)
        if crashes != 0:
            for i, local in enumerate(nodes):
                if local.up:
                    yield Crash(i), self._apply(c, Crash(i), self.stopped(i, local))
        if restarts != 0:
            for i, local in enumerate(nodes):
                if not local.up:
                    for choices, reaction in self.reactions(i, local._replace(up=True), ("restart",)):
                        event = Restart(i, choices)
                        yield event, self._apply(c, event, reaction)

    def step(self, configuration, event):
        """The configuration after `event`.

        Raises
        ------
        ProtocolError
            If the event is not enabled now, or a handler breaks a rule of the model.
        """
        return self.react(configuration, event)[1]

    def react(self, c, event, within_budget=True):
        """What the node of `event` makes of it, and the configuration that follows; raises as `step` does."""
        if not isinstance(event, EVENTS):
            kinds = ", ".join(kind.__name__ for kind in EVENTS)
            raise ProtocolError(f"{self}: {event!r} is no event; use one of {kinds}")
        i = self.number(event.node)
        local = c.nodes[i]
        cause = self._cause(c, event, local, within_budget)
        match event:
            case Drop() | Duplicate():
                return Reaction(local, (), ()), self._interfere(c, event)
            case Crash():
                reaction = self.stopped(i, local)
                return reaction, self._apply(c, event, reaction)
            case Timeout(_, name):
                local = self.fired(local, name)
            case Restart():
                local = local._replace(up=True)
        ways = dict(self.reactions(i, local, cause))
        choices = getattr(event, "choices", ())
        if choices not in ways:
            self._refuse(event, f"the handler chooses; say how with choices=..., one of {', '.join(map(repr, ways))}")
        return ways[choices], self._apply(c, event, ways[choices])

    def quiet(self, c):
        """True when nothing is left to happen but faults: no proposal, no delivery, no armed timer."""
        nodes = c.nodes
        if any(local.timers for local in nodes) or any(nodes[i].up for i, _ in c.pending):
            return False
        to_the_living = [letter for letter in c.network if nodes[letter[1]].up]
        if self.network == "reliable":
            return not to_the_living
        return not any(self.matters(i, nodes[i], sender, message) for sender, i, message, _ in to_the_living)

    def matters(self, i, local, sender, message):
        """True when the message changes node `i` in this state, or makes it send or set a timer."""
        ways = self.reactions(i, local, ("receive", sender, message))
        return any(reaction.sent or reaction.clock or reaction.local != local for _, reaction in ways)

    def proposing(self, proposals):
        """The same system with other proposals. The two share what they know of how their nodes react."""
        crashes, restarts, timeouts = self.left
        other = System(
            self.classes, None, proposals, network=self.network, crashes=crashes, restarts=restarts, timeouts=timeouts,
            names=self.names,
        )  # fmt: skip
        other._memo = self._memo
        return other

    def with_classes(self, classes):
        """The same system with other classes, one a node."""
        crashes, restarts, timeouts = self.left
        budgets = {"crashes": crashes, "restarts": restarts, "timeouts": timeouts}
        return System(classes, None, self.proposals, network=self.network, names=self.names, **budgets)

    def same_as(self, other):
        """True when the two are the same protocol, nodes, proposals, network, budgets and names."""
        mine, theirs = (
            (s.classes, s.proposals, s.network, s.left, s.names) for s in (self, other)
        )  # fmt: skip
        return mine == theirs

    def started_clocks(self):
        """For each node, the (timer, after) pairs that its `start` arms."""
        return [self._start(i).clock for i in self.nodes]

    # -- how it is done -------------------------------------------------------------------------------------

    def reactions(self, i, local, cause):
        """Every way node `i` may react in the local state `local`: a tuple of (choices, Reaction).

        A cause is a handler's name and its arguments. There is one way, unless the handler calls `choose`.
        """
        key = i, local, cause
        known = self._memo.get(key)
        if known is None:
            if len(self._memo) >= MEMO:
                self._memo.clear()
            known = self._memo[key] = tuple(self._react(i, local, cause, ()))
        return known

    @staticmethod
    def fired(local, name):
        """The local state with the timer `name` no longer armed."""
        return local._replace(timers=tuple(timer for timer in local.timers if timer != name))

    def _start(self, i):
        cls = self.classes[i]
        asleep = Local(tuple(cls.state_defaults.values()), (), (), True)
        ((choices, reaction), *rest) = self.reactions(i, asleep, ("start",))
        if choices or rest:
            raise ProtocolError(f"{cls.__name__}.start calls choose; choose in propose, receive or timeout instead")
        return reaction

    def _wake(self, i, local, choose):
        """Node `i` in the local state `local`, ready for one handler call."""
        return self.classes[i]._wake(i, self.servers, local, choose, self.n - len(self.servers))

    def _react(self, i, local, cause, choices):
        made = iter(choices)

        def choose(options):
            for pick in made:
                return pick
            raise _Branch(options)

        node = self._wake(i, local, choose)
        handler, *arguments = cause
        try:
            node._run(getattr(node, handler), *arguments)
            for _, message in node._outbox:
                require_hashable(message)
            after = node._local(Local)
            after = local if after == local else after
        except _Branch as branch:
            (options,) = branch.args
            for option in dict.fromkeys(options):
                yield from self._react(i, local, cause, (*choices, option))
            return
        except Exception as error:
            raise self.blame(i, cause, error) from error
        yield choices, Reaction(after, tuple(node._outbox), tuple(node._clock))

    def blame(self, i, cause, error):
        """The ProtocolError that names the class, the node and the handler call in which `error` came up."""
        handler, *arguments = cause
        cls, name = self.classes[i].__name__, self.names[i]
        call = f"{handler}({', '.join(map(repr, arguments))})"
        what = str(error) if isinstance(error, ProtocolError) else f"it raised {type(error).__name__}: {error}"
        return ProtocolError(f"{cls}, node {i} ({name}), in {call}: {what}")

    def _apply(self, c, event, reaction):
        """The configuration after an event that is enabled and has this reaction."""
        i, network, pending, proposed, left = event.node, c.network, c.pending, c.proposed, c.left
        match event:
            case Deliver(Envelope(sender, _, message)):
                if self.network == "reliable":
                    network = self._without(network, (sender, i, message))
            case Propose(_, value):
                pending, proposed = pending - {(i, value)}, proposed | {value}
            case Timeout():
                left = self._spend(left, 2)
            case Restart():
                left = self._spend(left, 1)
            case Crash():
                left = self._spend(left, 0)
        nodes = c.nodes
        if reaction.local is not nodes[i]:
            nodes = (*nodes[:i], reaction.local, *nodes[i + 1 :])
        if reaction.sent:
            network = self._post(network, i, reaction.sent)
        return Configuration(self, nodes, network, pending, proposed, left)

    def _cause(self, c, event, local, within_budget):
        """The handler that the event calls, with its arguments; refuses an event that is not enabled."""
        spent = {Crash: 0, Restart: 1, Timeout: 2}.get(type(event))
        if within_budget and spent is not None and c.left[spent] == 0:
            name = ("crashes", "restarts", "timeouts")[spent]
            more = f"{name}={(self.left[spent] or 0) + 1}"
            self._refuse(event, f"the budget is used up; allow more with System(..., {more})")
        if not local.up and not isinstance(event, (Restart, Drop, Duplicate)):
            self._refuse(event, f"node {event.node} has crashed; restart it first")
        match event:
            case Propose(node, value):
                self.can_propose(node, value)
                return "propose", value
            case Deliver(envelope) | Drop(envelope) | Duplicate(envelope):
                letter = envelope.sender, envelope.receiver, envelope.message, 0
                if letter not in c.network:
                    self._refuse(event, "that message is not in flight; configuration.in_flight has those that are")
                if not isinstance(event, Deliver) and self.network == "reliable":
                    self._refuse(event, 'a reliable network neither loses nor copies; use System(..., network="lossy")')
                return "receive", envelope.sender, envelope.message
            case Timeout(_, name):
                if name not in local.timers:
                    self._refuse(event, f"no such timer is armed; armed: {', '.join(local.timers) or 'none'}")
                return "timeout", name
            case Restart(node):
                if local.up:
                    self._refuse(event, f"node {node} is up; only a crashed node restarts")
                return ("restart",)
            case Crash():
                return None

    def _interfere(self, c, event):
        """A lossy network's set of messages only grows, so a copy changes nothing; what is dropped is gone."""
        if isinstance(event, Duplicate):
            return c
        letter = event.envelope.sender, event.envelope.receiver, event.envelope.message, 0
        return c.with_network(c.network - {letter})

    def _refuse(self, event, why):
        raise ProtocolError(f"{self}: {describe(event, self.names)}: not now: {why}")

    def stopped(self, i, local):
        """The reaction to a crash: all is forgotten but what is durable."""
        cls = self.classes[i]
        fields = tuple(
            value if name in cls.durable else default
            for (name, default), value in zip(cls.state_defaults.items(), local.fields)
        )
        return Reaction(Local(fields, local.decisions, (), False), (), ())

    def _post(self, network, sender, messages):
        """The network with more letters in it; a letter is (sender, receiver, message, copy)."""
        letters = []
        reliable = self.network == "reliable"
        for to, message in messages:
            letter = sender, to, message, 0
            while reliable and (letter in network or letter in letters):
                letter = sender, to, message, letter[3] + 1
            letters.append(letter)
        return network.union(letters)

    @staticmethod
    def _without(network, letter):
        copy = 0
        while (*letter, copy + 1) in network:
            copy += 1
        return network - {(*letter, copy)}

    @staticmethod
    def _spend(left, kind):
        if not left[kind]:  # no limit, or a simulation that goes beyond it
            return left
        return (*left[:kind], left[kind] - 1, *left[kind + 1 :])

    def _delivery(self, letter, choices):
        key = letter[:3], choices
        event = self._deliveries.get(key)
        if event is None:
            event = self._deliveries[key] = Deliver(Envelope(*letter[:3]), choices)
        return event

    def order(self, letter):
        """The place of a letter among others, the same in every process."""
        order = self._orders.get(letter)
        if order is None:
            sender, receiver, message, copy = letter
            order = self._orders[letter] = sender, receiver, canonical(message), copy
        return order

    def number(self, i):
        """The node number `i`, if there is such a node."""
        if not isinstance(i, int) or not 0 <= i < self.n:
            raise ProtocolError(f"{self}: there is no node {i!r}; they are numbered 0 to {self.n - 1}")
        return i

    def can_propose(self, i, value):
        """Raise ProtocolError unless node `i` can be asked to propose `value`."""
        cls = self.classes[i]
        if value is None:
            raise ProtocolError(f"{cls.__name__}, node {i}: None cannot be proposed; it stands for undecided")
        if not cls.handles_proposals:
            raise ProtocolError(f"{cls.__name__}, node {i}: proposed is {value!r}, but it has no propose(self, value)")
        try:
            hash(value)
        except TypeError:
            raise ProtocolError(
                f"{cls.__name__}, node {i}: the proposal {value!r} cannot be hashed; use a string or a tuple"
            ) from None

    def _named(self, names):
        if names is None:
            return tuple("ABCDEFGHIJKLMNOPQRSTUVWXYZ"[: self.n]) if self.n <= 26 else tuple(map(str, self.nodes))
        names = tuple(map(str, names))
        if len(names) != self.n or len(set(names)) != self.n:
            raise ProtocolError(f"names={names!r}: give {self.n} different names, one a node")
        return names


def ways(system, c, event):
    """The event with every way that its handler may choose."""
    local = c.nodes[event.node]
    match event:
        case Crash():
            return [event]
        case Restart():
            local, cause = local._replace(up=True), ("restart",)
        case Timeout(_, name):
            local, cause = system.fired(local, name), ("timeout", name)
        case Propose(_, value):
            cause = ("propose", value)
        case Deliver(envelope):
            cause = ("receive", envelope.sender, envelope.message)
    reactions = system.reactions(event.node, local, cause)
    return [replace(event, choices=choices) if choices else event for choices, _ in reactions]
