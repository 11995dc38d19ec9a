"""Echo: a value counts only once most nodes have repeated it. Safe on its own; two proposals can get stuck."""

from consensus_lab import Message, Node


class Say(Message):
    value: str
    says = "I say {value}"


class Echo(Message):
    value: str
    says = "I have heard {value}"


class Ready(Message):
    value: str
    says = "most have heard {value}"


class EchoBroadcast(Node):
    """Say, echo, ready: half of Bracha's reliable broadcast."""

    echoed: str | None = None
    echoes: frozenset[tuple[int, str]] = frozenset()

    def propose(self, value):
        self.broadcast(Say(value))

    def receive(self, sender, message):
        match message:
            case Say(value) if self.echoed is None:
                self.echoed = value
                self.broadcast(Echo(value))
            case Echo(value):
                self.echoes |= {(sender, value)}
                if sum(v == value for _, v in self.echoes) == self.majority:
                    self.broadcast(Ready(value))
            case Ready(value):
                self.decide(value)
