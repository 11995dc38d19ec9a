"""Runs to test with: every protocol, and any schedule of it."""

from hypothesis import strategies as st

from consensus_lab import Deliver, Drop, Duplicate, Message, Node, Propose, Run, System
from consensus_lab.protocols import CheckThenAct, Coordinator, LockThenAct, MajorityVote, Memory, TieBreakVote


class Toss(Message):
    side: int
    seen: tuple = ()


class Coin(Node):
    """A protocol unlike those of the book: no vote, no tally, coins, a durable field, tuples in messages."""

    best: tuple[int, str] | None = None
    rounds: int = 0
    durable = ("rounds",)

    def start(self):
        self.set_timer("go", after=3)

    def propose(self, value):
        self.best = (self.choose([0, 1]), value)
        self.broadcast(Toss(self.best[0], (value, None)))

    def receive(self, sender, message):
        self.rounds += 1
        if message.side == 1 and self.decided is None:
            self.decide(message.seen[0])

    def timeout(self, name):
        if self.best:
            self.send((self.id + 1) % len(self.nodes), Toss(1, (self.best[1], self.id)))


PROPOSALS = {0: "red", 1: "blue"}
THREADS = {"proposals": {1: "Ada", 2: "Grace"}, "names": ["memory", "thread 1", "thread 2"]}


def systems():
    """Small systems of every protocol."""
    faults = {"crashes": 1, "restarts": 1, "timeouts": None}
    for protocol in (Coordinator, MajorityVote, TieBreakVote, Coin):
        yield System(protocol, 2, PROPOSALS, **faults)
        yield System(protocol, 3, {0: "red", 2: "teal", 1: "ochre"}, network="lossy", **faults)
    yield System(MajorityVote, 1, {0: 7})
    yield System(MajorityVote, 5, {0: "a", 1: "b", 2: "c", 3: "d", 4: "e"})
    yield System(Coordinator, 9, PROPOSALS, crashes=None)
    yield System([Memory, CheckThenAct, CheckThenAct], **THREADS)
    yield System([Memory, LockThenAct, LockThenAct], network="lossy", crashes=1, **THREADS)


@st.composite
def runs(draw, longest=25, among=None):
    """Any schedule of any of the systems, by repeated choice among what can happen."""
    system = draw(st.sampled_from(among or list(systems())))
    run = Run(system)
    for _ in range(draw(st.integers(0, longest))):
        events = list(system.events(run.last))
        if system.network.faulty:
            letters = run.last.in_flight
            events += [event(letter) for letter in letters for event in (Drop, Duplicate)]
            events += [
                Deliver(letter) for letter in letters if run.last.nodes[letter.receiver].up and not _tosses(system)
            ]
        events += [
            Propose(i, "violet") for i in system.nodes if system.classes[i] is MajorityVote and run.last.nodes[i].up
        ]
        if not events:
            break
        run = run.then(draw(st.sampled_from(events)))
    return run


def _tosses(system):
    return Coin in system.classes
