"""Raft: a replicated log with one leader at a time. Read it beside Figure 2 of the paper.

Time is divided into terms. A term begins with an election, and has one leader at most. Only the leader takes in
commands: it appends them to its log and sends them to all others. An entry is committed once a majority has it; every
server applies the committed entries, in order, to its state machine. So all machines go through the same states.

1. (Election) A follower that has not heard from a leader for its election timeout becomes a candidate: it enters the
   next term, votes for itself, and asks all others for their votes. A server votes once a term, for the first that
   asks, and only for a candidate whose log is at least as up-to-date as its own. A majority of votes makes a leader.
2. (Replication) The leader sends what follows the entry that it takes to be the follower's last. A follower that does
   not have that entry refuses, and the leader tries further back, until the two logs meet. From there on the
   follower's log becomes the leader's.
3. (Commit) A leader counts replicas only of entries of its own term. What comes before such an entry is committed with
   it. If it has older entries of which it does not know this, it begins its term with an entry that does nothing.

Why it is safe: suppose that the leader of term T commits an entry, and look at the first later leader that does not
have it. The entry was on a majority, and the new leader had votes from a majority, so some voter had it: it took the
entry before it voted, or it would have refused a leader of an older term. It kept it up to then, since every leader
in between had it too. It found the candidate's log up-to-date. If the last terms of both logs are equal, the
candidate's log is at least as long and, as one leader made both, has all the voter has. If the candidate's last term
is later, the leader of that term had the entry, and so has every log that an entry of this leader was appended to.
Either way the candidate has it after all (section 5.4.3). The argument needs the last entry on the majority to be of
term T: an older one may be on a majority and still be overwritten, as Figure 8 shows.

Nothing forces a leader: candidates can split the vote for ever. Random timeouts make that unlikely.

The messages are in `raft_messages`; `raft_service` has the state machine, and what it takes to answer clients.

References
----------
D. Ongaro, J. Ousterhout, In search of an understandable consensus algorithm (extended version), USENIX ATC 2014,
sections 5 and 8, https://raft.github.io/raft.pdf.
"""

from functools import cache

from consensus_lab.protocols.machines import Entry
from consensus_lab.protocols.raft.messages import Appended, AppendEntries, Forward, InTerm, NoOp, RequestVote, Vote
from consensus_lab.protocols.raft.service import Service
from consensus_lab.protocols.replication.clients import Request


