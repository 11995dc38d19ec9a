"""Two-phase commit: propose only what nobody objects to. Between the phases, all depend on node A."""

from consensus_lab import Message, Node


class Prepare(Message):
    value: str
    says = "could you all live with {value}?"


class Yes(Message):
    value: str
    says = "I could live with {value}"


class Commit(Message):
    value: str
    says = "{value} it is"


class Want(Message):
    value: str
    says = "I would like {value}"


class TwoPhaseCommit(Node):
    """Node 0 asks all of the others, and commits when all have said yes."""

    asked: str | None = None
    agreed: frozenset[int] = frozenset()

    def propose(self, value):
        self.send(0, Want(value))

    def receive(self, sender, message):
        match message:
            case Want(value) if self.asked is None:
                self.asked = value
                self.broadcast(Prepare(value))
            case Prepare(value):
                self.send(sender, Yes(value))
            case Yes(value):
                self.agreed |= {sender}
                if len(self.agreed) == len(self.nodes):
                    self.broadcast(Commit(value))
            case Commit(value):
                self.decide(value)
