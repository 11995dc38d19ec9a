from consensus_lab.protocols import PromiseAndAdopt
from consensus_lab.protocols.paxos.synod import within


class MyPick(within(PromiseAndAdopt, 2)):
    """The synod but for one method."""

    # Two ballots a node, so that the checker can see every schedule.
    # self.wish      what this node's own client wants
    # self.promises  for every acceptor that has promised: (its number, its last vote)
    #                a vote is a pair (ballot, value), or None

    def pick(self):
        """The value to ask for in this node's ballot."""
        return self.wish
