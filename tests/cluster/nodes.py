"""Small protocols for the tests of clusters."""

from consensus_lab import Message, Node
from consensus_lab.protocols.replication.clients import Client


class Note(Message):
    text: object


class Forgetful(Node):
    """Keeps one field that outlives it and one that does not."""

    kept: tuple = ()
    lost: tuple = ()
    restarts: int = 0

    durable = ("kept", "restarts")

    def propose(self, value):
        self.broadcast(Note(value))

    def receive(self, sender, message):
        self.kept += (message.text,)
        self.lost += (message.text,)

    def restart(self):
        self.restarts += 1


class Dice(Node):
    """Throws a die when asked to and tells everybody."""

    seen: tuple = ()

    def propose(self, value):
        self.broadcast(Note(self.choose(range(1, 7))))

    def receive(self, sender, message):
        self.seen += (message.text,)


class Clock(Node):
    """Counts how often its timer has fired, up to three times."""

    ticks: int = 0

    def start(self):
        self.set_timer("tick", after=1)

    def timeout(self, name):
        self.ticks += 1
        if self.ticks < 3:
            self.set_timer("tick", after=1)

    def receive(self, sender, message):
        pass


class Touchy(Node):
    """Cannot stand one word."""

    def propose(self, value):
        self.broadcast(Note(value))

    def receive(self, sender, message):
        if message.text == "boo":
            raise ValueError("I am touchy")
        self.decide(message.text)


class Dated(Node):
    """Is no deterministic automaton: it asks a clock of its own."""

    def propose(self, value):
        import time

        self.broadcast(Note(str(time.monotonic())))

    def receive(self, sender, message):
        self.decide(message.text)


class Visitor(Client):
    """A client that is not going to be killed, and so spares the disk."""

    durable = ()


class Stillborn(Node):
    """Cannot even start."""

    def start(self):
        raise ValueError("not today")

    def receive(self, sender, message):
        pass


class Endless(Node):
    """Never ends one of its handlers."""

    def propose(self, value):
        while True:
            pass

    def receive(self, sender, message):
        pass
