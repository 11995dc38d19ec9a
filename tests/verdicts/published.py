"""Published protocols, right and with a mistake that a reader of the paper may make."""

from consensus_lab import Message, Node
from consensus_lab.protocols import RotatingCoordinator


class Any(Message):
    """A proposer's value for all acceptors, in the fast round."""

    value: object


class Vote(Message):
    round: int
    value: object


class Prepare(Message):
    round: int


class Promise(Message):
    round: int
    vote: object


class Accept(Message):
    round: int
    value: object


class FastPaxosMajorities(Node):
    """Fast Paxos (Lamport 2006, https://doi.org/10.1007/s00446-006-0005-x) with simple majorities in the fast round.

    Round 0 is fast: each acceptor votes for the first value it hears. When a timer of node 0 fires, it runs round 1
    as coordinator. Two majorities share one node, which is too few: from the votes of a majority nobody can tell which
    value may have been chosen in round 0. (Fast quorums need more than three quarters, or two thirds where the
    classic ones are as large.)
    """

    round: int = 0
    vote: object = None
    votes: frozenset = frozenset()
    promises: frozenset = frozenset()
    asked: bool = False

    def propose(self, value):
        self.broadcast(Any(value))
        if self.id == 0:
            self.set_timer("collision", after=5)

    def timeout(self, name):
        self.broadcast(Prepare(1))

    def receive(self, sender, message):
        match message:
            case Any(value) if self.round == 0 and self.vote is None:
                self.cast(0, value)
            case Vote(round, value):
                self.votes |= {(sender, round, value)}
                if sum(vote[1:] == (round, value) for vote in self.votes) >= self.majority:
                    self.decide(value)
            case Prepare(round) if round > self.round:
                self.round = round
                self.send(sender, Promise(round, self.vote))
            case Promise(round, vote):
                self.promises |= {(sender, vote)}
                if len(self.promises) >= self.majority and not self.asked:
                    seen = sorted(value for _, value in self.promises if value is not None)
                    if seen:
                        self.asked = True
                        self.broadcast(Accept(round, max(seen, key=seen.count)))
            case Accept(round, value) if round >= self.round:
                self.round = round
                self.cast(round, value)

    def cast(self, round, value):
        self.vote = value
        self.broadcast(Vote(round, value))


class LowestStamp(RotatingCoordinator):
    """The rotating coordinator of Chandra and Toueg (1996) that adopts the estimate with the lowest stamp."""

    def ask(self):
        from consensus_lab.protocols.voting.rotating import Adopt, Estimate

        estimates = self.of_kind(Estimate)
        known = [(e.stamp, sender, e.value) for sender, e in estimates if e.value is not None]
        if self.choice is None and known and len(estimates) >= self.majority:
            self.choice = min(known, key=lambda estimate: estimate[:2])[2]
            self.broadcast(Adopt(self.round, self.choice))


class Ask(Message):
    pass


class Answer(Message):
    yes: bool


class Outcome(Message):
    value: str


class AtomicCommit(Node):
    """Two-phase commit (Gray 1978) of node 0 with the others, which vote as they are asked to: "commit" or "abort".

    A coordinator that waits too long for a vote aborts. A participant that has voted yes is in doubt: it may do neither
    until it hears the outcome.
    """

    vote: str | None = None
    yes: frozenset = frozenset()
    outcome: str | None = None

    def start(self):
        if self.id == 0:
            for i in self.nodes[1:]:
                self.send(i, Ask())
            self.set_timer("votes", after=5)

    def propose(self, value):
        self.vote = value
        if self.id == 0:
            self.count(0, value == "commit")
        else:
            self.send(0, Answer(value == "commit"))
            if value == "abort":
                self.decide("abort")

    def timeout(self, name):
        self.tell("abort")

    def receive(self, sender, message):
        match message:
            case Answer(yes):
                self.count(sender, yes)
            case Outcome(value) if self.decided is None:
                self.decide(value)

    def count(self, sender, yes):
        self.yes |= {sender} if yes else set()
        if not yes:
            self.tell("abort")
        elif len(self.yes) == len(self.nodes):
            self.tell("commit")

    def tell(self, outcome):
        if self.outcome is None:
            self.outcome = outcome
            self.broadcast(Outcome(outcome))
