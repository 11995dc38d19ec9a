"""Ring: a token goes around once, and everybody decides on what it says. What if there are two tokens?"""

from consensus_lab import Message, Node


class Token(Message):
    owner: int
    value: str
    says = "pass this on: {value}"


class Ring(Node):
    def propose(self, value):
        self.pass_on(Token(self.id, value))

    def receive(self, sender, message):
        if self.decided is None:
            self.decide(message.value)
        if message.owner != self.id:
            self.pass_on(message)

    def pass_on(self, token):
        self.send((self.id + 1) % len(self.nodes), token)
