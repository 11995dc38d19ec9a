"""Reads that take no slot of the log: the leader answers them from its own state. May it?

A read that goes through the log is linearizable like any command, and costs as much. The leader's machine has applied
all that the leader has seen chosen. So why not look there? Because the leader may have been replaced without knowing
it: what the new one has had chosen since is not in the old one's state.

`LocalReads` looks all the same. `QuorumReads` first asks the others whether they have promised a later ballot. When a
majority has not, then no later leader had anything chosen before the question was sent: it would have needed the
promises, in a later ballot, of a majority. So all that was chosen before the read was asked for is in the slots that
this leader has used, and it waits until those are applied. It costs a round trip and no write to a disk. A lease saves
the round trip too, and needs clocks that can be trusted: "Paxos made live", section 5.2,
https://doi.org/10.1145/1281100.1281103. The reads of `QuorumReads` are those of Raft's section 8,
https://raft.github.io/raft.pdf.
"""

from consensus_lab.model.message import Message
from consensus_lab.protocols.replication.clients import Answer
from consensus_lab.protocols.replication.multi_paxos import MultiPaxos
from consensus_lab.protocols.replication.multi_paxos_messages import Forward


class Confirm(Message):
    """Is this still the latest ballot?"""

    ballot: tuple[int, int]
    number: int

    says = "question {number}: is {ballot} the latest ballot that you have promised?"


class Confirmed(Message):
    """The answer to `Confirm`: the sender has promised no later ballot."""

    ballot: tuple[int, int]
    number: int

    says = "question {number}: it is"


class LocalReads(MultiPaxos):
    """The leader answers a client's read at once. Who is not the leader passes it on, and the client asks again."""

    def want(self, entry):
        if entry.client in self.nodes or not self.machine.reads(entry.command):
            super().want(entry)
        elif self.leads:
            self.read(entry)
        elif self.ballot is None and self.leader is not None:
            self.send(self.leader, Forward(entry))
        else:
            super().want(entry)

    def read(self, entry):
        """As the leader, answer a read."""
        _, answer = self.machine.apply(self.state[0], entry.command)
        self.send(entry.client, Answer(entry.serial, answer))


class QuorumReads(LocalReads):
    """The leader answers a read when a majority has confirmed that it leads, and all slots it had used are applied."""

    asked: int = 0  # questions
    reads: tuple = ()  # (number of the question, entry, slot)
    confirms: frozenset = frozenset()  # (number of the question, acceptor)

    def read(self, entry):
        assert self.ballot is not None  # a leader has one
        self.asked += 1
        self.reads += ((self.asked, entry, self.next - 1),)
        self.broadcast(Confirm(self.ballot, self.asked))

    def receive(self, sender, message):
        match message:
            case Confirm(ballot, number) if ballot == self.promised:
                self.send(sender, Confirmed(ballot, number))
            case Confirmed(ballot, number) if ballot == self.ballot and number in {read[0] for read in self.reads}:
                self.confirms |= {(number, sender)}
                self.answer_reads()
            case _:
                super().receive(sender, message)

    def apply(self):
        super().apply()
        self.answer_reads()

    def enter(self, ballot):
        super().enter(ballot)
        self.reads, self.confirms = (), frozenset()

    def answer_reads(self):
        """Answer the reads whose question is confirmed, and whose slots are applied."""
        for number, entry, slot in self.reads:
            confirmed = sum(question == number for question, _ in self.confirms) >= self.majority
            if confirmed and slot <= self.applied:
                self.reads = tuple(read for read in self.reads if read[0] != number)
                self.confirms = frozenset(confirm for confirm in self.confirms if confirm[0] != number)
                super().read(entry)
