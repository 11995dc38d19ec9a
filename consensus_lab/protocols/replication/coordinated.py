"""One server does it all: the coordinator of `coordinator`, with a machine in place of a write-once variable.

Nothing is replicated. What is on the coordinator's disk is the state, and while it is down there is no service.
"""

from consensus_lab.model.node import Message, Node
from consensus_lab.protocols.machines import Entry, ExactlyOnce, KeyValue, last
from consensus_lab.protocols.replication.clients import Answer, Request
from consensus_lab.protocols.voting.coordinator import bully


class Redirect(Message):
    """A client's request, passed on to the coordinator."""

    entry: Entry

    says = "please do {entry}"


class CoordinatedMachine(Node):
    """Clients may ask any server. Only the coordinator does anything but pass it on."""

    state: tuple = ()  # of the machine, with its clients' sessions: see ExactlyOnce

    decides = False
    durable = ("state",)
    machine = KeyValue()

    def start(self):
        self.state = ExactlyOnce(self.machine).initial

    def receive(self, sender, message):
        match message:
            case Request(serial, command):
                self.send(bully(self.nodes), Redirect(Entry(sender, serial, command)))
            case Redirect(entry):
                self.state, _ = ExactlyOnce(self.machine).apply(self.state, entry)
                serial, answer = last(self.state[1], entry.client)
                self.send(entry.client, Answer(serial, answer))
