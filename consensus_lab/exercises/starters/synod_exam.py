from consensus_lab import Node
from consensus_lab.protocols.paxos.synod import NO_BALLOT, Accept, Accepted, Decided, Prepare, Promise

# Prepare(ballot)    Promise(ballot, accepted)    Accept(ballot, value)    Accepted(ballot)


class MySynod(Node):
    """The synod. Three places are yours: what an acceptor does, what a proposer picks, and what is on disk."""

    # acceptor
    promised: tuple = NO_BALLOT
    accepted: tuple | None = None  # its last vote: (ballot, value)
    # proposer
    wish: object = None
    ballot: tuple | None = None
    promises: frozenset = frozenset()  # (acceptor, its last vote)
    proposal: object = None
    votes: frozenset = frozenset()

    durable = ()  # 3. which of the fields have to be on disk?

    def receive(self, sender, message):
        match message:
            case Prepare(ballot):  # 1. when may it promise, and what does it write down?
                self.send(sender, Promise(ballot, self.accepted))
            case Accept(ballot, value):  # 1. when may it accept, and what does it write down?
                self.send(sender, Accepted(ballot))
            case _:
                self.receive_as_proposer(sender, message)

    def pick(self, votes):
        """2. The value to ask for. `votes` has the last vote (ballot, value) of every acceptor that has voted."""
        return self.wish

    # -- from here on nothing is missing -------------------------------------------------------

    def propose(self, value):
        if self.decided is None:
            self.wish = value
            self.begin()

    def timeout(self, name):
        self.begin()

    def begin(self):
        round, _ = self.promised
        if round < 2:  # two ballots a node, so that the checker can see every schedule
            self.ballot, self.promises, self.proposal, self.votes = (round + 1, self.id), frozenset(), None, frozenset()
            self.set_timer("retry", after=6.0)
            self.broadcast(Prepare(self.ballot))

    def receive_as_proposer(self, sender, message):
        match message:
            case Promise(ballot, accepted) if ballot == self.ballot and self.proposal is None:
                self.promises |= {(sender, accepted)}
                if len({acceptor for acceptor, _ in self.promises}) >= self.majority:
                    self.proposal = self.pick([vote for _, vote in self.promises if vote])
                    self.promises = frozenset()
                    self.broadcast(Accept(ballot, self.proposal))
            case Accepted(ballot) if ballot == self.ballot and self.proposal is not None:
                self.votes |= {sender}
                if len(self.votes) >= self.majority:
                    self.broadcast(Decided(self.proposal))
            case Decided(value):
                self.ballot, self.promises, self.proposal, self.votes = None, frozenset(), None, frozenset()
                self.clear_timer("retry")
                self.decide(value)
