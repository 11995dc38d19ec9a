"""Multi-Paxos: a replicated log whose leader prepares once, for all slots at the same time.

In `replicated_log`, every slot has both phases of the synod. But phase 1 does not say what the ballot is going to ask
for. So one Prepare can stand for the phase 1 of all slots, those included that nobody has thought of yet; and whoever
has the promises of a majority can go straight to phase 2, slot after slot, for as long as nobody outbids it. That is
the leader: its commands cost one round trip.

1. (Taking office) A server that does not get its wish asks all to prepare for a ballot of its own. A promise tells the
   votes of all slots from the first that the candidate does not know. With the promises of a majority it is the leader.
   Where somebody has voted, it asks for the entry of the latest vote; in the gaps between such slots it asks for
   an entry that does nothing, as no later slot can be applied before them.
2. (Normal operation) Servers pass what they are asked on to the leader. It gives each entry the next free slot and asks
   all to accept it there, without waiting for the slots before. An entry that a majority has accepted is chosen; the
   leader says so to all.
3. (Catching up) A server that knows of a gap in its log asks for what is missing. Of every `keep` slots that have been
   applied, all that is kept is the machine's state: a snapshot, which goes to those who lack the slots before it.

Why it is safe: each slot is a synod. A ballot has one value a slot, and it is one that the votes which the promises
told of allow. That two servers take themselves for the leader does no harm: the later ballot makes the other's
phase 2 fail. A snapshot stands for chosen entries alone.

What the papers leave to the reader, and what this one does about it
-------------------------------------------------------------------
"Paxos made simple" gives all of this one section, 3. "Paxos made live" and "Paxos made moderately complex" tell what
building it takes.

- Who leads, and when to replace it. Here: whoever misses a wish for too long tries. No heartbeats; no leases.
- What stops two candidates from outbidding each other. Here: their patience differs.
- How servers and clients find the leader. Here: it is the owner of the latest ballot that a server has promised.
- What to do with a command that may or may not have been chosen when its leader crashed. Here: it is proposed again,
  and clients number their commands, so that the machine does it once.
- How a server learns what it has missed, and when. Here: it asks, when it sees a gap.
- How far the leader may run ahead of the last slot without a gap. Here: without limit.
- When to take snapshots, how to take one while commands go on, and how to send a large one. Here: it is one message.
- Reads that are neither stale nor cost a slot each. Here they cost a slot; see `multi_paxos_reads`.
- Many commands in one message, and in one write to disk. Not here.
- How servers join and leave. Not here. (Lamport: let the log say who the servers are, some slots ahead.)
- Disks that lose or damage what was written to them. Not here: here disks keep promises.
- How to test it. Here: every schedule of a few nodes, and many seeds with faults.

References
----------
L. Lamport, Paxos made simple, ACM SIGACT News 32 (2001), section 3,
https://lamport.azurewebsites.net/pubs/paxos-simple.pdf. T. Chandra, R. Griesemer, J. Redstone, Paxos made live: an
engineering perspective, PODC 2007, section 5, https://doi.org/10.1145/1281100.1281103. R. van Renesse,
D. Altinbuken, Paxos made moderately complex, ACM Computing Surveys 47 (2015), sections 2 to 4,
https://doi.org/10.1145/2673577.
"""

from consensus_lab.protocols.machines import Entry
from consensus_lab.protocols.paxos.synod import NO_BALLOT
from consensus_lab.protocols.replication.clients import Request
from consensus_lab.protocols.replication.multi_paxos_messages import (
    Accept,
    Accepted,
    Chosen,
    Forward,
    Missing,
    Prepare,
    Promise,
    Snapshot,
)
from consensus_lab.protocols.replication.replicas import NoOp, Replica, at, put

NO_SNAPSHOT = (0, None, None)


