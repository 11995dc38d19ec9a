from consensus_lab.protocols import TieBreakVote


class MyRule(TieBreakVote):
    """Majority voting; if one vote stays out too long, `pick` decides without it."""

    def pick(self, votes):
        return votes[min(votes)]  # the lowest node that was heard has its way

    def favorite(self):
        return self.pick(dict(self.ballots))
