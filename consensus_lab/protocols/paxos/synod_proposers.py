"""What a proposer does that is outbid: the synod's safety does not depend on it, and its progress does.

"Paxos made simple" (2001), sections 2.2 and 2.4, https://lamport.azurewebsites.net/pubs/paxos-simple.pdf: an acceptor
may tell a proposer that it has promised a later ballot, so that the proposer can give up at once; two proposers that
outbid each other can go on for ever; a distinguished proposer, the only one to try, does not meet with that.
"""

from consensus_lab.model.message import Message
from consensus_lab.protocols.paxos.synod import Accept, Prepare, Synod
from consensus_lab.protocols.voting.coordinator import bully


class Refused(Message):
    """The answer to a message of a ballot that is ignored."""

    ballot: tuple[int, int]
    promised: tuple[int, int]

    says = "not in ballot {ballot}: I have promised {promised}"


class Request(Message):
    """For the distinguished proposer."""

    value: object

    says = "please get {value} decided"


class EagerSynod(Synod):
    """An acceptor says no, and who hears it bids higher, at once."""

    def receive(self, sender, message):
        match message:
            case Prepare(ballot) | Accept(ballot, _) if ballot < self.promised:
                self.send(sender, Refused(ballot, self.promised))
            case Refused(ballot, promised) if ballot == self.ballot:
                self.promised = max(self.promised, promised)  # so that the next ballot is above it
                self.refused()
            case _:
                super().receive(sender, message)

    def refused(self):
        """Its ballot is outbid: bid higher."""
        self.begin()


class BackoffSynod(EagerSynod):
    """Who is refused waits for a random time before it bids again."""

    waits = (1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0)

    def refused(self):
        self.enter(None)
        self.set_timer("retry", after=self.choose(self.waits))


class LeaderSynod(Synod):
    """Everybody asks the bully to be the proposer, and tries in its place only when nothing comes of it for long.

    Two who both take themselves for the leader do no harm: safety does not rest on it.
    """

    def propose(self, value):
        leader = bully(self.nodes)
        if self.id == leader:
            super().propose(value)
        elif self.wish is None and self.decided is None:
            self.wish = value
            self.send(leader, Request(value))
            self.set_timer("retry", after=self.patience * (1 + leader - self.id))

    def receive(self, sender, message):
        match message:
            case Request(value):
                if self.wish is None:
                    self.propose(value)
            case _:
                super().receive(sender, message)
