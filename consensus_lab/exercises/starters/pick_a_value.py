from consensus_lab.protocols import PromiseAndAdopt
from consensus_lab.protocols.synod import within


class MyPick(within(PromiseAndAdopt, 2)):
    """The synod but for one method; two ballots a node, so that the checker can see every schedule."""

    def pick(self):
        """The value to ask for. `self.promises` has a pair for every acceptor that has promised: its number, and its
        last vote, which is a pair (ballot, value), or None. `self.wish` is what this node's own client wants."""
        return self.wish
