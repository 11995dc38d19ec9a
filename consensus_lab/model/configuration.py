"""A configuration: the state of every node and every message in flight."""

from consensus_lab.model.events import Deliver, Envelope
from consensus_lab.model.values import kinds, show


class Configuration:
    """The state of every node and every message in flight. Immutable and hashable.

    Attributes
    ----------
    in_flight : tuple of Envelope
        The messages that can still be delivered, in a stable order, a copy for each time.
    crashed : frozenset of int
    decisions : dict of int to value
        What each node that has decided decided first.
    proposed : frozenset
        The values that have been proposed so far.
    left : Budgets
        What is left of the budgets of the system.
    """

    __slots__ = ("system", "nodes", "network", "pending", "proposed", "left", "_hash")

    def __init__(self, system, nodes, network, pending, proposed, left):
        self.system, self.nodes, self.network = system, nodes, network
        self.pending, self.proposed, self.left = pending, proposed, left
        self._hash = hash((nodes, network, pending, left))

    def __hash__(self):
        return self._hash

    def __eq__(self, other):
        return (
            isinstance(other, Configuration)
            and self._hash == other._hash
            and self.nodes == other.nodes
            and self.network == other.network
            and self.pending == other.pending
            and self.left == other.left
            and self.proposed == other.proposed
            and kinds(self.proposed) == kinds(other.proposed)
            and (self.system is other.system or kinds(self.pending) == kinds(other.pending))
        )

    def __reduce__(self):
        parts = self.system, self.nodes, self.network, self.pending, self.proposed, self.left
        return Configuration, parts  # without the hash, which is another one in another process

    def with_network(self, network):
        """The same configuration with other messages in flight."""
        return Configuration(self.system, self.nodes, network, self.pending, self.proposed, self.left)

    def __repr__(self):
        return f"<configuration: {self}>"

    def __str__(self):
        parts = []
        for i, name in enumerate(self.system.names):
            fields = ", ".join(f"{key}={show(value)}" for key, value in self.state(i).items())
            parts.append(f"{name}({fields})" + (" crashed" if i in self.crashed else ""))
        return "; ".join(parts) + f"; {len(self.in_flight)} in flight"

    def state(self, node):
        """The fields of a node by name, its decision among them."""
        local = self.nodes[self.system.number(node)]
        fields = dict(zip(self.system.classes[node].state_defaults, local.fields))
        return fields | {"decided": local.decisions[0] if local.decisions else None}

    def timers(self, node):
        """The names of the timers that `node` has armed."""
        return self.nodes[node].timers

    def has_next(self, event):
        """False for the delivery of a message that cannot be delivered next, as it is not there or not yet."""
        if not isinstance(event, Deliver):
            return True
        envelope = event.envelope
        return (envelope.sender, envelope.receiver, envelope.message, 0) in self.network

    @property
    def in_flight(self):
        """The messages that can still be delivered, a tuple of Envelope in a stable order."""
        ordered = sorted(self.network, key=self.system.order)
        return tuple(Envelope(*copy[:3]) for copy in ordered)

    @property
    def crashed(self):
        """The numbers of the nodes that are down."""
        return frozenset(i for i, local in enumerate(self.nodes) if not local.up)

    @property
    def decisions(self):
        """What each node that has decided decided first, by its number."""
        return {i: local.decisions[0] for i, local in enumerate(self.nodes) if local.decisions}
