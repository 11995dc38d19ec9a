"""Majority voting with a tie-break: when one vote stays out too long, decide without it.

The rule settles a split vote, and the case of one crashed node. It is not safe: a node that gives up on a vote
decides on what it has heard, and another node may yet hear that vote. "Crashed" and "slow" look the same.
"""

from consensus_lab.model.values import canonical
from consensus_lab.protocols.voting.majority import MajorityVote, Voted


class TieBreakVote(MajorityVote):
    """Majority voting; where it stays open, the favorite of those who were heard wins."""

    patience = 2.0  # how long to wait for the last vote, in units of virtual time

    def receive(self, sender, message):
        if isinstance(message, Voted):
            self.hear(sender, message)
        else:
            super().receive(sender, message)

    def hear(self, sender, message):
        """Count a vote. Decide when it was the last, and wait no longer than `patience` for the last."""
        if self.decided is not None:
            return
        super().receive(sender, message)
        missing = len(self.nodes) - len(self.ballots)
        if self.decided is None and missing == 0:
            self.decide(self.favorite())
        elif self.decided is None and missing == 1:
            self.set_timer("tie", after=self.patience)
        if self.decided is not None:
            self.clear_timer("tie")

    def timeout(self, name):
        self.decide(self.favorite())

    def favorite(self):
        """The value with the most votes heard; of several, the first in the alphabet."""
        votes = [value for _, value in self.ballots]
        return min(set(votes), key=lambda value: (-votes.count(value), canonical(value)))
