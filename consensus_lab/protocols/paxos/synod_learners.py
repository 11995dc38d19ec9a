"""The synod in which every acceptor tells every learner.

In `Synod` the proposer hears of the votes and passes the outcome on: few messages, one delay more, and nobody learns
it when that proposer crashes. Here each node counts for itself. Both ways are in "Paxos made simple" (2001), section
2.3, https://lamport.azurewebsites.net/pubs/paxos-simple.pdf.
"""

from consensus_lab.model.message import Message
from consensus_lab.protocols.paxos.synod import Accept, Decided, Synod


class Vote(Message):
    """Phase 2b, for all to hear."""

    ballot: tuple[int, int]
    value: object

    says = "in ballot {ballot}, I accept {value}"


class BroadcastSynod(Synod):
    """Votes go to everybody, and who counts a majority for a ballot has learned its value."""

    heard: frozenset = frozenset()  # (acceptor, ballot)

    def receive(self, sender, message):
        match message:
            case Accept(ballot, value) if ballot >= self.promised:
                self.promised, self.accepted = ballot, (ballot, value)
                self.broadcast(Vote(ballot, value))
            case Vote(ballot, value):
                self.heard |= {(sender, ballot)}
                if sum(at == ballot for _, at in self.heard) >= self.majority:
                    super().receive(self.id, Decided(value))
            case _:
                super().receive(sender, message)
