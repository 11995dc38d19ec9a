"""Clients of a replicated machine: they ask the servers, and take no part in the protocol.

A client has one command outstanding. It cannot know whether a server that does not answer has crashed, is slow, or
has done what it was asked and lost the answer on the way. All that it can do is ask again, and ask another server. So
that this does no harm it numbers its commands, and the servers apply each number once: `machines.ExactlyOnce`. Birrell
and Nelson, "Implementing remote procedure calls" (1984), section 3.4, https://doi.org/10.1145/2080.357392, have such
numbers; that the replicated state has to remember them is in section 8 of the Raft paper,
https://raft.github.io/raft.pdf.
"""

from consensus_lab.model.node import Message, Node


class Request(Message):
    """A client's command; its serials count from 1."""

    serial: int
    command: object

    says = "my request {serial}: {command}"


class Answer(Message):
    """A server's answer to the request of this serial."""

    serial: int
    answer: object

    says = "the answer to your request {serial}: {answer}"


class Client(Node):
    """Ask one server; when no answer comes, the next. A proposal is a command, or a tuple of commands one by one.

    Clients come after the servers in the list of classes: System([MultiPaxos] * 3 + [Client] * 2, ...).
    """

    queue: tuple = ()  # the commands without an answer; the first is outstanding
    answers: tuple = ()  # (serial, command, answer), one a command, in order
    server: int | None = None  # the one that it asks: the last that answered; at first its number says which

    client = True
    decides = False
    durable = ("queue", "answers")
    patience = 20.0  # how long to wait for an answer

    def propose(self, value):
        idle = not self.queue
        self.queue += value if isinstance(value, tuple) else (value,)
        if idle:
            self.ask()

    def restart(self):
        self.ask()

    def timeout(self, name):
        if self.server is not None:
            self.server = (self.server + 1) % len(self.nodes)
        self.ask()

    def ask(self):
        """Send the outstanding command, and wait."""
        if self.queue:
            if self.server is None:
                self.server = self.id % len(self.nodes)
            self.send(self.server, Request(self.serial, self.queue[0]))
            self.set_timer("retry", after=self.patience)

    @property
    def serial(self):
        """The number of the outstanding command."""
        return len(self.answers) + 1

    def receive(self, sender, message):
        match message:
            case Answer(serial, answer) if serial == self.serial and self.queue:
                self.answers += ((serial, self.queue[0], answer),)
                self.queue, self.server = self.queue[1:], sender
                self.clear_timer("retry")
                self.ask()
