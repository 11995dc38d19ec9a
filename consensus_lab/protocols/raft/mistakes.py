"""Raft with one rule left out or done wrong. A search of every schedule refutes each.

Each is the class that it derives from, which is right, but for what is written here. The sections are those of the
paper, see `raft`; for the change of members, see `raft_membership`.
"""

from consensus_lab.protocols.raft.membership import MembershipRaft
from consensus_lab.protocols.raft.messages import AppendEntries, RequestVote
from consensus_lab.protocols.raft.raft import Raft

# -- elections ------------------------------------------------------------------------------------------------


class ElectsByHalf(Raft):
    """Half of the servers, rounded down, is enough."""

    def enough(self, servers):
        return len(servers) >= len(self.members()) // 2


class VotesAgain(Raft):
    """It votes for whoever asks, however often in one term (section 5.2)."""

    def receive(self, sender, message):
        if isinstance(message, RequestVote):
            self.voted = None
        super().receive(sender, message)


class VotesBlindly(Raft):
    """It votes for a candidate whatever that has in its log (section 5.4.1)."""

    def up_to_date(self, last_term, last_index):
        return True


# -- replication ----------------------------------------------------------------------------------------------


class AppendsBlindly(Raft):
    """It takes any entry at an index for the one that the leader has there (section 5.3)."""

    def has(self, index, term):
        return index <= self.last()


class CutsAlways(Raft):
    """What follows the entries of a message is dropped, be it in conflict with them or not (section 5.3)."""

    def store(self, prev_index, entries):
        self.cut(prev_index + 1)
        super().store(prev_index, entries)


class ObeysFormerLeaders(Raft):
    """It takes entries from the leader of an earlier term (section 5.1)."""

    def receive(self, sender, message):
        match message:
            case AppendEntries(term, prev_index, prev_term, entries, commit) if term < self.term:
                message = AppendEntries(self.term, prev_index, prev_term, entries, commit)
        super().receive(sender, message)


# -- commit ---------------------------------------------------------------------------------------------------


class OneByOne(Raft):
    """No mistake: one entry a message, so that an old entry can reach a majority before the leader's own does."""

    batch = 1


class CommitsOldTerms(OneByOne):
    """An entry is committed once a majority has it, of whatever term it is: without the rule of section 5.4.2."""

    def settled(self, index):
        return self.enough(self.replicas(index))


# -- members --------------------------------------------------------------------------------------------------


class FourMembers(MembershipRaft):
    """No mistake: Raft that begins with four members."""

    initial = 4


class ChangesEarly(FourMembers):
    """A leader changes the members before it has committed anything: as this was first published."""

    def ready(self):
        return self.changed() <= self.commit


# -- what outlives a restart ----------------------------------------------------------------------------------


class ForgetsItsVote(Raft):
    """On disk are the term and the log."""

    durable = ("term", "log", "serial")


class ForgetsItsTerm(Raft):
    """On disk are the vote and the log."""

    durable = ("voted", "log", "serial")


class ForgetsItsLog(Raft):
    """On disk are the term and the vote."""

    durable = ("term", "voted", "serial")


MISTAKES = (
    ElectsByHalf, VotesAgain, VotesBlindly, AppendsBlindly, CutsAlways, ObeysFormerLeaders, CommitsOldTerms,
    ChangesEarly, ForgetsItsVote, ForgetsItsTerm, ForgetsItsLog,
)  # fmt: skip
