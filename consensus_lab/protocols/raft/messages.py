"""What Raft's servers say to each other: the arguments and results of Figure 2, as messages.

A request and its reply are two messages here, and a reply says what it is an answer to. The candidate's and the
leader's identity is the sender of the message.
"""

from consensus_lab.model.message import Message
from consensus_lab.protocols.machines import Entry


class InTerm(Message):
    """Whatever one server says to another has the sender's term."""

    term: int


class RequestVote(InTerm):
    """A candidate asks for a vote; its log ends with the entry of this index and term."""

    last_index: int
    last_term: int

    says = "vote for me in term {term}; my log ends with entry {last_index}, of term {last_term}"


class Vote(InTerm):
    """The answer to `RequestVote`: whether the candidate has the sender's vote."""

    granted: bool

    @property
    def says(self):
        """The template of a transcript's words."""
        return "you have my vote in term {term}" if self.granted else "you do not have my vote; I am in term {term}"


class AppendEntries(InTerm):
    """The entries that follow `prev_index`; a heartbeat where there are none."""

    prev_index: int
    prev_term: int
    entries: tuple
    commit: int

    @property
    def says(self):
        """The template of a transcript's words."""
        if not self.entries:
            return "I lead term {term}; up to entry {commit} all is committed"
        what = "this entry" if len(self.entries) == 1 else f"these {len(self.entries)} entries"
        return f"I lead term {{term}}; append {what} after entry {{prev_index}}, of term {{prev_term}}"


class Appended(InTerm):
    """On success, the log is the leader's up to `index`; else the leader may try to send from there on."""

    success: bool
    index: int

    @property
    def says(self):
        """The template of a transcript's words."""
        return "my log is yours up to entry {index}" if self.success else "I cannot append that; I am in term {term}"


class Forward(Message):
    """For the leader: what a client of the sender wants."""

    entry: Entry

    says = "please append {entry}"


class NoOp(Message):
    """An entry that does nothing."""
