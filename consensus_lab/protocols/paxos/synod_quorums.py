"""The synod with quorums other than majorities.

All that the safety of the synod asks of its quorums is that every quorum of phase 1 meets every quorum of phase 2;
that is in Howard, Malkhi and Spiegelman, "Flexible Paxos: quorum intersection revisited" (2016),
https://arxiv.org/abs/1608.06696. So a phase may have smaller quorums where the other has larger ones, nodes may have
more votes than others, and quorums may be the rows and the columns of a grid.
"""

from consensus_lab.model.errors import ProtocolError
from consensus_lab.protocols.paxos.synod import Synod
from consensus_lab.protocols.quorums import at_least, covers, grid, weighted


class QuorumSynod(Synod):
    """The synod with a quorum system a phase; see `consensus_lab.protocols.quorums`. Subclass it and name the two."""

    phase_1 = ()
    phase_2 = ()

    def start(self):
        members = frozenset().union(*self.phase_1, *self.phase_2)
        if not (self.phase_1 and self.phase_2):
            raise ProtocolError("it has no quorums; set phase_1 and phase_2, such as phase_1 = majorities(5)")
        if not members <= set(self.nodes):
            raise ProtocolError(
                f"its quorums have node {max(members)} among them, and there are {len(self.nodes)} nodes; "
                f"use a system of {max(members) + 1}, or other quorums"
            )

    def prepared(self):
        """True when a quorum of phase 1 has promised."""
        return covers(self.phase_1, {acceptor for acceptor, _ in self.promises})

    def chosen(self):
        """True when a quorum of phase 2 has accepted."""
        return covers(self.phase_2, self.votes)


class AllThenOneSynod(QuorumSynod):
    """Three nodes. Every one has to promise; then a single one can choose."""

    phase_1, phase_2 = at_least(3, 3), at_least(1, 3)


class WeightedSynod(QuorumSynod):
    """Three nodes. The first has two votes, the others one, and three votes are more than half of the four."""

    phase_1 = phase_2 = weighted([2, 1, 1])


class FlexibleSynod(QuorumSynod):
    """Four nodes. Three have to promise; then two are enough to choose."""

    phase_1, phase_2 = at_least(3, 4), at_least(2, 4)


class GridSynod(QuorumSynod):
    """Four nodes, two by two. A row has to promise; then a column can choose."""

    phase_1, phase_2 = grid(2, 2)


class HalvesSynod(QuorumSynod):
    """Four nodes, and half of them in either phase: a mistake, for two halves need not meet."""

    phase_1 = phase_2 = at_least(2, 4)


class TwoThenOneSynod(QuorumSynod):
    """Three nodes. Two have to promise; then a single one can choose: a mistake, for the one may not be of the two."""

    phase_1, phase_2 = at_least(2, 3), at_least(1, 3)
