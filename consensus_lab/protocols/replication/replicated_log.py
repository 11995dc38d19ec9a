"""A replicated log: a row of write-once variables, one synod each. Replay it, and you have the state.

A write-once variable can hold the outcome of one order, and then it is used up. So take one for each step: in slot 1
the servers agree on the first command, in slot 2 on the second, and so on. Whoever wants a command done proposes it
for the first slot of which it does not know the outcome. If another command wins there, it has learned something, and
tries the next slot.

Why it is safe: every slot is a synod of its own, with ballots, promises and votes that have nothing to do with those
of any other; so no two servers know different entries in a slot. That all apply the entries in the order of the
slots makes their states the same: see `replicas`.

The price is two round trips a command, and a duel in every slot that two servers want. `multi_paxos` saves the one and
avoids the other.

References
----------
L. Lamport, The part-time parliament, ACM Transactions on Computer Systems 16 (1998), section 3,
https://doi.org/10.1145/279227.279229. The name of the idea is in F. Schneider, Implementing fault-tolerant services
using the state machine approach, ACM Computing Surveys 22 (1990), https://doi.org/10.1145/98163.98167.
"""

from consensus_lab.model.message import Message
from consensus_lab.protocols.machines import Entry
from consensus_lab.protocols.paxos.synod import NO_BALLOT
from consensus_lab.protocols.replication.clients import Request
from consensus_lab.protocols.replication.replicas import Replica, at, put


class Prepare(Message):
    """Phase 1a of the synod in a slot."""

    slot: int
    ballot: tuple[int, int]

    says = "slot {slot}: will you take part in ballot {ballot}?"


class Promise(Message):
    """Phase 1b; `accepted` is the sender's last vote in that slot, a pair of ballot and entry."""

    slot: int
    ballot: tuple[int, int]
    accepted: tuple | None

    says = "slot {slot}: I promise to ignore all ballots before {ballot}; my last vote: {accepted}"


class Accept(Message):
    """Phase 2a."""

    slot: int
    ballot: tuple[int, int]
    entry: Entry

    says = "slot {slot}: in ballot {ballot}, accept {entry}!"


class Accepted(Message):
    """Phase 2b."""

    slot: int
    ballot: tuple[int, int]

    says = "slot {slot}: I accept it in ballot {ballot}"


class Chosen(Message):
    """For the learners: the entry is chosen in this slot."""

    slot: int
    entry: Entry

    says = "slot {slot}: {entry} is chosen"


class ReplicatedLog(Replica):
    """A synod a slot. Each server runs at most one ballot at a time, for the first slot that it does not know."""

    # acceptor, a slot each
    ballots: tuple = ()  # what it has promised: earlier ballots are ignored
    accepted: tuple = ()  # its last vote: (ballot, entry)
    # proposer
    ballot: tuple[int, int] | None = None  # the ballot it is running
    promises: frozenset = frozenset()  # (acceptor, its last vote)
    proposal: Entry | None = None  # the entry that the ballot asks for, once that is settled
    votes: frozenset = frozenset()  # the acceptors that have accepted it

    durable = (*Replica.durable, "ballots", "accepted")
    patience = 8.0  # how long to wait for a ballot before trying the next

    @property
    def slot(self):
        """The first slot that it does not know."""
        return self.applied + 1

    @property
    def promised(self):
        """The ballot that it has promised in that slot."""
        return at(self.ballots, self.slot) or NO_BALLOT

    def pursue(self):
        if self.ballot is None:
            self.begin()

    def timeout(self, name):
        self.begin()

    def begin(self):
        """Try for the first unknown slot, with a ballot above all that it has promised there."""
        round, _ = self.promised
        ballot = round + 1, self.id
        self.enter(ballot)
        self.set_timer("retry", after=self.patience + self.id)  # not all at once
        self.broadcast(Prepare(self.slot, ballot))

    def enter(self, ballot):
        """Run another ballot, or none, and forget what belonged to the one before."""
        self.ballot, self.promises, self.proposal, self.votes = ballot, frozenset(), None, frozenset()

    def receive(self, sender, message):
        match message:
            case Request(serial, command):
                self.want(Entry(sender, serial, command))
            case Prepare(slot) if at(self.log, slot):
                self.send(sender, Chosen(slot, at(self.log, slot)))
            case Prepare(slot, ballot) if ballot > (at(self.ballots, slot) or NO_BALLOT):
                self.ballots = put(self.ballots, slot, ballot)
                self.send(sender, Promise(slot, ballot, at(self.accepted, slot)))
            case Promise(slot, ballot, accepted) if (slot, ballot) == (self.slot, self.ballot) and not self.proposal:
                self.promises |= {(sender, accepted)}
                if len({acceptor for acceptor, _ in self.promises}) >= self.majority:
                    entry = self.pick()
                    self.proposal, self.promises = entry, frozenset()
                    self.broadcast(Accept(slot, ballot, entry))
            case Accept(slot, ballot, entry) if ballot >= (at(self.ballots, slot) or NO_BALLOT):
                self.ballots = put(self.ballots, slot, ballot)
                self.accepted = put(self.accepted, slot, (ballot, entry))
                self.send(sender, Accepted(slot, ballot))
            case Accepted(slot, ballot) if (slot, ballot) == (self.slot, self.ballot) and self.proposal:
                self.votes |= {sender}
                if len(self.votes) >= self.majority:
                    self.broadcast(Chosen(slot, self.proposal))
            case Chosen(slot, entry):
                before = self.slot
                self.learn(slot, entry)
                if self.slot > before:
                    self.carry_on()

    def pick(self):
        """The entry of the latest vote; the first wish only where nobody has voted."""
        voted = [accepted for _, accepted in self.promises if accepted]
        return max(voted)[1] if voted else self.wishes[0]

    def carry_on(self):
        """The slot it was working on is settled."""
        self.enter(None)
        self.clear_timer("retry")
        if self.wishes:
            self.begin()
