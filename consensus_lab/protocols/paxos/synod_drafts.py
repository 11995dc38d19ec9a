"""The drafts of the synod: each mends the one before, and the last of them is `Synod`.

They are written out in full, in one layout, and say the same things again and again. That is the point: what a draft
has over the one before is then a diff of a few lines, and the book shows it.
`consensus_lab.experiments.synod_derivation` has them in order, with what comes of each.
"""

from consensus_lab.model.node import Message, Node
from consensus_lab.protocols.paxos.synod import NO_BALLOT, Accept, Accepted, Decided, Prepare, Promise

# `begin` sends the ballot that `enter` has just set; the book shows it so, and a type checker cannot know.
# pyright: reportArgumentType=false


class LastVote(Message):
    """What an acceptor answers that is asked and promises nothing."""

    ballot: tuple[int, int]
    accepted: tuple | None

    says = "for your ballot {ballot}: my last vote is {accepted}"


class OneRound(Node):
    """A round has one candidate: a node votes for it or not at all, and it votes in one round."""

    # acceptor
    voted: tuple[int, int] = NO_BALLOT  # the last ballot it voted in
    # proposer
    wish: object = None  # what the client wants
    ballot: tuple[int, int] = NO_BALLOT  # the ballot it is running
    votes: frozenset = frozenset()  # the acceptors that voted in it

    def propose(self, value):
        if self.wish is None and self.decided is None:
            self.wish = value
            self.begin()

    def begin(self):
        round, _ = self.ballot
        self.ballot, self.votes = (round + 1, self.id), frozenset()
        self.broadcast(Accept(self.ballot, self.wish))

    def receive(self, sender, message):
        match message:
            case Accept(ballot, value) if self.voted == NO_BALLOT:
                self.voted = ballot
                self.send(sender, Accepted(ballot))
            case Accepted(ballot) if ballot == self.ballot:
                self.votes |= {sender}
                if self.chosen():
                    self.broadcast(Decided(self.wish))
            case Decided(value):
                self.decide(value)

    def chosen(self):
        return len(self.votes) >= self.majority


class ManyRounds(Node):
    """Where a round stays undecided another may follow: a node votes in every round later than its last."""

    # acceptor
    voted: tuple[int, int] = NO_BALLOT  # the last ballot it voted in
    # proposer
    wish: object = None  # what the client wants
    ballot: tuple[int, int] = NO_BALLOT  # the ballot it is running
    votes: frozenset = frozenset()  # the acceptors that voted in it

    patience = 6.0  # how long to wait for a ballot before trying the next

    def propose(self, value):
        if self.wish is None and self.decided is None:
            self.wish = value
            self.begin()

    def timeout(self, name):
        self.begin()

    def begin(self):
        round, _ = self.ballot
        self.ballot, self.votes = (round + 1, self.id), frozenset()
        self.set_timer("retry", after=self.patience)
        self.broadcast(Accept(self.ballot, self.wish))

    def receive(self, sender, message):
        match message:
            case Accept(ballot, value) if ballot > self.voted:
                self.voted = ballot
                self.send(sender, Accepted(ballot))
            case Accepted(ballot) if ballot == self.ballot:
                self.votes |= {sender}
                if self.chosen():
                    self.broadcast(Decided(self.wish))
            case Decided(value):
                self.clear_timer("retry")
                self.decide(value)

    def chosen(self):
        return len(self.votes) >= self.majority


class AskFirst(Node):
    """A proposer first asks a majority how they have voted, and adopts the value of the latest vote."""

    # acceptor
    voted: tuple[int, int] = NO_BALLOT  # the last ballot it voted in
    accepted: tuple | None = None  # the last vote: (ballot, value)
    # proposer
    wish: object = None  # what the client wants
    ballot: tuple[int, int] = NO_BALLOT  # the ballot it is running
    answers: frozenset = frozenset()  # (acceptor, its last vote)
    proposal: object = None  # the value that the ballot asks for, once that is settled
    votes: frozenset = frozenset()  # the acceptors that have accepted it

    patience = 6.0  # how long to wait for a ballot before trying the next

    def propose(self, value):
        if self.wish is None and self.decided is None:
            self.wish = value
            self.begin()

    def timeout(self, name):
        self.begin()

    def begin(self):
        round, _ = self.ballot
        self.enter((round + 1, self.id))
        self.set_timer("retry", after=self.patience)
        self.broadcast(Prepare(self.ballot))

    def enter(self, ballot):
        self.ballot, self.answers, self.proposal, self.votes = ballot, frozenset(), None, frozenset()

    def receive(self, sender, message):
        match message:
            case Prepare(ballot):
                self.send(sender, LastVote(ballot, self.accepted))
            case LastVote(ballot, accepted) if ballot == self.ballot and self.proposal is None:
                self.answers |= {(sender, accepted)}
                if self.prepared():
                    self.proposal, self.answers = self.pick(), frozenset()
                    self.broadcast(Accept(ballot, self.proposal))
            case Accept(ballot, value) if ballot > self.voted:
                self.voted, self.accepted = ballot, (ballot, value)
                self.send(sender, Accepted(ballot))
            case Accepted(ballot) if ballot == self.ballot and self.proposal is not None:
                self.votes |= {sender}
                if self.chosen():
                    self.broadcast(Decided(self.proposal))
            case Decided(value):
                self.clear_timer("retry")
                self.decide(value)

    def prepared(self):
        return len({acceptor for acceptor, _ in self.answers}) >= self.majority

    def pick(self):
        """The value of the latest vote; the client's only where nobody has voted."""
        voted = [accepted for _, accepted in self.answers if accepted]
        return max(voted)[1] if voted else self.wish

    def chosen(self):
        return len(self.votes) >= self.majority


class PromiseOnly(Node):
    """A proposer first asks a majority to promise: no node takes part in an earlier ballot any more."""

    # acceptor
    promised: tuple[int, int] = NO_BALLOT  # earlier ballots are ignored
    accepted: tuple | None = None  # the last vote: (ballot, value)
    # proposer
    wish: object = None  # what the client wants
    ballot: tuple[int, int] | None = None  # the ballot it is running
    promises: frozenset = frozenset()  # (acceptor, its last vote)
    proposal: object = None  # the value that the ballot asks for, once that is settled
    votes: frozenset = frozenset()  # the acceptors that have accepted it

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
        return self.wish

    def chosen(self):
        return len(self.votes) >= self.majority


class PromiseAndAdopt(Node):
    """Both: a majority promises to ignore earlier ballots, and the value of the latest vote is adopted."""

    # acceptor
    promised: tuple[int, int] = NO_BALLOT  # earlier ballots are ignored
    accepted: tuple | None = None  # the last vote: (ballot, value)
    # proposer
    wish: object = None  # what the client wants
    ballot: tuple[int, int] | None = None  # the ballot it is running
    promises: frozenset = frozenset()  # (acceptor, its last vote)
    proposal: object = None  # the value that the ballot asks for, once that is settled
    votes: frozenset = frozenset()  # the acceptors that have accepted it

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
