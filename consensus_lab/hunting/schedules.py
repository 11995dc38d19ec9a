"""Schedules that mistakes live in: one at a time, each drawn from a seed and its number.

A schedule is a walk through the configurations of a system. What sets walks apart is how the next event is picked:

- *random*: any that is possible.
- *priorities*: each pair of sender and receiver has a priority, and the highest goes first; at a few steps it falls
  to the end. So there are few changes of who is heard, as in Burckhardt, Kothari, Musuvathi and Nagarakatte, "A
  randomized scheduler with probabilistic guarantees of finding bugs" (2010), section 2,
  https://doi.org/10.1145/1736020.1736040.
- *delays*: the oldest goes first, but a few times one is put off, as in Emmi, Qadeer and Rakamaric, "Delay-bounded
  scheduling" (2011), https://doi.org/10.1145/1926385.1926432.

Each walk also has a temper of its own: how eager timers are, how many messages never arrive or arrive again, which
nodes are cut off for a while, and when nodes crash, early as a rule, since that is where most is undecided.
"""

import random
from dataclasses import dataclass

from consensus_lab.model.events import Crash, Deliver, Envelope, Propose, Restart, Timeout

LONGEST = 200  # events in one schedule
LENGTHS = (30, 60, LONGEST)  # most mistakes need few events, and some need many
STRATEGIES = ("random", "priorities", "delays")


@dataclass(frozen=True)
class Temper:
    """How one walk picks its events; all of it is drawn from the seed."""

    strategy: str
    length: int  # how many events it has at most
    eager: float  # the chance that an armed timer fires in place of a delivery
    lost: float  # the share of messages that are never delivered
    again: float  # the chance that a message which is kept is delivered once more
    crashes: frozenset[int]  # the steps at which a node crashes, if one may
    rest: int  # how many steps it is down, if it may come back
    cut: tuple[int, int]  # between these steps some nodes hear only each other
    apart: frozenset[int]
    changes: frozenset[int]  # the steps at which a priority falls, or the oldest is put off


def temper(system, rng):
    """The temper of a walk of `system`."""
    far = rng.choice((12, 30, 80))  # what goes wrong goes wrong before this step
    start = rng.randrange(far)
    steps = [rng.randrange(far) for _ in range(8)]
    most = system.budgets.crashes
    return Temper(
        strategy=rng.choice(STRATEGIES),
        length=rng.choice(LENGTHS),
        eager=rng.choice((0.02, 0.1, 0.3)),
        lost=rng.choice((0.0, 0.1, 0.3)) if system.network.faulty else 0.0,
        again=rng.choice((0.0, 0.1)) if system.network.keeps else 0.0,
        crashes=frozenset(steps[: min(4, 4 if most is None else most)]),
        rest=rng.choice((0, 3, 20)),
        cut=(start, start + rng.choice((0, 10, 30))),
        apart=frozenset(rng.sample(list(system.nodes), rng.randrange(1, system.n))) if system.n > 1 else frozenset(),
        changes=frozenset(steps[4 : 4 + rng.randrange(1, 4)]),
    )