class Raft(Service):
    """Elect a leader for a term. What it brings to the logs of a majority is committed, and applied in order."""

    # persistent state on all servers, with the `log` and the `serial` of `Service`
    term: int = 0  # the latest that it has seen
    voted: int | None = None  # the candidate that has its vote in this term
    # volatile state of all servers, with `commit` and `applied`
    patience: float = 10.0  # the election timeout
    # of candidates
    votes: frozenset = frozenset()  # the servers that have voted for it
    # of leaders
    next: tuple = ()  # for each server the index of the next entry to send to it
    match: tuple = ()  # for each server the highest index up to which its log is known to be the same

    durable = ("term", "voted", "log", "serial")
    timeouts = (10.0, 12.0, 14.0, 16.0, 18.0, 20.0)  # election timeouts; a message takes about 1
    heartbeat = 3.0
    batch = 100  # entries in one message

    def start(self):
        self.patience = self.timeouts[self.id % len(self.timeouts)]  # dealt out: a start tosses no coin
        self.wait()

    def restart(self):
        self.patience = self.choose(self.timeouts)
        self.wait()

    def timeout(self, name):
        match name:
            case "election":
                self.campaign()
            case "heartbeat":
                self.beat()

    def receive(self, sender, message):
        if isinstance(message, InTerm) and message.term > self.term:
            self.enter(message.term)
        match message:
            case RequestVote(term, last_index, last_term):
                free = term == self.term and self.voted in (None, sender)
                granted = free and self.up_to_date(last_term, last_index)
                if granted:
                    self.voted = sender
                    self.wait()
                self.send(sender, Vote(self.term, granted))
            case Vote(term, True) if term == self.term and self.role == "candidate":
                self.votes |= {sender}
                self.count()
            case AppendEntries(term) if term < self.term:
                self.send(sender, Appended(self.term, False, 0))
            case AppendEntries(term, prev_index, prev_term, entries, commit):
                self.be("follower", sender)
                self.wait()
                if self.has(prev_index, prev_term):
                    last_new = prev_index + len(entries)
                    self.store(prev_index, entries)
                    self.learn(min(commit, last_new))
                    self.send(sender, Appended(term, True, last_new))
                else:
                    self.send(sender, Appended(term, False, min(prev_index, self.last() + 1)))
                self.ask()
            case Appended(term, True, index) if self.leads(term) and index > self.match[sender]:
                self.match, self.next = put(self.match, sender, index), put(self.next, sender, index + 1)
                self.advance()
                if index < self.last():
                    self.replicate(sender)
            case Appended(term, False, index) if self.leads(term):
                self.next = put(self.next, sender, max(index, self.match[sender] + 1))
                self.replicate(sender)
            case Request(serial, command):
                self.submit(Entry(sender, serial, command))
            case Forward(entry) if self.role == "leader":
                self.submit(entry)

    # -- elections (sections 5.2 and 5.4.1) -----------------------------------------------------------------

    def wait(self):
        """Give the leader, or a candidate, one election timeout more."""
        self.set_timer("election", after=self.patience)

    def be(self, role, leader):
        """Take a role under a leader (a server's number, or None), and forget what belonged to the role before."""
        self.role, self.leader = role, leader
        self.votes, self.next, self.match = frozenset(), (), ()
        self.clear_timer("heartbeat")

    def enter(self, term):
        """A later term: no vote is cast in it yet, and nobody known to lead it."""
        if self.role == "leader":
            self.wait()
        self.term, self.voted = term, None
        self.be("follower", None)

    def campaign(self):
        """Stand for election in the next term."""
        self.enter(self.term + 1)
        self.role, self.voted, self.votes = "candidate", self.id, frozenset({self.id})
        self.patience = self.choose(self.timeouts)
        self.wait()
        for to in self.others():
            self.send(to, RequestVote(self.term, self.last(), self.term_at(self.last())))
        self.count()

    def up_to_date(self, last_term, last_index):
        """True if a log that ends so is at least as up-to-date as this one."""
        return (last_term, last_index) >= (self.term_at(self.last()), self.last())

    def count(self):
        """Lead, once enough servers have voted for it."""
        if self.enough(self.votes):
            self.lead()

    def enough(self, servers):
        """True if these servers are a majority."""
        return len(servers) > len(self.members()) // 2

    def leads(self, term):
        """True if it is the leader of this term."""
        return term == self.term and self.role == "leader"

    def lead(self):
        """Take office: nothing is known of the others' logs, so ask all with a heartbeat."""
        self.be("leader", self.id)
        self.clear_timer("election")
        self.next = tuple(self.last() + 1 for _ in self.nodes)
        self.match = tuple(0 for _ in self.nodes)
        self.beat()
        if self.commit < self.last():
            self.append(NoOp())
        self.ask()

    # -- replication (sections 5.3 and 5.4.2) ---------------------------------------------------------------

    def beat(self):
        """Send every other server what it lacks, or else a heartbeat."""
        self.set_timer("heartbeat", after=self.heartbeat)
        for to in self.others():
            self.replicate(to)

    def replicate(self, to):
        """Send one server the entries from its `next` on, at most `batch` of them."""
        prev = self.next[to] - 1
        entries = self.after(prev)[: self.batch]
        self.send(to, AppendEntries(self.term, prev, self.term_at(prev), entries, self.commit))

    def append(self, entry):
        """Take in a command. It goes at once to who has had all before it, and to others when they have."""
        self.log += ((self.term, entry),)
        for to in self.others():
            if self.next[to] == self.last():
                self.replicate(to)
        self.advance()

    def store(self, prev_index, entries):
        """Take over the entries after `prev_index`; where one differs, drop it and all that follow."""
        for index, (term, entry) in enumerate(entries, prev_index + 1):
            if not self.has(index, term):
                self.cut(index)
                self.log += ((term, entry),)

    def advance(self):
        """Commit what can be."""
        for index in range(self.last(), self.commit, -1):
            if self.settled(index):
                self.learn(index)
                break

    def settled(self, index):
        """True if the entry can be committed: a majority has it, and it is of this term (section 5.4.2)."""
        return self.enough(self.replicas(index)) and self.term_at(index) == self.term

    def replicas(self, index):
        """The servers that are known to have the entry."""
        return [to for to in self.members() if to == self.id or self.match[to] >= index]


def put(values, place, value):
    """The tuple with another value at a place."""
    return (*values[:place], value, *values[place + 1 :])


@cache
def within(protocol, *candidates):
    """The same protocol with few elections, so that its schedules come to an end, and one can search them all.

    The schedules are those in which a vote that is refused gets lost: all that it can tell is of a later term, and so
    do others.

    Parameters
    ----------
    protocol : Raft class
        The servers.
    *candidates : frozenset of int
        The nodes that may stand for election in term 1, in term 2, and so on; in later terms nobody may.

    Returns
    -------
    Node class
        A subclass of `protocol`, always the same one for the same arguments.
    """

    class Within(protocol):
        timeouts = protocol.timeouts[:1]

        def wait(self):
            super().wait()
            if not any(self.id in nodes for nodes in candidates[self.term :]):
                self.clear_timer("election")

        def campaign(self):
            if self.term < len(candidates) and self.id in candidates[self.term]:
                super().campaign()

        def send(self, to, message):
            if message != Vote(self.term, False):
                super().send(to, message)

    Within.__doc__ = f"{protocol.__name__}, with the elections of {len(candidates)} terms only."
    Within.__name__ = Within.__qualname__ = f"{protocol.__name__}Within{len(candidates)}"
    return Within
