"""First heard: decide on the first value that reaches you. Two nodes hear different ones first."""

from consensus_lab import Message, Node


class Say(Message):
    value: str
    says = "I am for {value}"


class FirstHeard(Node):
    def propose(self, value):
        self.broadcast(Say(value))

    def receive(self, sender, message):
        if self.decided is None:
            self.decide(message.value)
