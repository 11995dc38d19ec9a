"""Constant: everybody decides green, whatever was proposed. It never disagrees. Is that enough?"""

from consensus_lab import Message, Node


class WakeUp(Message):
    says = "somebody wants something"


class AlwaysGreen(Node):
    def propose(self, value):
        self.broadcast(WakeUp())

    def receive(self, sender, message):
        self.decide("green")
