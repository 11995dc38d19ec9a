from consensus_lab import Message
from consensus_lab.protocols import Coordinator
from consensus_lab.protocols.voting.coordinator import Final, bully


class Ask(Message):
    says = "what is it right now?"


class Curious(Coordinator):
    """The coordinator of the chapter; the others ask it as they start."""

    def start(self):
        if self.id != bully(self.nodes):
            self.send(bully(self.nodes), Ask())

    def receive(self, sender, message):
        if message == Ask():
            self.send(sender, Final(self.value or "pending"))
        else:
            super().receive(sender, message)
