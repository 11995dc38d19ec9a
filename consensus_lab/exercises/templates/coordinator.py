"""Coordinator: the biggest node decides for all. All is well, until you allow one crash."""

from consensus_lab import Message, Node


class Initialize(Message):
    value: str
    says = "please initialize to {value}"


class Final(Message):
    value: str
    says = "the value is {value}"


class Coordinator(Node):
    value: str | None = None

    def propose(self, value):
        self.send(max(self.nodes), Initialize(value))

    def receive(self, sender, message):
        match message:
            case Initialize(value) if self.value is None:
                self.value = value
                self.broadcast(Final(value))
            case Final(value):
                self.decide(value)
