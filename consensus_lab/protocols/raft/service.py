"""What a server of a replicated log owes its clients: each command is applied once, and answered.

A client gives each of its commands a serial number. It may have to send a command again, and the state machine knows
by that number what it has applied. See section 8 of Ongaro and Ousterhout, "In search of an understandable consensus
algorithm (extended version)" (2014), https://raft.github.io/raft.pdf.
"""

from collections.abc import Sequence

from consensus_lab.model.node import Node
from consensus_lab.protocols.machines import Entry, ExactlyOnce, KeyValue
from consensus_lab.protocols.raft.messages import Forward
from consensus_lab.protocols.replication.clients import Answer


class Service(Node):
    """A log that is applied to a state machine, entry by entry. A proposal makes a server a client of its own.

    A subclass says with `append` how a leader takes in an entry, and calls `learn` when entries are committed.
    """

    log: tuple = ()  # (term, entry); the first has index 1
    commit: int = 0  # the highest index known to be committed
    applied: int = 0  # the highest index that the state machine has
    state: tuple = ()  # of the state machine
    role: str = "follower"  # or "candidate", or "leader"
    leader: int | None = None  # who leads, as far as it has heard
    # as a client of its own
    serial: int = 0  # of the last proposal
    wishes: tuple = ()  # the entries that have been proposed here and not been applied

    machine = KeyValue()

    def __init_subclass__(cls, **options):
        cls.state = ExactlyOnce(cls.machine).initial
        super().__init_subclass__(**options)

    def append(self, entry):
        """As the leader, take in an entry; for a subclass to write."""
        raise NotImplementedError("it has no append(self, entry)")

    # -- clients --------------------------------------------------------------------------------------------

    def propose(self, command):
        self.serial += 1
        self.wishes += (Entry(self.id, self.serial, command),)
        self.ask()

    def ask(self):
        """Append what is wished for here; or pass it on to the leader, one by one, as messages overtake each other."""
        for wish in self.wishes if self.role == "leader" else self.wishes[:1]:
            if not self.logged(wish):
                self.submit(wish)

    def logged(self, entry):
        """True if the entry is in the log and has not been applied yet."""
        return any(entry == other for _, other in self.after(self.applied))

    def submit(self, entry):
        """Append what a client wants, answer it if that has been done, or pass it on to the leader."""
        if self.role != "leader":
            if self.leader is not None:
                self.send(self.leader, Forward(entry))
            return
        state, answer = ExactlyOnce(self.machine).apply(self.state, entry)
        if state == self.state:  # it has been applied before
            self.reply(entry, answer)
        elif not self.logged(entry):
            self.append(entry)

    def reply(self, entry, answer):
        """Tell a client the answer to its entry; a server that is its own client needs no message."""
        if entry.client not in self.nodes:
            self.send(entry.client, Answer(entry.serial, answer))

    # -- the state machine ----------------------------------------------------------------------------------

    def learn(self, index):
        """All up to `index` is committed: apply it."""
        self.commit = max(self.commit, index)
        while self.applied < self.commit:
            _, entry = self.after(self.applied)[0]
            self.applied += 1
            self.execute(entry)

    def execute(self, entry):
        """Apply a committed entry. The first of all that was proposed to a server is the decision."""
        if not isinstance(entry, Entry):
            return
        _, sessions = self.state
        if entry.client in self.nodes and not any(client in self.nodes for client, _, _ in sessions):
            self.decide(entry.command)
        self.state, answer = ExactlyOnce(self.machine).apply(self.state, entry)
        self.wishes = tuple(wish for wish in self.wishes if wish != entry)
        if self.role == "leader":
            self.reply(entry, answer)
            self.ask()

    # -- who takes part -------------------------------------------------------------------------------------

    def members(self) -> Sequence[int]:
        """The numbers of the servers that take part, in order."""
        return self.nodes

    def others(self):
        """The members but for itself."""
        return [to for to in self.members() if to != self.id]

    # -- the log --------------------------------------------------------------------------------------------

    def dropped(self) -> int:
        """How many entries are no longer kept in the log, the first ones."""
        return 0

    def last(self):
        """The index of the log's last entry; 0 where it is empty."""
        return self.dropped() + len(self.log)

    def term_at(self, index):
        """The term of the entry at an index; 0 where there is none."""
        return self.log[index - 1 - self.dropped()][0] if self.dropped() < index <= self.last() else 0

    def has(self, index, term):
        """True if the log has an entry of this term there; every log has entry 0, of term 0."""
        return index <= self.last() and self.term_at(index) == term

    def after(self, index):
        """The pairs (term, entry) that follow an index; that index must still be kept."""
        return self.log[index - self.dropped() :]

    def cut(self, index):
        """Drop the entry at an index, and all that follow."""
        self.log = self.log[: index - 1 - self.dropped()]
