"""How fast is a simulation with the full run recorded? Beside the bare loop, and beside SimPy.

In each round node 0 asks five others, each replies, and the fifth reply begins the next round. (A message to
oneself does not cross the network, so it takes a sixth node to ask five.) A delay is 0.5 + U(0, 1). Every
contestant has these rules and no others, and carries the same 200,000 messages. Time is this process's time on
the processor. The contestants take turns, so that a busy moment of the machine hits them all; ratios are taken
within a turn, and what is printed is the median over the turns.

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
PEERS = range(1, 6)
ASK, REPLY = 0, 1

# -- the contestants: each carries that many messages, and returns the last round ----------------------------


def bare(messages):
    """A heap, tuples and local names: nothing that can be taken out, and nothing recorded."""
    random, push, pop = Random(SEED).random, heappush, heappop
    heap, planned, delivered, round, replies = [], 0, 0, 1, 0
    for to in PEERS:
        planned += 1
        push(heap, (0.5 + random(), planned, to, 0, ASK, 1))
    while delivered < messages:
        time, _, node, sender, kind, number = pop(heap)
        delivered += 1
        if kind == ASK:
            planned += 1
            push(heap, (time + 0.5 + random(), planned, sender, node, REPLY, number))
        else:
            replies += 1
            if replies == 5:
                round, replies = round + 1, 0
                for to in PEERS:
                    planned += 1
                    push(heap, (time + 0.5 + random(), planned, to, node, ASK, round))
    return round


def plain(messages):
    """A heap and tuples too, with the rules where a reader would look for them: in a function."""
    rng, heap, planned, delivered = Random(SEED), [], 0, 0
    round, replies = 1, 0

    def receive(node, sender, message):
        nonlocal round, replies
        kind, number = message
        if kind == ASK:
            return [(sender, (REPLY, number))]
        replies += 1
        if replies == 5:
            round, replies = round + 1, 0
            return [(to, (ASK, round)) for to in PEERS]
        return ()

    for to in PEERS:
        planned += 1
        heappush(heap, (rng.uniform(0.5, 1.5), planned, to, 0, (ASK, 1)))
    while delivered < messages:
        time, _, node, sender, message = heappop(heap)
        delivered += 1
        for to, answer in receive(node, sender, message):
            planned += 1
            heappush(heap, (time + rng.uniform(0.5, 1.5), planned, to, node, answer))
    return round


class SimPyNodes:
    """The same rules for SimPy, which brings the clock; `post` brings the network."""

    def __init__(self, messages):
        from simpy import Environment

        self.env, self.random, self.left = Environment(), Random(SEED).random, messages
        self.round, self.replies = 1, 0
        self.end = self.env.event()

    def ask(self):
        for to in PEERS:
            self.post(0, to, ASK, self.round)

    def receive(self, node, sender, kind, number):
        self.left -= 1
        if not self.left:
            self.end.succeed()
        if kind == ASK:
            self.post(node, sender, REPLY, number)
        else:
            self.replies += 1
            if self.replies == 5:
                self.round, self.replies = self.round + 1, 0
                self.ask()


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
    nodes.ask()
    nodes.env.run(until=nodes.end)
    return nodes.round


def simpy_callbacks(messages):
    """SimPy without processes: a timeout a message, and the receiver is its callback."""

    class Callbacks(SimPyNodes):
        def arrive(self, timeout):
            self.receive(*timeout.value)

        def post(self, sender, to, kind, number):
            timeout = self.env.timeout(0.5 + self.random(), (to, sender, kind, number))
            timeout.callbacks.append(self.arrive)

    nodes = Callbacks(messages)
    nodes.ask()
    nodes.env.run(until=nodes.end)
    return nodes.round


class Ask(Message):
    round: int


class Reply(Message):
    round: int


class Peer(Node):
    round: int = 0
    replies: int = 0

    def propose(self, value):
        self.ask()

    def receive(self, sender, message):
        match message:
            case Ask(round):
                self.send(sender, Reply(round))
            case Reply():
                self.replies += 1
                if self.replies == 5:
                    self.ask()

    def ask(self):
        self.round, self.replies = self.round + 1, 0
        ask = Ask(self.round)
        for peer in PEERS:
            self.send(peer, ask)


def handlers(messages):
    """The handlers alone, called in turn with no network between them: what no engine can be faster than."""
    system = System(Peer, 6)
    nodes = [system.wake(i, local, None) for i, local in enumerate(system.initial().nodes)]
    nodes[0].ask()
    delivered = 0
    while delivered < messages:
        for node in nodes:
            sent = node._outbox[:]
            node._outbox.clear()
            for to, message in sent:
                delivered += 1
                nodes[to].receive(node.id, message)
    return nodes[0].round


def recorded(messages):
    """`consensus_lab.simulation.simulate`: the run has every event and its time."""
    system = System(Peer, 6, proposals={0: "go"})
    return simulate(system, SEED, delay=uniform(0.5, 1.5), max_events=messages + 1)


def unpacked(messages):
    """The same, with the run's events made into objects and all its times."""
    run = recorded(messages)
    return run.events, run.times


# -- the measurement -----------------------------------------------------------------------------------------

CONTESTANTS = {
    "bare heapq loop, its rules inlined": bare,
    "SimPy, a Store a node and a process a message": simpy_stores,
    "plain heapq loop, its rules in a function": plain,
    "SimPy, a callback a message": simpy_callbacks,
    "its handlers alone, without any network": handlers,
    "consensus_lab.simulation.simulate, full run recorded": recorded,
    "consensus_lab.simulation.simulate, and run.events read": unpacked,
}


def measure(messages=MESSAGES, turns=TURNS, contestants=CONTESTANTS):
    """{contestant: seconds of each turn}."""
    seconds = {name: [] for name in contestants}
    for _ in range(turns):
        for name, contestant in contestants.items():
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