class MultiPaxos(Replica):
    """One leader at a time, prepared for all slots. The log goes on after the snapshot."""

    # acceptor
    promised: tuple[int, int] = NO_BALLOT  # earlier ballots are ignored, in every slot
    accepted: tuple = ()  # for each slot its last vote: (ballot, entry)
    # candidate and leader
    ballot: tuple[int, int] | None = None  # the ballot it is running
    promises: tuple = ()  # the acceptors that have promised, and their votes: (acceptor, votes)
    leads: bool = False  # a majority has promised
    next: int = 0  # the first slot that it has asked nothing for
    acks: frozenset = frozenset()  # (slot, acceptor) of what is accepted, and not yet chosen
    # learner
    snapshot: tuple = NO_SNAPSHOT  # (slot, state after it, first command): no more is kept of the slots up to it

    durable = (*Replica.durable, "promised", "accepted", "snapshot")
    patience = 10.0  # how long to wait for a wish before taking office
    keep = 50  # slots between snapshots

    # -- taking office --------------------------------------------------------------------------------------

    def pursue(self):
        self.set_timer("retry", after=self.patience * (1 + self.nodes[-1] - self.id))
        if self.leads:
            self.ask_for(self.wishes[-1])
        elif self.ballot is None:
            self.hand_over(self.wishes[-1:])

    def hand_over(self, wishes):
        """Whoever leads now is to get these into the log."""
        if self.leader is None:
            self.begin()
        else:
            for entry in wishes:
                self.send(self.leader, Forward(entry))

    @property
    def leader(self):
        """The server that it takes for the leader, the owner of the latest ballot; None if there is no other."""
        round, owner = self.promised
        return owner if round and owner != self.id else None

    def timeout(self, name):
        if name == "gap":
            self.broadcast(Missing(self.applied))
        else:
            self.begin()

    def begin(self):
        """Try to take office, with a ballot above all that it has promised."""
        round, _ = self.promised
        ballot = round + 1, self.id
        self.enter(ballot)
        self.set_timer("retry", after=self.patience * (1 + self.nodes[-1] - self.id))
        self.broadcast(Prepare(ballot, self.applied))

    def enter(self, ballot):
        """Run another ballot, or none, and forget what belonged to the one before."""
        self.ballot, self.promises, self.leads, self.acks = ballot, (), False, frozenset()

    def lead(self):
        """A majority has promised: settle what others have begun, then the own wishes."""
        votes = [vote for _, votes in self.promises for vote in votes if vote[0] > self.applied]
        self.promises, self.leads = (), True
        latest = {slot: entry for slot, _, entry in sorted(votes, key=lambda vote: vote[:2])}
        self.next = self.applied + 1
        for slot in range(self.next, max(latest, default=self.applied) + 1):
            self.ask_for(latest.get(slot, NoOp()))
        for entry in self.wishes:
            if entry not in latest.values():
                self.ask_for(entry)

    # -- phase by phase -------------------------------------------------------------------------------------

    def ask_for(self, entry):
        """As the leader, ask all to accept an entry in the next free slot."""
        assert self.ballot is not None  # a leader has one
        self.next += 1
        self.broadcast(Accept(self.ballot, self.next - 1, entry))

    def receive(self, sender, message):
        match message:
            case Request(serial, command):
                self.want(Entry(sender, serial, command))
            case Forward(entry):
                self.want(entry)
            case Prepare(ballot, after) if ballot > self.promised:
                self.follow(ballot)
                snapshot = self.snapshot if self.base > after else NO_SNAPSHOT
                self.send(sender, Promise(ballot, snapshot, self.votes_after(after)))
            case Promise(ballot, snapshot, votes) if ballot == self.ballot and not self.leads:
                self.install(*snapshot)
                if sender not in dict(self.promises):
                    self.promises += ((sender, votes),)
                if len(self.promises) >= self.majority:
                    self.lead()
            case Accept(ballot, slot, entry) if ballot >= self.promised:
                self.follow(ballot)
                if slot > self.base:
                    self.accepted = put(self.accepted, slot - self.base, (ballot, entry))
                self.send(sender, Accepted(ballot, slot))
            case Accepted(ballot, slot) if ballot == self.ballot and not self.chosen(slot):
                self.acks |= {(slot, sender)}
                if sum(number == slot for number, _ in self.acks) >= self.majority:
                    self.acks = frozenset(ack for ack in self.acks if ack[0] != slot)
                    self.broadcast(Chosen(slot, at(self.accepted, slot - self.base)[1]))
            case Chosen(slot, entry):
                self.learn(slot, entry)
            case Missing(after) if sender != self.id:
                if after < self.base:
                    self.send(sender, Snapshot(*self.snapshot))
                for slot, entry in enumerate(self.log, self.base + 1):
                    if slot > after and entry:
                        self.send(sender, Chosen(slot, entry))
            case Snapshot(slot, state, first):
                self.install(slot, state, first)

    def follow(self, ballot):
        """Promise to ignore all earlier ballots, the own one among them."""
        if self.ballot and ballot > self.ballot:
            self.enter(None)
        if ballot > self.promised:
            self.promised = ballot
            if self.leader is not None:
                self.hand_over(self.wishes)

    def votes_after(self, after):
        """What it has voted for in the slots after this one: a tuple of (slot, ballot, entry)."""
        votes = enumerate(self.accepted, self.base + 1)
        return tuple((slot, *vote) for slot, vote in votes if vote and slot > after)

    # -- the log, from the snapshot on ----------------------------------------------------------------------

    @property
    def base(self):
        """The last slot that the snapshot stands for; 0 where there is none."""
        return self.snapshot[0]

    def chosen(self, slot):
        """The entry that is known to be chosen in this slot; True if it is in the snapshot."""
        return slot <= self.base or at(self.log, slot - self.base)

    def restart(self):
        if self.base:
            self.applied, self.state, first = self.snapshot
            self.decide(first)
        self.apply()

    def learn(self, slot, entry):
        if slot > self.base:
            self.log = put(self.log, slot - self.base, entry)
            self.apply()

    def apply(self):
        while entry := at(self.log, self.applied + 1 - self.base):
            self.applied += 1
            self.execute(entry)
        if self.applied - self.base >= self.keep:
            self.cut(self.applied, self.state, self.decided)
        if self.applied < self.base + len(self.log):
            self.set_timer("gap", after=self.patience)
        else:
            self.clear_timer("gap")
        self.settle()
        if not self.wishes:
            self.clear_timer("retry")

    def install(self, slot, state, first):
        """Take over the state of another that is further on."""
        if slot > self.applied:
            self.cut(slot, state, first)
            self.restart()

    def cut(self, slot, state, first):
        """Keep the state in place of the log up to this slot."""
        self.log, self.accepted = self.log[slot - self.base :], self.accepted[slot - self.base :]
        self.snapshot = slot, state, first

    @staticmethod
    def committed(fields):
        """{slot: entry} of all that is known to be chosen and still kept, from the fields of a node."""
        base = fields["snapshot"][0]
        return {slot: entry for slot, entry in enumerate(fields["log"], base + 1) if entry is not None}
