from consensus_lab import Message, Node


class VoteFor(Message):
    value: str
    says = "vote for {value}!"


class Voted(Message):
    value: str
    says = "I voted {value}"


class TidyVote(Node):
    """Vote for the first value heard. A value with more than half the votes wins."""

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
                votes = sum(v == value for _, v in self.ballots)
                if 2 * votes >= len(self.nodes):
                    self.decide(value)
