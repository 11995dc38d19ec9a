"""Raft whose servers change while it runs, one at a time.

The members are an entry in the log, and a server goes by the last such entry that it has, committed or not. When one
server is added or removed, any majority of the old members and any majority of the new ones share a server, so there
cannot be two leaders in a term. For this the leader adds or removes one server only, and begins no change before the
last one is committed. Nor before an entry of its own term is: otherwise there may be another change, of an earlier
leader, that it does not know of, and the two together are a change of two servers.

A server that is not a member stands for no election and counts in none, but it answers those who ask: it may have
been added or removed without knowing yet. A removed leader steps down once the entry is committed.

References
----------
D. Ongaro, Consensus: bridging theory and practice, PhD thesis, Stanford University 2014, section 4.1 to 4.3,
https://web.stanford.edu/~ouster/cgi-bin/papers/OngaroPhD.pdf. The condition on the leader's own term is from: D.
Ongaro, bug in single-server membership changes, raft-dev mailing list, 10 July 2015. Section 6 of the Raft paper,
https://raft.github.io/raft.pdf, has another way, for any change.
"""

from consensus_lab.model.message import Message
from consensus_lab.protocols.raft.messages import NoOp
from consensus_lab.protocols.raft.raft import Raft


class Members(Message):
    """An entry: from here on these servers are the members."""

    servers: frozenset[int]


class AddServer(Message):
    """Proposed to a leader, as is `RemoveServer`."""

    server: int


class RemoveServer(Message):
    """Proposed to a leader, as is `AddServer`."""

    server: int


class MembershipRaft(Raft):
    """Raft with changes of its members, one at a time; at first the members are the nodes below `initial`."""

    initial = 3

    def propose(self, command):
        match command:
            case AddServer(server):
                self.change(frozenset(self.members()) | {server})
            case RemoveServer(server):
                self.change(frozenset(self.members()) - {server})
            case _:
                super().propose(command)

    def change(self, members):
        """Append an entry with the new members, if a change can begin now."""
        if self.role == "leader" and self.ready() and members and members != set(self.members()):
            self.append(Members(members))

    def ready(self):
        """True if no change is under way, be it one that this leader has not heard of."""
        return self.changed() <= self.commit and self.term_at(self.commit) == self.term

    def lead(self):
        super().lead()
        if self.role == "leader" and self.term_at(self.last()) != self.term:
            self.append(NoOp())  # so that a change can begin

    def campaign(self):
        if self.id in self.members():
            super().campaign()

    def receive(self, sender, message):
        super().receive(sender, message)
        if self.role == "leader" and self.id not in self.members() and self.changed() <= self.commit:
            self.be("follower", None)

    # -- who takes part -------------------------------------------------------------------------------------

    def members(self):
        """The servers of the last such entry in its log, in order; at first the nodes below `initial`."""
        index = self.changed()
        return sorted(self.log[index - 1][1].servers) if index else self.nodes[: self.initial]

    def changed(self):
        """The index of the last entry with members, or 0."""
        entries = enumerate(self.log, 1)
        return max((index for index, (_, entry) in entries if isinstance(entry, Members)), default=0)

    def enough(self, servers):
        members = self.members()
        return len(set(servers) & set(members)) > len(members) // 2
