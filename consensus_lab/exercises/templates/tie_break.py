"""Tie-break: a majority vote that gives up waiting. Allow a timeout, and it disagrees."""

from consensus_lab import Message, Node


class VoteFor(Message):
    value: str
    says = "vote for {value}!"


class Voted(Message):
    value: str
    says = "I voted {value}"


class TieBreakVote(Node):
    vote: str | None = None
    ballots: frozenset[tuple[int, str]] = frozenset()

    def propose(self, value):
        self.broadcast(VoteFor(value))

    def receive(self, sender, message):
        match message:
            case VoteFor(value) if self.vote is None:
                self.vote = value
                self.broadcast(Voted(value))
            case Voted(value) if self.decided is None:
                self.ballots |= {(sender, value)}
                if self.count(value) >= self.majority:
                    self.decide(value)
                    self.clear_timer("tie")
                elif len(self.ballots) == len(self.nodes) - 1:
                    self.set_timer("tie", after=2)

    def timeout(self, name):
        voted = sorted({value for _, value in self.ballots})
        self.decide(max(voted, key=self.count))

    def count(self, value):
        return sum(v == value for _, v in self.ballots)