class Walk:
    """One schedule of a system, grown event by event.

    Attributes
    ----------
    events : list of events
        The schedule so far.
    trace : list of (Reaction or None, Configuration)
        What came of each; the first is the initial configuration.
    """

    def __init__(self, system, rng, most=LONGEST):
        self.system, self._rng = system, rng
        self._temper = temper(system, rng)
        self._most = min(most, self._temper.length)
        c = system.initial()
        self.events, self.trace = [], [(None, c)]
        self._waiting: list[Propose | Deliver] = [
            Propose(i, value) for i, value in sorted(c.pending, key=lambda pair: pair[0])
        ]
        self._waiting += [Deliver(envelope) for envelope in c.in_flight]
        self._down = {}  # a crashed node: the step at which it may come back
        self._ranks = {}  # a pair of sender and receiver: its priority; the lowest goes first

    @property
    def last(self):
        """The configuration that the walk has come to."""
        return self.trace[-1][1]

    def step(self):
        """Let one more event happen; False when nothing is left but faults, or the walk is long enough."""
        if len(self.events) >= self._most:
            return False
        event = self._fault() or self._next()
        if event is None:
            return False
        event = self._rng.choice(self.system.ways(self.last, event))
        reaction, c = self.system.react(self.last, event)
        self.events.append(event)
        self.trace.append((reaction, c))
        for to, message in reaction.sent:
            if self._rng.random() >= self._temper.lost:
                self._waiting.append(Deliver(Envelope(event.node, to, message)))
        return True

    # -- what comes next ------------------------------------------------------------------------------------

    def _fault(self):
        """A crash or a restart that is due."""
        c, step = self.last, len(self.events)
        if c.left.restarts != 0:
            for node, due in self._down.items():
                if due <= step:
                    del self._down[node]
                    return Restart(node)
        if step in self._temper.crashes and c.left.crashes != 0:
            up = [i for i, local in enumerate(c.nodes) if local.up]
            if len(up) > 1:
                node = self._rng.choice(up)
                if self.events and self.events[-1].node in up and self._rng.random() < 0.5:
                    node = self.events[-1].node  # just when others are going to rely on what it did
                self._down[node] = step + self._temper.rest
                return Crash(node)
        return None

    def _next(self):
        """A proposal, a delivery or a timeout; while nothing else is possible, whoever is cut off is heard."""
        timers = self._timeouts()
        if timers and self._rng.random() < self._temper.eager:
            return self._rng.choice(timers)
        possible = [event for event in self._waiting if self._possible(event)]
        event = self._pick([event for event in possible if not self._is_cut(event)] or possible)
        if event is None:
            return self._rng.choice(timers) if timers else self._revival()
        if isinstance(event, Propose) or self._rng.random() >= self._temper.again:
            self._waiting.remove(event)
        return event

    def _timeouts(self):
        c = self.last
        if c.left.timeouts == 0:
            return []
        return [Timeout(i, name) for i, local in enumerate(c.nodes) if local.up for name in local.timers]

    def _revival(self):
        """The restart of a node whose time has not come, where nothing else is left to happen."""
        if self._down and self.last.left.restarts != 0:
            node = min(self._down, key=lambda i: (self._down[i], i))
            del self._down[node]
            return Restart(node)
        return None

    def _possible(self, event):
        c = self.last
        if not c.nodes[event.node].up:
            return False
        if isinstance(event, Propose):
            return (event.node, event.value) in c.pending
        envelope = event.envelope
        return (envelope.sender, envelope.receiver, envelope.message, 0) in c.network

    def _is_cut(self, event):
        begin, end = self._temper.cut
        if not begin <= len(self.events) < end or isinstance(event, Propose):
            return False
        return (event.envelope.sender in self._temper.apart) != (event.envelope.receiver in self._temper.apart)

    def _pick(self, possible):
        if not possible:
            return None
        if self._temper.strategy == "random":
            return self._rng.choice(possible)
        changes = len(self.events) in self._temper.changes
        if self._temper.strategy == "delays":
            return possible[min(changes, len(possible) - 1)]
        first = min(possible, key=self._rank)
        if changes:
            self._ranks[self._channel(first)] = 1.0 + len(self.events)
            first = min(possible, key=self._rank)
        return first

    def _rank(self, event):
        return self._ranks.setdefault(self._channel(event), self._rng.random())

    @staticmethod
    def _channel(event):
        return event.node if isinstance(event, Propose) else (event.envelope.sender, event.envelope.receiver)


def walk(system, seed, number, most=LONGEST):
    """The walk of that number, of `most` events: the same one on every machine."""
    return Walk(system, random.Random(f"{seed}/{number}"), most)
