from consensus_lab import Message, Node


class VoteFor(Message):
    value: str
    says = "vote for {value}!"


class Voted(Message):
    value: str
    says = "I vote {value}"


class GiveIn(Node):
    """Majority voting. Red voters who see no winner change their vote to blue."""

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
                latest = dict(sorted(self.ballots, reverse=True))  # blue is last
                votes = list(latest.values())
                if votes.count(latest[sender]) >= self.majority:
                    self.decide(latest[sender])
                elif self.vote == "red" and self.should_give_in(votes):
                    self.vote = "blue"
                    self.broadcast(Voted("blue"))

    def should_give_in(self, votes):
        return votes.count("red") == votes.count("blue")
