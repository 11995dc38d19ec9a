"""How fast is a simulation with the full run recorded? Beside the bare loop, and beside SimPy.

One proposer and five acceptors. In each round the proposer sends to the five, each replies, and the fifth
reply begins the next round: ten messages a round, none to oneself, so every contestant carries the same
200,000 over its network. The delay of each is 0.5 + U(0, 1). Time is this process's time on the processor.
The contestants take turns, so that a busy moment of the machine hits them all; ratios are taken within a
turn, and what is printed is the median over the turns.

Run it with ``python -m benchmarks.simulate [messages] [turns]``.
"""

import gc
import platform
import sys
from heapq import heappop, heappush
from random import Random
from statistics import median
from time import process_time

from consensus_lab import Message, Node, System, simulate, uniform

MESSAGES, TURNS, SEED = 200_000, 7, 7
ACCEPTORS = range(1, 6)
PREPARE, PROMISE = 0, 1

# -- the contestants: each carries that many messages, and returns the last round ----------------------------


def bare(messages):
    """A heap, tuples and local names: nothing that can be taken out, and nothing recorded."""
    random, push, pop = Random(SEED).random, heappush, heappop
    heap, planned, delivered, ballot, heard, promised = [], 0, 0, 1, 0, [0] * 6
    for to in ACCEPTORS:
        planned += 1
        push(heap, (0.5 + random(), planned, to, 0, PREPARE, 1))
    while delivered < messages:
        time, _, node, sender, kind, number = pop(heap)
        delivered += 1
        if kind == PREPARE:
            if number > promised[node]:
                promised[node] = number
                planned += 1
                push(heap, (time + 0.5 + random(), planned, sender, node, PROMISE, number))
        elif number == ballot:
            heard += 1
            if heard == 5:
                ballot, heard = ballot + 1, 0
                for to in ACCEPTORS:
                    planned += 1
                    push(heap, (time + 0.5 + random(), planned, to, node, PREPARE, ballot))
    return ballot


def plain(messages):
    """A heap and tuples too, with the rules where a reader would look for them: in a function a kind of node."""
    rng, heap, planned, delivered = Random(SEED), [], 0, 0
    state = {"ballot": 1, "heard": 0, "promised": [0] * 6}

    def proposer(node, sender, message):
        kind, number = message
        if kind == PROMISE and number == state["ballot"]:
            state["heard"] += 1
            if state["heard"] == 5:
                state["ballot"], state["heard"] = state["ballot"] + 1, 0
                return [(to, (PREPARE, state["ballot"])) for to in ACCEPTORS]
        return ()

    def acceptor(node, sender, message):
        kind, number = message
        if kind == PREPARE and number > state["promised"][node]:
            state["promised"][node] = number
            return [(sender, (PROMISE, number))]
        return ()

    rules = [proposer, *[acceptor] * 5]
    for to in ACCEPTORS:
        planned += 1
        heappush(heap, (rng.uniform(0.5, 1.5), planned, to, 0, (PREPARE, 1)))
    while delivered < messages:
        time, _, node, sender, message = heappop(heap)
        delivered += 1
        for to, answer in rules[node](node, sender, message):
            planned += 1
            heappush(heap, (time + rng.uniform(0.5, 1.5), planned, to, node, answer))
    return state["ballot"]


class SimPyNodes:
    """The same rules for SimPy, which brings the clock; `post` brings the network."""

    def __init__(self, messages):
        from simpy import Environment

        self.env, self.random, self.left = Environment(), Random(SEED).random, messages
        self.ballot, self.heard, self.promised = 1, 0, [0] * 6
        self.end = self.env.event()

    def begin(self):
        for to in ACCEPTORS:
            self.post(0, to, PREPARE, self.ballot)

    def receive(self, node, sender, kind, number):
        self.left -= 1
        if not self.left:
            self.end.succeed()
        if kind == PREPARE:
            if number > self.promised[node]:
                self.promised[node] = number
                self.post(node, sender, PROMISE, number)
        elif number == self.ballot:
            self.heard += 1
            if self.heard == 5:
                self.ballot, self.heard = self.ballot + 1, 0
                self.begin()


