from consensus_lab import Message, Node


class CompareAndSet(Message):
    expected: str | None
    new: str
    says = "if it is {expected}, make it {new}"


class Holds(Message):
    value: str | None
    says = "it is {value}"


class CasMemory(Node):
    """Node 0: one variable."""

    value: str | None = None
    decides = False

    def receive(self, sender, message):
        match message:
            case CompareAndSet(expected, new):
                if self.value == expected:
                    self.value = new
                self.send(sender, Holds(self.value))


class CasThread(Node):
    """Every other node: decide on what the variable holds in the end."""

    def propose(self, value):
        pass  # yours

    def receive(self, sender, message):
        pass  # yours
