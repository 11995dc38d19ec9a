"""Why the synod is safe, as properties that a search checks in every configuration.

Agreement says that nothing has gone wrong yet; these say why nothing can. They speak of all the votes that were ever
cast, and an acceptor remembers only its last. So they are checked on `witnessed(Synod)`, which is the same protocol
and keeps every vote in a field that it never reads: a history variable, as in Abadi and Lamport, "The existence of
refinement mappings" (1991), https://doi.org/10.1016/0304-3975(91)90224-P.

The invariants are those of Lamport's derivation in "Paxos made simple" (2001), section 2.2,
https://lamport.azurewebsites.net/pubs/paxos-simple.pdf. P2c there says on what grounds a ballot may ask for a value.
That the value is safe at the ballot is what P2c is good for: no other value has been or can still be chosen in an
earlier ballot.
"""

from functools import cache

from consensus_lab.model.properties import Property
from consensus_lab.model.values import show
from consensus_lab.protocols.quorums import majorities


@cache
def witnessed(protocol):
    """The same protocol with one field more: `cast`, every vote (ballot, value) that the node ever cast.

    Parameters
    ----------
    protocol : Synod class
        Any class with the fields `accepted` and `durable` of `Synod`.

    Returns
    -------
    Node class
        A subclass of `protocol`, always the same one for the same argument.
    """

    class Witnessed(protocol):
        __doc__ = f"{protocol.__name__}, with a record of all votes."

        cast: frozenset = frozenset()

        durable = (*protocol.durable, "cast")

        def receive(self, sender, message):
            super().receive(sender, message)
            if self.accepted:
                self.cast |= {self.accepted}

    Witnessed.__name__ = Witnessed.__qualname__ = f"{protocol.__name__}Witnessed"
    return Witnessed


class OneValuePerBallot(Property):
    """All that is asked for in a ballot, and all the votes in it, are for the same value."""

    def broken(self, configuration):
        values = {}
        for node, ballot, value in asked(configuration):
            first, before = values.setdefault(ballot, (node, value))
            if before != value:
                return (first, node), f"ballot {show(ballot)} has both {show(before)} and {show(value)}"
        return None


class P2c(Property):
    """A ballot asks for v only if there is a majority S such that v is the value of the latest earlier vote in S, or
    nobody in S has voted earlier.
    """

    def broken(self, configuration):
        cast = votes(configuration)
        for node, ballot, value in asked(configuration):
            if not any(self._allows(cast, group, ballot, value) for group in majorities(len(cast))):
                return (node,), f"no majority allows ballot {show(ballot)} to ask for {show(value)}"
        return None

    def _allows(self, cast, group, ballot, value):
        earlier = [vote for node in group for vote in cast[node] if vote[0] < ballot]
        return not earlier or max(earlier)[1] == value


class ValueSafeAtBallot(Property):
    """Where a ballot asks for v, no other value has been or can still be chosen in an earlier ballot.

    In every quorum that could choose there is a node that has voted for v in the earlier ballot, or has not voted in
    it and never will, as it has promised a later one.

    Parameters
    ----------
    quorums : quorum system, optional
        The quorums of phase 2; by default majorities.
    """

    def __init__(self, quorums=None):
        self.quorums = quorums

    def broken(self, configuration):
        cast = votes(configuration)
        promised = [configuration.state(node)["promised"] for node in configuration.system.nodes]
        quorums = self.quorums or majorities(len(cast))
        for node, ballot, value in asked(configuration):
            for earlier in _before(ballot, len(cast)):
                settled = {i for i in range(len(cast)) if self._settled(cast[i], promised[i], earlier, value)}
                if not all(quorum & settled for quorum in quorums):
                    why = f"ballot {show(earlier)} may still choose something else"
                    return (node,), f"ballot {show(ballot)} asks for {show(value)}, and {why}"
        return None

    def _settled(self, cast, promised, ballot, value):
        voted = [choice for at, choice in cast if at == ballot]
        return value in voted if voted else promised > ballot


def votes(configuration):
    """For each node every vote (ballot, value) that it has cast."""
    return [configuration.state(node)["cast"] for node in configuration.system.nodes]


def asked(configuration):
    """(node, ballot, value) for all that ballots ask for, as far as a proposer or a vote tells, in a fixed order."""
    found = []
    for node in configuration.system.nodes:
        state = configuration.state(node)
        if state["proposal"] is not None:
            found.append((node, state["ballot"], state["proposal"]))
        found += [(node, *vote) for vote in sorted(state["cast"], key=lambda vote: (vote[0], show(vote[1])))]
    return found


def chosen(configuration):
    """The (ballot, value) pairs that a majority has accepted, whether anybody knows it yet or not."""
    cast = votes(configuration)
    return {vote for group in majorities(len(cast)) for vote in frozenset.intersection(*(cast[i] for i in group))}


def _before(ballot, n):
    """All the ballots of n nodes that are earlier."""
    rounds, node = ballot
    return [(round, i) for round in range(1, rounds + 1) for i in range(n) if (round, i) < (rounds, node)]