def simpy_stores(messages):
    """SimPy as its documentation has it: a Store for a mailbox, a process for a node and for a message."""
    from simpy import Store

    class Stores(SimPyNodes):
        def __init__(self):
            super().__init__(messages)
            self.mailboxes = [Store(self.env) for _ in range(6)]
            for node in range(6):
                self.env.process(self.live(node))

        def live(self, node):
            mailbox = self.mailboxes[node]
            while True:
                self.receive(node, *(yield mailbox.get()))

        def travel(self, to, letter):
            yield self.env.timeout(0.5 + self.random())
            yield self.mailboxes[to].put(letter)

        def post(self, sender, to, kind, number):
            self.env.process(self.travel(to, (sender, kind, number)))

    nodes = Stores()
    nodes.begin()
    nodes.env.run(until=nodes.end)
    return nodes.ballot


def simpy_callbacks(messages):
    """SimPy without processes: a timeout a message, and the receiver is its callback."""

    class Callbacks(SimPyNodes):
        def arrive(self, timeout):
            self.receive(*timeout.value)

        def post(self, sender, to, kind, number):
            timeout = self.env.timeout(0.5 + self.random(), (to, sender, kind, number))
            timeout.callbacks.append(self.arrive)

    nodes = Callbacks(messages)
    nodes.begin()
    nodes.env.run(until=nodes.end)
    return nodes.ballot


class Prepare(Message):
    ballot: int


class Promise(Message):
    ballot: int


class Proposer(Node):
    ballot: int = 0
    heard: int = 0

    def propose(self, value):
        self.next_ballot()

    def receive(self, sender, message):
        match message:
            case Promise(ballot) if ballot == self.ballot:
                self.heard += 1
                if self.heard == 5:
                    self.next_ballot()

    def next_ballot(self):
        self.ballot, self.heard = self.ballot + 1, 0
        prepare = Prepare(self.ballot)
        for acceptor in ACCEPTORS:
            self.send(acceptor, prepare)


class Acceptor(Node):
    promised: int = 0

    def receive(self, sender, message):
        match message:
            case Prepare(ballot) if ballot > self.promised:
                self.promised = ballot
                self.send(sender, Promise(ballot))


def handlers(messages):
    """The handlers alone, called in turn with no network between them: what no engine can be faster than."""
    system = System([Proposer, *[Acceptor] * 5])
    locals_ = system.initial().nodes
    nodes = [cls._wake(i, system.nodes, locals_[i], None) for i, cls in enumerate(system.classes)]
    nodes[0].next_ballot()
    delivered = 0
    while delivered < messages:
        for node in nodes:
            sent = node._outbox[:]
            node._outbox.clear()
            for to, message in sent:
                delivered += 1
                nodes[to].receive(node.id, message)
    return nodes[0].ballot


def recorded(messages):
    """`consensus_lab.simulate`: the run has every event and its time."""
    system = System([Proposer, *[Acceptor] * 5], proposals={0: "go"})
    return simulate(system, SEED, delay=uniform(0.5, 1.5), max_events=messages + 1)


def unpacked(messages):
    """The same, with the run's events made into objects and all its times."""
    run = recorded(messages)
    return run.events, run.times


# -- the measurement -----------------------------------------------------------------------------------------

CONTESTANTS = {
    "bare heapq loop, its rules inlined": bare,
    "SimPy, a Store a node and a process a message": simpy_stores,
    "plain heapq loop, a function a node": plain,
    "SimPy, a callback a message": simpy_callbacks,
    "its handlers alone, without any network": handlers,
    "consensus_lab.simulate, full run recorded": recorded,
    "consensus_lab.simulate, and run.events read": unpacked,
}


def measure(messages=MESSAGES, turns=TURNS):
    """{contestant: seconds of each turn}."""
    seconds = {name: [] for name in CONTESTANTS}
    for _ in range(turns):
        for name, contestant in CONTESTANTS.items():
            gc.collect()
            begin = process_time()
            result = contestant(messages)
            seconds[name].append(process_time() - begin)
            del result
    return seconds


def table(seconds, messages):
    """The figures as text."""
    loop, simpy, *_ = seconds.values()
    lines = [f"{'':48}{'messages/s':>12}{'x bare loop':>13}{'x SimPy':>9}"]
    for name, mine in seconds.items():
        ratios = [median(b / a for a, b in zip(mine, other, strict=True)) for other in (loop, simpy)]
        lines.append(f"{name:48}{messages / median(mine):12,.0f}{ratios[0]:13.2f}{ratios[1]:9.2f}")
    return "\n".join(lines)


def main(messages=MESSAGES, turns=TURNS):
    where = f"{platform.python_implementation()} {platform.python_version()}"
    print(f"{messages:,} messages, median of {turns} turns, {where}")
    print(table(measure(messages, turns), messages))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
