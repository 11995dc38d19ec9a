"""Nothing yet. It never decides, so Termination is broken. The rest is yours."""

from consensus_lab import Message, Node


class Hello(Message):
    value: str
    says = "I would like {value}"


class MyProtocol(Node):
    heard: frozenset[str] = frozenset()

    def propose(self, value):
        self.broadcast(Hello(value))

    def receive(self, sender, message):
        match message:
            case Hello(value):
                self.heard |= {value}
