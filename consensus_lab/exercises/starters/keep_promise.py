from consensus_lab import Message, Node


class Initialize(Message):
    value: str
    says = "please initialize to {value}"


class Final(Message):
    value: str
    says = "the value is {value}"


class Promise(Node):
    """Ask the biggest node. It takes the first value and tells everyone."""

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
