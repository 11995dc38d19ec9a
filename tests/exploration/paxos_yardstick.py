"""Single-decree Paxos as a yardstick: a model whose configurations other tools have counted too.

Two proposers and three acceptors are five nodes, and the majority is two acceptors. Proposer p proposes the value
p+1, and the ballot of its k-th try is 2(k-1)+p+1. A proposer may try again at any time until it has decided, so
its tries are the firings of a timer that is armed as long as it has tries left; there is no limit on timeouts.
Spin, TLC, Stateright, Murphi and two engines in Python agree on `COUNTS`.

P(1,1) on a lossy network is ``System(paxos(1, 1), network="lossy", timeouts=None)``, and ``yardstick(1, 1,
"lossy")`` for short.
"""

from consensus_lab import Message, Node, System

PROPOSERS, ACCEPTORS, MAJORITY = (0, 1), (2, 3, 4), 2
IDLE, PREPARING, ACCEPTING, DECIDED = range(4)

COUNTS = {  # (tries of proposer 0, tries of proposer 1, network): distinct configurations
    (1, 1, "lossy"): 14_265,
    (1, 1, "reliable"): 101_408,
    (2, 1, "lossy"): 600_921,
    (2, 1, "reliable"): 35_053_424,
    (2, 2, "lossy"): 24_924_025,
}
ORBITS = {  # the same up to renaming the acceptors
    (1, 1, "lossy"): 2_670,
    (1, 1, "reliable"): 17_916,
    (2, 1, "lossy"): 103_826,
}


class Prepare(Message):  # 1a
    ballot: int


class Promise(Message):  # 1b
    ballot: int
    accepted_ballot: int
    accepted_value: int


class Accept(Message):  # 2a
    ballot: int
    value: int


class Accepted(Message):  # 2b
    ballot: int


class Acceptor(Node):
    promised: int = 0
    accepted_ballot: int = 0
    accepted_value: int = 0

    decides = False

    def receive(self, sender, message):
        match message:
            case Prepare(ballot) if ballot > self.promised:
                self.promised = ballot
                self.send(sender, Promise(ballot, self.accepted_ballot, self.accepted_value))
            case Accept(ballot, value) if ballot >= self.promised and ballot != self.accepted_ballot:
                self.promised = self.accepted_ballot = ballot
                self.accepted_value = value
                self.send((ballot - 1) % 2, Accepted(ballot))


class Proposer(Node):
    tries: int = 0
    phase: int = IDLE
    heard: frozenset[int] = frozenset()
    best_ballot: int = 0
    best_value: int = 0

    may_try = 0  # each kind of proposer says how often

    def start(self):
        self.set_timer("try")

    def timeout(self, name):
        self.tries += 1
        self.phase, self.heard, self.best_ballot, self.best_value = PREPARING, frozenset(), 0, 0
        if self.tries < self.may_try:
            self.set_timer("try")
        for acceptor in ACCEPTORS:
            self.send(acceptor, Prepare(self.ballot()))

    def ballot(self):
        return 2 * (self.tries - 1) + self.id + 1

    def receive(self, sender, message):
        if message.ballot != self.ballot() or sender in self.heard:
            return
        match message:
            case Promise(_, accepted_ballot, accepted_value) if self.phase == PREPARING:
                self.heard |= {sender}
                if accepted_ballot > self.best_ballot:
                    self.best_ballot, self.best_value = accepted_ballot, accepted_value
                if len(self.heard) == MAJORITY:
                    self.phase, self.heard, self.best_ballot = ACCEPTING, frozenset(), 0
                    self.best_value = self.best_value or self.id + 1
                    for acceptor in ACCEPTORS:
                        self.send(acceptor, Accept(self.ballot(), self.best_value))
            case Accepted(_) if self.phase == ACCEPTING:
                self.heard |= {sender}
                if len(self.heard) == MAJORITY:
                    self.phase, self.heard = DECIDED, frozenset()
                    self.clear_timer("try")
                    self.decide(self.best_value)


def paxos(*tries):
    """The classes of the five nodes, where proposer p may try `tries[p]` times."""
    proposers = [type(f"Proposer{may_try}", (Proposer,), {"may_try": may_try}) for may_try in tries]
    return [*proposers, *[Acceptor] * len(ACCEPTORS)]


def yardstick(tries_0, tries_1, network):
    return System(paxos(tries_0, tries_1), network=network, timeouts=None)
