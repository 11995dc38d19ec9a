"""Majority vote: safe in every schedule. Try four nodes, or three with one crash."""

from consensus_lab import Message, Node


class VoteFor(Message):
    value: str
    says = "vote for {value}!"


class Voted(Message):
    value: str
    says = "I voted {value}"


class MajorityVote(Node):
    vote: str | None = None
    ballots: frozenset[tuple[int, str]] = frozenset()

    def propose(self, value):
        self.broadcast(VoteFor(value))

    def receive(self, sender, message):
        match message:
            case VoteFor(value) if self.vote is None:
                self.vote = value
                self.broadcast(Voted(value))
            case Voted(value):
                self.ballots |= {(sender, value)}
                if sum(v == value for _, v in self.ballots) >= self.majority:
                    self.decide(value)
