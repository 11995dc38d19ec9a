"""A replicated register without a log: CASPaxos, the synod with a change in place of a value.

A write-once variable is used up when it is written. A log makes a machine out of many of them, and then has to be cut,
copied and led. If all that is wanted is one variable that may change, the synod itself will do, with one step more:
between the two phases, the proposer *changes* the value that it found.

1. (Prepare) as in the synod: a majority promises, and tells of its last votes.
2. (Change) The proposer takes the value of the latest vote, or the initial one, and applies its client's command.
3. (Accept) It asks to accept the result, as in the synod. When a majority has accepted, the change has happened.

A command is data: Read, Write and CompareAndSet of `machines.Register`, or those of any other deterministic machine.
A read takes both phases too. What it found may be on a minority, and who answers with it has to see to it that nobody
finds less later.

Why it is safe: suppose that a majority has accepted state s in ballot b. The proposer of the next ballot that gets
promises from a majority hears of s from one of them at least, and nothing later. So it asks for a change of s; every
chosen state is made from the one chosen before it, and the changes form one line. The order of that line is the order
of the chosen ballots, and a command that begins after another is done has a later ballot.

What a proposer cannot know is whether its change has happened when its ballot failed: a later one may have built on
it. If it just tried again, a command might be done twice. So the state has the clients' sessions in it, and a change
that has been made is not made again: see `machines.ExactlyOnce`. (The paper leaves this to the client.)

Each key of a map can be a register of its own, which knows of no other: no leader, no log, no snapshots, and no order
between keys. Apache Cassandra's lightweight transactions (`INSERT ... IF NOT EXISTS`, `UPDATE ... IF`) are made like
this: a synod for each partition, whose proposer reads, checks the condition and proposes the update. In their first
form they take four round trips: prepare, read, propose, commit.

References
----------
D. Rystsov, CASPaxos: replicated state machines without logs (2018), sections 2 and 3,
https://arxiv.org/abs/1802.07000. On Cassandra: DataStax, Lightweight transactions,
https://docs.datastax.com/en/hyper-converged-database/1.2/architecture/database-internals/lightweight-transactions.html.
"""

from consensus_lab.model.message import Message
from consensus_lab.protocols import machines
from consensus_lab.protocols.machines import Entry, ExactlyOnce
from consensus_lab.protocols.paxos.synod import NO_BALLOT, Accepted, Prepare
from consensus_lab.protocols.replication.clients import Request
from consensus_lab.protocols.replication.replicas import Server


class Promise(Message):
    """Phase 1b; `accepted` is the sender's last vote: (ballot, (state, first command)), or None."""

    ballot: tuple[int, int]
    accepted: tuple | None

    says = "I promise to ignore all ballots before {ballot}; my last vote: {accepted}"


class Accept(Message):
    """Phase 2a."""

    ballot: tuple[int, int]
    value: tuple

    says = "in ballot {ballot}, accept {value}!"


class First(Message):
    """For the other servers, whose only news this is: the command that was the first of all."""

    command: object

    says = "{command} was the first"


class Register(Server):
    """Ballot by ballot, each takes over what an earlier one may have chosen, and changes it."""

    # acceptor
    promised: tuple[int, int] = NO_BALLOT  # earlier ballots are ignored
    accepted: tuple | None = None  # the last vote: (ballot, (state, first command))
    # proposer
    ballot: tuple[int, int] | None = None  # the ballot it is running
    promises: frozenset = frozenset()  # (acceptor, its last vote)
    proposal: tuple | None = None  # what the ballot asks for, once that is settled: (state, first command)
    votes: frozenset = frozenset()  # the acceptors that have accepted it

    durable = (*Server.durable, "promised", "accepted")
    machine = machines.Register()
    patience = 6.0  # how long to wait for a ballot before trying the next

    def pursue(self):
        if self.ballot is None:
            self.begin()

    def timeout(self, name):
        self.begin()

    def begin(self):
        """Try with a ballot above all that it has promised."""
        round, _ = self.promised
        ballot = round + 1, self.id
        self.enter(ballot)
        self.set_timer("retry", after=self.patience + self.id)  # not all at once
        self.broadcast(Prepare(ballot))

    def enter(self, ballot):
        """Run another ballot, or none, and forget what belonged to the one before."""
        self.ballot, self.promises, self.proposal, self.votes = ballot, frozenset(), None, frozenset()

    def receive(self, sender, message):
        match message:
            case Request(serial, command):
                self.want(Entry(sender, serial, command))
            case Prepare(ballot) if ballot > self.promised:
                self.promised = ballot
                self.send(sender, Promise(ballot, self.accepted))
            case Promise(ballot, accepted) if ballot == self.ballot and self.proposal is None:
                self.promises |= {(sender, accepted)}
                if len({acceptor for acceptor, _ in self.promises}) >= self.majority:
                    self.proposal, self.promises = self.change(*self.pick()), frozenset()
                    self.broadcast(Accept(ballot, self.proposal))
            case Accept(ballot, value) if ballot >= self.promised:
                self.promised, self.accepted = ballot, (ballot, value)
                self.send(sender, Accepted(ballot))
            case Accepted(ballot) if ballot == self.ballot and self.proposal is not None:
                self.votes |= {sender}
                if len(self.votes) >= self.majority:
                    self.carry_on(*self.proposal)
            case First(command):
                self.decide(command)

    def pick(self):
        """What the latest vote was for; the initial state where nobody has voted."""
        voted = [accepted for _, accepted in self.promises if accepted]
        if voted:
            return max(voted, key=lambda accepted: accepted[0])[1]
        return ExactlyOnce(self.machine).initial, None

    def change(self, state, first):
        """The state after the first wish, and the command that was the first of all."""
        entry = self.wishes[0]
        state, _ = ExactlyOnce(self.machine).apply(state, entry)
        return state, entry.command if first is None else first

    def carry_on(self, state, first):
        """The change has happened."""
        self.state = state
        if self.decided is None:
            self.broadcast(First(first))
        self.enter(None)
        self.clear_timer("retry")
        self.settle()
        if self.wishes and self.ballot is None:
            self.begin()
