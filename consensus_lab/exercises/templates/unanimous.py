"""Unanimous: decide when everybody wants the same. Let all of them propose, and they never will."""

from consensus_lab import Message, Node


class Say(Message):
    value: str
    says = "I am for {value}"


class Unanimous(Node):
    heard: frozenset[tuple[int, str]] = frozenset()

    def propose(self, value):
        self.broadcast(Say(value))

    def receive(self, sender, message):
        self.heard |= {(sender, message.value)}
        wanted = {value for _, value in self.heard}
        if len(self.heard) == len(self.nodes) and len(wanted) == 1:
            self.decide(message.value)
