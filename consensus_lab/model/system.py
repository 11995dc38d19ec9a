"""The asynchronous model: configurations, events, and the one `step` between them.

The words are those of Fischer, Lynch and Paterson (1985), section 2, https://doi.org/10.1145/3149.214121. A
configuration is the state of every node plus every message in flight. An event takes it to the next one. What becomes
of messages on their way is up to the network model, see `consensus_lab.model.network`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NoReturn

from consensus_lab.model import arguments, enabled
from consensus_lab.model import network as networks
from consensus_lab.model.budgets import SPENDS
from consensus_lab.model.configuration import Configuration
from consensus_lab.model.errors import ProtocolError
from consensus_lab.model.events import (
    EVENTS,
    Crash,
    Deliver,
    Drop,
    Envelope,
    Propose,
    Restart,
    Timeout,
    cause_of,
    describe,
)
from consensus_lab.model.local import Reaction
from consensus_lab.model.node import Node
from consensus_lab.model.reactions import Reactions
from consensus_lab.model.values import same


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
    network : str
        The name of the network model: "reliable", where every message is delivered exactly once, at any time and in
        any order; "fifo", where in addition those from one node to another come in the order of their sending; or
        "lossy", where what was sent can be delivered at any later time, any number of times, or never.
    crashes, restarts, timeouts : int or None
        How many such events one run may hold; None is no limit. They bound what an explorer, an adversary or a
        reader may do, not a simulation.
    names : sequence of str, optional
        One a node; A, B, C, ... by default.

    Attributes
    ----------
    classes : tuple of Node classes
        One a node.
    nodes, servers : range
        The numbers of all nodes, and of those that are no clients.
    network : Network
        The network model; `system.network.name` is its name.
    budgets : Budgets

    Raises
    ------
    ProtocolError
        If there are no nodes, a node does not exist, or a value is of no use.
    """

    def __init__(
        self,
        protocol: type[Node] | Sequence[type[Node]],
        n: int | None = None,
        proposals: Mapping[int, Any] | None = None,
        *,
        network: str | networks.Network = "reliable",
        crashes: int | None = 0,
        restarts: int | None = 0,
        timeouts: int | None = 0,
        names: Sequence[str] | None = None,
    ):
        self.classes: tuple[type[Node], ...] = arguments.classes_of(protocol, n)
        self.network = networks.named(network)
        self.budgets = arguments.budgets_of(crashes=crashes, restarts=restarts, timeouts=timeouts)
        self.n = len(self.classes)
        self.nodes = range(self.n)
        self.servers = arguments.servers_of(self.classes)
        self.names = arguments.names_of(names, self.n)
        planned = arguments.planned_of(proposals)
        self.proposals = dict(sorted((self.number(i), value) for i, value in planned))
        for i, value in self.proposals.items():
            self.can_propose(i, value)
            arguments.require_distinct(value, self.proposals.values())
        self._orders, self._deliveries = {}, {}
        self._reactions = Reactions(self.classes, self.names, self.servers)

    def __repr__(self):
        return f"<system: {self}>"

    def __str__(self):
        kinds = [cls.__name__ for cls in dict.fromkeys(self.classes)]
        return f"{' and '.join(kinds)}, {self.n} node{'s' * (self.n > 1)}, {self.network} network"

    # -- the model ------------------------------------------------------------------------------------------

    def initial(self):
        """The configuration in which every node has started and nothing else has happened."""
        reactions = [self._reactions.start(i) for i in self.nodes]
        network = frozenset()
        for i, reaction in enumerate(reactions):
            network = self.network.post(network, i, reaction.sent)
        pending = frozenset(self.proposals.items())
        nodes = tuple(reaction.local for reaction in reactions)
        return Configuration(self, nodes, network, pending, frozenset(), self.budgets)

    def events(self, configuration):
        """What can happen now, in a stable order.

        Not listed, though `step` takes them: proposals that the system does not plan, the dropping and duplicating
        of a message, and on a lossy network a delivery that changes nothing.
        """
        return tuple(event for event, _ in self.successors(configuration))

    def successors(self, c):
        """Pairs of event and configuration that can come next, in a stable order."""
        for event in self._possible(c):
            cause = cause_of(event)
            for choices, reaction in self.reactions(event.node, c.nodes[event.node], cause):
                way = replace(event, choices=choices) if choices else event
                yield way, self._apply(c, way, reaction)

    def _possible(self, c):
        """What can happen now, without what handlers choose."""
        nodes, left = c.nodes, c.left
        for i, value in sorted(c.pending, key=lambda pair: pair[0]):
            if nodes[i].up:
                yield Propose(i, value)
        yield from map(self._delivery, self.deliverable(c))
        if left.timeouts != 0:
            for i, local in enumerate(nodes):
                for name in local.timers:
                    yield Timeout(i, name)
        if left.crashes != 0:
            yield from (Crash(i) for i, local in enumerate(nodes) if local.up)
        if left.restarts != 0:
            yield from (Restart(i) for i, local in enumerate(nodes) if not local.up)

    def deliverable(self, c):
        """The copies that can be delivered now, in a stable order.

        Where a delivery leaves the message in flight, one that changes nothing is no event, and not among them.
        """
        for copy in sorted(c.network, key=self.order):
            sender, i, message, number = copy
            local = c.nodes[i]
            if number == 0 and local.up and not (self.network.keeps and not self.matters(i, local, sender, message)):
                yield copy

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
        local = c.nodes[self.number(event.node)]
        cause = cause_of(event)
        if why := enabled.why_not(self, c, event, cause if within_budget else None):
            self._refuse(event, why)
        if cause is None:
            return Reaction(local, (), ()), self._interfere(c, event)
        ways = self.reactions(event.node, local, cause)
        choices = getattr(event, "choices", ())
        for chosen, reaction in ways:
            if same(chosen, choices):
                return reaction, self._apply(c, event, reaction)
        known = ", ".join(repr(chosen) for chosen, _ in ways)
        self._refuse(event, f"the handler chooses; say how with choices=..., one of {known}")

    def reactions(self, i, local, cause, most=None):
        """Every way node `i` may react to `cause` in the local state `local`: a tuple of (choices, Reaction).

        A cause is a handler's name and its arguments, or ``("crash",)``. There is one way, unless the handler calls
        `choose`; where there are more than `most`, TooManyChoices is raised.
        """
        return self._reactions.of(i, local, cause, most)

    def ways(self, c, event):
        """The event with every way that its handler may choose, as a list."""
        reactions = self.reactions(event.node, c.nodes[event.node], cause_of(event))
        return [replace(event, choices=choices) if choices else event for choices, _ in reactions]

    def quiet(self, c):
        """True when nothing is left to happen but faults: no proposal, no delivery, no armed timer."""
        nodes = c.nodes
        if any(local.timers for local in nodes) or any(nodes[i].up for i, _ in c.pending):
            return False
        return next(self.deliverable(c), None) is None

    def matters(self, i, local, sender, message):
        """True when the message changes node `i` in this state, or makes it send or set a timer."""
        ways = self.reactions(i, local, ("receive", sender, message))
        return any(reaction.sent or reaction.clock or reaction.local != local for _, reaction in ways)

    def replace(self, **changes):
        """The same system, but for these arguments of `System`."""
        options = {"proposals": self.proposals, "network": self.network, "names": self.names, "protocol": self.classes}
        return System(**(options | self.budgets._asdict() | changes))

    def proposing(self, proposals):
        """The same system with other proposals. The two share what they know of how their nodes react."""
        other = self.replace(proposals=proposals)
        other._reactions = self._reactions
        return other

    def same_as(self, other):
        """True when the two are the same protocol, nodes, proposals, network, budgets and names."""
        mine, theirs = ((s.classes, s.proposals, s.network, s.budgets, s.names) for s in (self, other))
        return mine == theirs and all(same(value, other.proposals[i]) for i, value in self.proposals.items())

    def started_clocks(self):
        """For each node, the (timer, after) pairs that its `start` arms."""
        return [self._reactions.start(i).clock for i in self.nodes]

    def asleep(self, i):
        """The local state of node `i` before its `start`."""
        return self._reactions.asleep(i)

    def wake(self, i, local, choose):
        """Node `i` in the local state `local`, ready for one handler call."""
        return self._reactions.wake(i, local, choose)

    def blame(self, i, cause, error):
        """The ProtocolError that names the class, the node and the handler call in which `error` came up."""
        return self._reactions.blame(i, cause, error)

    # -- how it is done -------------------------------------------------------------------------------------

    def _apply(self, c, event, reaction):
        """The configuration after an event that is enabled and has this reaction."""
        i, network, pending, proposed, left = event.node, c.network, c.pending, c.proposed, c.left
        match event:
            case Deliver(Envelope(sender, _, message)):
                network = self.network.take(network, (sender, i, message, 0))
            case Propose(_, value):
                pending, proposed = pending - {(i, value)}, proposed | {value}
            case Timeout() | Restart() | Crash():
                left = left.spend(SPENDS[cause_of(event)[0]])
        nodes = c.nodes
        if reaction.local is not nodes[i]:
            nodes = (*nodes[:i], reaction.local, *nodes[i + 1 :])
        if reaction.sent:
            network = self.network.post(network, i, reaction.sent)
        return Configuration(self, nodes, network, pending, proposed, left)

    def _interfere(self, c, event):
        """The configuration after the network has lost or duplicated a message."""
        interfere = self.network.lose if isinstance(event, Drop) else self.network.duplicate
        envelope = event.envelope
        try:
            return c.with_network(interfere(c.network, (envelope.sender, envelope.receiver, envelope.message, 0)))
        except ProtocolError as error:
            self._refuse(event, str(error))

    def _refuse(self, event, why) -> NoReturn:
        raise ProtocolError(f"{self}: {describe(event, self.names)}: not now: {why}") from None

    def _delivery(self, copy):
        event = self._deliveries.get(copy)
        if event is None:
            event = self._deliveries[copy] = Deliver(Envelope(*copy[:3]))
        return event

    def order(self, copy):
        """The place of a copy among others, the same in every process."""
        order = self._orders.get(copy)
        if order is None:
            order = self._orders[copy] = self.network.order(copy)
        return order

    def number(self, i):
        """The node number `i`, if there is such a node."""
        if not isinstance(i, int) or isinstance(i, bool) or not 0 <= i < self.n:
            raise ProtocolError(f"{self}: there is no node {i!r}; they are numbered 0 to {self.n - 1}")
        return i

    def can_propose(self, i, value):
        """Raise ProtocolError unless node `i` can be asked to propose `value`."""
        arguments.require_proposal(self.classes[i], i, value)
