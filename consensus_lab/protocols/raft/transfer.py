"""Raft whose leader can hand over to another server, so that it may be taken down without waiting for a timeout.

The leader brings the log of its heir up to date, takes in no commands meanwhile, and then has it stand for election at
once. The heir wins in the usual way, or does not: then the leader goes on after a while. Nothing of this bears on
safety, since a server may stand for election at any time.

References
----------
D. Ongaro, Consensus: bridging theory and practice, PhD thesis, Stanford University 2014, section 3.10,
https://web.stanford.edu/~ouster/cgi-bin/papers/OngaroPhD.pdf.
"""

from consensus_lab.model.message import Message
from consensus_lab.protocols.raft.messages import Appended, InTerm
from consensus_lab.protocols.raft.raft import Raft


class HandOver(Message):
    """Proposed to a leader: let server `to` lead. It is no command, and not logged."""

    to: int


class TimeoutNow(InTerm):
    """The leader asks its heir to stand for election without waiting for a timeout."""

    says = "stand for election, now"


class TransferRaft(Raft):
    """Raft with transfer of leadership."""

    heir: int | None = None  # who is to lead

    def propose(self, command):
        match command:
            case HandOver(to):
                if self.role == "leader" and to in self.others():
                    self.heir = to
                    self.set_timer("transfer", after=max(self.timeouts))
                    self.replicate(to)
            case _:
                super().propose(command)

    def submit(self, entry):
        if self.heir is None:
            super().submit(entry)

    def receive(self, sender, message):
        super().receive(sender, message)
        match message:
            case Appended(term, True) if self.leads(term) and sender == self.heir:
                if self.match[sender] == self.last():
                    self.send(sender, TimeoutNow(self.term))
            case TimeoutNow(term) if term == self.term and self.role == "follower":
                self.campaign()

    def be(self, role, leader):
        super().be(role, leader)
        self.heir = None
        self.clear_timer("transfer")

    def timeout(self, name):
        super().timeout(name)
        if name == "transfer":
            self.heir = None
            self.ask()
