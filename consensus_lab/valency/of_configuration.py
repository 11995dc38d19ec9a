"""What can still be decided from a configuration, as well as bounded work can tell.

Where few configurations lie ahead all of them are visited, and every answer is exact. Beyond, a value counts once a
schedule that decides it has been found, so a configuration is known to be bivalent by two witnesses. That is what
Constable asks of an adversary that computes ("Effectively Nonblocking Consensus Procedures Can Execute Forever",
2008, https://hdl.handle.net/1813/11512): to have, from each configuration, a schedule that decides at hand.
"""

import random

from consensus_lab.exploration.labeled_graph import Transitions, can_still_decide, mail_to_the_living
from consensus_lab.model.events import Deliver, Envelope, Propose, Timeout, source
from consensus_lab.model.properties import CONSENSUS, decided
from consensus_lab.model.values import canonical

VISITED = 6_000  # configurations ahead that are visited to have exact answers
TRIES = 8  # schedules tried for each value
LONGEST = 160  # events in one of them
EFFORT = 40_000  # events in all of them


class Valency:
    """The valency of the configurations of `system` that can be reached from `start`."""

    def __init__(self, system, start, most=VISITED):
        self.system = system
        alive = mail_to_the_living if system.budgets.restarts == 0 else None
        self._graph = graph = Transitions(system, start, alive).grow(most)
        self.exact, self.effort = graph.complete, EFFORT
        self._seen = {}  # configuration -> the values that some schedule found from it decides
        self._all_decide = set()  # configurations from which every live node can still decide
        self._tried = set()
        if self.exact:
            bits = {value: 1 << k for k, value in enumerate(sorted(graph.values(), key=canonical))}
            seeds = [sum(bits[value] for value in graph.decided(number)) for number in range(len(graph))]
            self._bits = bits
            self._values = graph.spread(seeds, lambda event: -1)
            self._can_decide = can_still_decide(graph, [frozenset()])

    def values(self, c):
        """(values that can still be decided, whether these are certainly all)."""
        if self.exact:
            mask = self._values[self._graph.number(c)]
            return frozenset(value for value, bit in self._bits.items() if mask & bit), True
        found, everything = self._found(c), self._everything(c)
        if not everything <= found and c not in self._tried:
            self._tried.add(c)
            for value in sorted(everything - found, key=canonical):
                if value not in self._found(c):
                    self._try(c, value)
        found = self._found(c)
        return found, everything <= found

    def bivalent(self, c):
        """True where schedules from the configuration `c` lead to different decisions."""
        return len(self.values(c)[0]) > 1

    def hopeless(self, c):
        """True when some live node can never decide, whatever happens short of a fault; None where not known.

        False where nothing has been proposed, and nothing is going to be.
        """
        if self.system.proposals and not c.proposed and not any(c.nodes[i].up for i, _ in c.pending):
            return False
        if self.exact:
            hope = self._can_decide[self._graph.number(c)]
            return any(not hope >> i & 1 for i in CONSENSUS[2].undecided(c))
        self.values(c)
        return False if c in self._all_decide else self._closed_in(c)

    def _closed_in(self, c):
        near = Valency(self.system, c, most=VISITED // 10)
        return near.hopeless(c) if near.exact else None

    def _found(self, c):
        return self._seen.get(c, frozenset()) | {value for _, value in decided(c)}

    def _everything(self, c):
        return frozenset(self.system.proposals.values()) | c.proposed

    def _try(self, c, wanted):
        """Look for a schedule from `c` that decides `wanted`: its friends first, and coins that fall its way."""
        rng = random.Random(0)
        friends = [i for i in self.system.nodes if self.system.proposals.get(i) == wanted]
        for attempt in range(TRIES if self.effort else 0):
            others = [i for i in self.system.nodes if i not in friends]
            rng.shuffle(others)
            rank = {i: place for place, i in enumerate((*rng.sample(friends, len(friends)), *others))}
            hurry = (0.0, 0.0, 0.3, 0.3)[attempt % 4]
            passed = self._go_on(c, wanted, rank if attempt % 2 == 0 else None, hurry, rng)
            values, all_decide = set(), not CONSENSUS[2].undecided(passed[-1])
            for here in reversed(passed):
                values.update(value for _, value in decided(here))
                self._seen[here] = self._found(here) | values
                if all_decide:
                    self._all_decide.add(here)
            if wanted in values:
                return

    def _go_on(self, c, wanted, rank, hurry, rng):
        """The configurations of one schedule from `c`, until every live node has decided or nothing is left."""
        system, passed = self.system, [c]
        waiting = [Propose(i, value) for i, value in sorted(c.pending, key=lambda pair: pair[0])]
        waiting += [Deliver(envelope) for envelope in c.in_flight]
        while len(passed) <= LONGEST and self.effort and CONSENSUS[2].undecided(c):
            self.effort -= 1
            events = [event for event in waiting if c.nodes[event.node].up and c.has_next(event)]
            if not events or rng.random() < hurry:
                events += _timeouts(c)
            if not events:
                break
            event = rng.choice(events) if rank is None else min(events, key=lambda e: rank[source(e)])
            if not isinstance(event, Timeout):
                waiting.remove(event)
            event = rng.choice([way for way in system.ways(c, event) if wanted in way.choices] or
                               system.ways(c, event))  # fmt: skip
            reaction, c = system.react(c, event)
            waiting += [Deliver(Envelope(event.node, to, message)) for to, message in reaction.sent]
            passed.append(c)
        return passed


def _timeouts(c):
    return [Timeout(i, name) for i, local in enumerate(c.nodes) for name in local.timers if c.left.timeouts != 0]
