"""Three protocols that are not worth much, to learn from.

`FirstHeard` and `ImpatientCoordinator` decide in more than one place, so two nodes can decide differently.
`AlwaysRed` agrees, never blocks and always decides: it is only useless. Validity is there to rule it out.
"""

from consensus_lab.model.node import Message, Node


class Wanted(Message):
    """For all: what a client of the sender wants."""

    value: object

    says = "somebody wants {value}"


class FirstHeard(Node):
    """Decide the first value that you hear. The network settles which one that is, for each node anew."""

    def propose(self, value):
        self.broadcast(Wanted(value))

    def receive(self, sender, message):
        if self.decided is None:
            self.decide(message.value)


class AlwaysRed(Node):
    """Whatever is proposed, decide red."""

    def propose(self, value):
        self.broadcast(Wanted(value))

    def receive(self, sender, message):
        self.decide("red")


class Ask(Message):
    """For a coordinator: what a client of the sender wants."""

    value: object

    says = "may it be {value}?"


class Ruling(Message):
    """A coordinator's word, for all."""

    value: object

    says = "it is {value}"


class ImpatientCoordinator(Node):
    """Ask a coordinator; when it takes too long, ask the next one, which rules anew. Crashed or only slow?"""

    mine: object = None
    asked: int = -1  # the node asked last
    ruled: object = None

    patience = 3.0  # in units of virtual time

    def propose(self, value):
        self.mine = value
        self.ask_next()

    def ask_next(self):
        """Ask the next coordinator in turn, and wait."""
        self.asked = (self.asked + 1) % len(self.nodes)
        self.set_timer("patience", after=self.patience)
        self.send(self.asked, Ask(self.mine))

    def timeout(self, name):
        self.ask_next()

    def receive(self, sender, message):
        match message:
            case Ask(value):
                if self.ruled is None:
                    self.ruled = value
                    self.broadcast(Ruling(value))
            case Ruling(value):
                if self.decided is None:
                    self.decide(value)
                self.clear_timer("patience")
