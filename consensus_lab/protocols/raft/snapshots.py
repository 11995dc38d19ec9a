"""Raft with log compaction: a server replaces the entries that it has applied by the state that they led to.

Committed entries are final, so each server takes its snapshots by itself, and all of the same index are the same. The
snapshot has the index and the term of the last entry that it replaces: the next AppendEntries may name that one as the
entry before. A leader that no longer has what a follower needs sends its snapshot. A follower that has the snapshot's
last entry keeps what follows; otherwise its whole log goes.

The sessions of the clients are part of the state, or a command that was sent twice would be applied twice after all.

References
----------
D. Ongaro, J. Ousterhout, In search of an understandable consensus algorithm (extended version), USENIX ATC 2014,
section 7 and Figure 13, https://raft.github.io/raft.pdf.
"""

from consensus_lab.protocols.raft.messages import Appended, InTerm
from consensus_lab.protocols.raft.raft import Raft


class InstallSnapshot(InTerm):
    """All of a snapshot in one message; Figure 13 sends it in chunks."""

    last_index: int
    last_term: int
    state: tuple

    says = "in term {term}: the state after entry {last_index}, of term {last_term}"


class SnapshotRaft(Raft):
    """Raft whose servers keep a snapshot, and of their logs only what follows it."""

    base: int = 0  # the index of the last entry that the snapshot replaces
    base_term: int = 0  # and its term
    snapshot: tuple = Raft.state_defaults["state"]

    durable = (*Raft.durable, "base", "base_term", "snapshot")
    longest = 8  # entries that have been applied, and are replaced when there are more

    def __init_subclass__(cls, **options):
        super().__init_subclass__(**options)
        cls.state_defaults["snapshot"] = cls.state_defaults["state"]

    def restart(self):
        self.resume()
        super().restart()

    def resume(self):
        """Go on from the snapshot."""
        self.commit, self.applied, self.state = self.base, self.base, self.snapshot

    def learn(self, index):
        super().learn(index)
        if self.applied - self.base > self.longest:
            self.compact(self.applied, self.term_at(self.applied), self.state)

    def compact(self, index, term, state):
        """Replace the log up to `index`, or all of it, where it does not have that entry."""
        self.log = self.after(index) if self.has(index, term) else ()
        self.base, self.base_term, self.snapshot = index, term, state

    def replicate(self, to):
        if self.next[to] > self.base:
            super().replicate(to)
        else:
            self.send(to, InstallSnapshot(self.term, self.base, self.base_term, self.snapshot))

    def receive(self, sender, message):
        super().receive(sender, message)
        match message:
            case InstallSnapshot(term) if term < self.term:
                self.send(sender, Appended(self.term, False, 0))
            case InstallSnapshot(term, last_index, last_term, state):
                self.be("follower", sender)
                self.wait()
                if last_index > self.commit:
                    self.compact(last_index, last_term, state)
                    self.resume()
                self.send(sender, Appended(term, True, last_index))

    # -- the log, without the entries that the snapshot replaces --------------------------------------------

    def dropped(self):
        return self.base

    def term_at(self, index):
        return self.base_term if index == self.base else super().term_at(index)

    def has(self, index, term):
        """True also for what the snapshot replaces: it was committed, so every leader has it."""
        return index < self.base or super().has(index, term)
