"""The synod: single-decree Paxos, consensus that is safe whatever the network does and whoever crashes.

Every node plays all three roles. As a proposer it runs ballots for the value that its client wants; as an acceptor it
votes in the ballots of others and its own; as a learner it hears what was decided. A ballot is a pair (round, node):
pairs are ordered, and no two nodes have one in common. Each ballot has two phases, named as in section 2.2 of "Paxos
Made Simple":

1. (a) The proposer asks the acceptors to prepare for its ballot. (b) An acceptor that has promised no later ballot
   promises to ignore all earlier ones, and tells in which ballot it voted last, and for what.
2. (a) When a majority has promised, the proposer asks the acceptors to accept a value: of all the votes it was told
   of, the one of the latest ballot; only if there is none, the value of its own client. (b) An acceptor that has
   promised no later ballot accepts.

A value that a majority has accepted in one ballot is chosen. The proposer hears of it first, and tells everybody.

Why it is safe: suppose that v is chosen in ballot b, by a majority Q, and look at the first later ballot that asks
for anything. Its proposer has promises from a majority, which shares a node with Q. That node voted in b before it
promised, or it would have refused b; so it told of a vote in b. No ballot between b and this one has asked for
anything, so this vote is the latest that the proposer is told of, and it asks for v. The same goes for the next
ballot, and so for all of them: no other value can be chosen after v.

What a node promised and accepted has to outlive a crash. The proposer's part need not: a new ballot is above all that
its own node has promised, its earlier ballots among them.

Nothing forces a decision. Two proposers can outbid each other for as long as they like, which is what Fischer, Lynch
and Paterson proved somebody can always do to a protocol that is safe and takes a crash.

References
----------
L. Lamport, The part-time parliament, ACM Transactions on Computer Systems 16 (1998), section 2,
https://doi.org/10.1145/279227.279229. L. Lamport, Paxos made simple, ACM SIGACT News 32 (2001), section 2,
https://lamport.azurewebsites.net/pubs/paxos-simple.pdf.
"""

from functools import cache

from consensus_lab.model.node import Message, Node

# `begin` sends the ballot that `enter` has just set; the book shows it so, and a type checker cannot know.
# pyright: reportArgumentType=false

NO_BALLOT = (0, 0)  # before all ballots: rounds count from 1


class Prepare(Message):
    """Phase 1a."""

    ballot: tuple[int, int]

    says = "will you take part in ballot {ballot}?"


class Promise(Message):
    """Phase 1b; `accepted` is the sender's last vote, a pair of ballot and value."""

    ballot: tuple[int, int]
    accepted: tuple | None

    says = "I promise to ignore all ballots before {ballot}; my last vote: {accepted}"


class Accept(Message):
    """Phase 2a."""

    ballot: tuple[int, int]
    value: object

    says = "in ballot {ballot}, accept {value}!"


class Accepted(Message):
    """Phase 2b."""

    ballot: tuple[int, int]

    says = "I accept it in ballot {ballot}"


class Decided(Message):
    """For the learners."""

    value: object

    says = "{value} is decided"


class Synod(Node):
    """Ballot by ballot, each asking a majority twice; a later one takes over what an earlier one may have chosen."""

    # acceptor
    promised: tuple[int, int] = NO_BALLOT  # earlier ballots are ignored
    accepted: tuple | None = None  # the last vote: (ballot, value)
    # proposer
    wish: object = None  # what the client wants
    ballot: tuple[int, int] | None = None  # the ballot it is running
    promises: frozenset = frozenset()  # (acceptor, its last vote)
    proposal: object = None  # the value that the ballot asks for, once that is settled
    votes: frozenset = frozenset()  # the acceptors that have accepted it

    durable = ("promised", "accepted")
    patience = 6.0  # how long to wait for a ballot before trying the next

    def propose(self, value):
        if self.wish is None and self.decided is None:
            self.wish = value
            self.begin()

    def timeout(self, name):
        self.begin()

    def begin(self):
        round, _ = self.promised
        self.enter((round + 1, self.id))
        self.set_timer("retry", after=self.patience)
        self.broadcast(Prepare(self.ballot))

    def enter(self, ballot):
        self.ballot, self.promises, self.proposal, self.votes = ballot, frozenset(), None, frozenset()

    def receive(self, sender, message):
        match message:
            case Prepare(ballot) if ballot > self.promised:
                self.promised = ballot
                self.send(sender, Promise(ballot, self.accepted))
            case Promise(ballot, accepted) if ballot == self.ballot and self.proposal is None:
                self.promises |= {(sender, accepted)}
                if self.prepared():
                    self.proposal, self.promises = self.pick(), frozenset()
                    self.broadcast(Accept(ballot, self.proposal))
            case Accept(ballot, value) if ballot >= self.promised:
                self.promised, self.accepted = ballot, (ballot, value)
                self.send(sender, Accepted(ballot))
            case Accepted(ballot) if ballot == self.ballot and self.proposal is not None:
                self.votes |= {sender}
                if self.chosen():
                    self.broadcast(Decided(self.proposal))
            case Decided(value):
                self.enter(None)
                self.clear_timer("retry")
                self.decide(value)

    def prepared(self):
        return len({acceptor for acceptor, _ in self.promises}) >= self.majority

    def pick(self):
        """The value of the latest vote; the client's only where nobody has voted."""
        voted = [accepted for _, accepted in self.promises if accepted]
        return max(voted)[1] if voted else self.wish

    def chosen(self):
        return len(self.votes) >= self.majority


@cache
def within(protocol, rounds):
    """The same protocol with ballots of the first `rounds` rounds only, so that its schedules come to an end.

    It is for searching every schedule: as a node has one ballot a round, two rounds are two ballots each.

    Parameters
    ----------
    protocol : Synod class
        Any class with a `begin` that goes on to the round after `promised`.
    rounds : int
        How many rounds there are, from 1 on.

    Returns
    -------
    Node class
        A subclass of `protocol`, always the same one for the same arguments.
    """

    class Within(protocol):
        __doc__ = f"{protocol.__name__}, with ballots of the first {rounds} rounds only."

        def begin(self):
            round, _ = self.promised
            if round < rounds:
                super().begin()

    Within.__name__ = Within.__qualname__ = f"{protocol.__name__}Within{rounds}"
    return Within
