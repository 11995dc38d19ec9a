"""Gossip: pass on the smallest value heard, and decide when nobody brings a smaller one. When is that?"""

from consensus_lab import Message, Node


class Smallest(Message):
    value: str
    says = "the smallest that I know is {value}"


class GossipMin(Node):
    smallest: str | None = None
    heard_from: frozenset[int] = frozenset()

    def propose(self, value):
        self.learn(value)

    def receive(self, sender, message):
        self.heard_from |= {sender}
        self.learn(message.value)
        if len(self.heard_from) == len(self.nodes):
            self.decide(self.smallest)  # everybody has told me something

    def learn(self, value):
        if self.smallest is None or value < self.smallest:
            self.smallest = value
            self.broadcast(Smallest(value))
