"""What can still be decided from each configuration of a run.

Fischer, Lynch and Paterson (1985), section 3, https://doi.org/10.1145/3149.214121, call the set of decision values
of the configurations that can be reached from C the valency of C: bivalent with two values, univalent with one.
Everything in it can be reached with messages that come in some order, or late, and timers that fire; no node
crashes that does not crash in the run.

Along a run what can be decided only shrinks. So a run is answered from its end to its start. As long as few
configurations lie ahead, all of them are visited. After that, what nodes could decide if all that can ever be sent
to them came in any order, any number of times, bounds a valency from above; what is seen to be decided, later in the
run or in a few continuations, bounds it from below. Where the two do not meet, the answer is not known, and is said
to be so. How much is looked at is counted, not timed: the same run has the same answer on every machine.
"""

import random
from collections import defaultdict, deque
from heapq import heappop, heappush
from itertools import count, islice

from consensus_lab.model.budgets import Budgets
from consensus_lab.model.configuration import Configuration
from consensus_lab.model.errors import ProtocolError
from consensus_lab.model.properties import decided
from consensus_lab.model.values import canonical

STEPS_AHEAD = 400  # looked at to visit all that lies ahead; this and the next two are for one run
REACTIONS = 1_100  # looked at for the upper bounds
EVENTS = 1_000  # in all continuations
LONG = 240  # events of a run that leaves a tenth of these, for the rest of it takes time enough
TRIES = 8  # continuations of one configuration
LONGEST = 200  # events in one continuation
UNTIMED = Budgets(crashes=0, restarts=0, timeouts=None)  # timers fire when they like, and no node crashes


def valencies(run, effort=1):
    """For each configuration of `run` the frozenset of values that can still be decided, or None if not known.

    It has one item more than the run has events. What has been decided already counts; where no value can be decided
    any more, the set is empty. A value that nobody proposes is only found if a schedule that was looked at decides it.
    With 1 for `effort` the answer takes some milliseconds; with more, so many times as much is looked at.
    """
    share = max(0.1, 1 - len(run) / LONG) * effort
    least, most = _bounds(run, int(STEPS_AHEAD * share), int(REACTIONS * share))
    tries = _Tries(run.system, int(EVENTS * share))
    gaps = [(high or frozenset()) - low for low, high in zip(least, most)]
    for value in sorted(frozenset().union(*gaps), key=canonical):
        open_ones = [k for k, gap in enumerate(gaps) if value in gap]
        for k in open_ones[: tries.reach(value, [run.configurations[k] for k in open_ones])]:
            least[k] |= {value}
    return tuple(low if high is not None and low >= high else None for low, high in zip(least, most))


def _bounds(run, steps, reactions):
    """Two lists of sets of values, one a configuration: what is seen to be decided, and what may be, or None."""
    system = run.system
    everything = frozenset(system.proposals.values()) | run.last.proposed
    seen = frozenset(value for _, value in decided(run.last))
    ahead, bound = _Ahead(system, steps), _UpperBound(system, reactions)
    least, most = [], []
    for c in reversed(run.configurations):
        high = everything
        if not everything or not seen >= everything:
            seen |= ahead.visit(c)
            high = seen if ahead.all_visited else bound.widen(c)
            if high is None:
                high = everything or None
        least.append(seen)
        most.append(high)
    return least[::-1], most[::-1]


class _Ahead:
    """The configurations that can be reached from those given, as long as they are few."""

    def __init__(self, system, steps):
        self.system, self.all_visited = system, True
        self._seen, self._left = set(), steps

    def visit(self, c):
        """What is decided in configurations that can be reached from `c` and were not visited before."""
        if not self.all_visited:
            return set()
        values = set()
        work = [Configuration(self.system, c.nodes, c.network, c.pending, c.proposed, UNTIMED)]
        while work and self.all_visited:
            here = work.pop()
            if here not in self._seen:
                self._seen.add(here)
                values.update(value for _, value in decided(here))
                work += self._next(here)
        return values

    def _next(self, c):
        try:
            found = [there for _, there in islice(self.system.successors(c), self._left + 1)]
        except ProtocolError:  # a handler raises
            self.all_visited = False
            return ()
        self._left -= len(found)
        self.all_visited = self._left >= 0
        return found


class _UpperBound:
    """What nodes could decide if all that can ever be sent to them came in any order, any number of times.

    It is widened from the end of a run to its start, so that the work of one configuration serves all earlier ones.
    """

    def __init__(self, system, reactions):
        self.system, self._values, self._left = system, set(), reactions
        self._states = [{} for _ in system.nodes]  # these, and what can happen to a node, in the order they came up
        self._causes = [{} for _ in system.nodes]
        self._later = Configuration(system, (None,) * system.n, frozenset(), frozenset(), frozenset(), UNTIMED)
        self._work = deque()

    def widen(self, c):
        """The values, with those that could be decided from `c`; None once there is too much to look at."""
        if self._left <= 0:
            return None
        later, self._later = self._later, c
        for i, value in sorted(c.pending - later.pending, key=lambda pair: pair[0]):
            self._expect(i, ("propose", value))
        for sender, i, message, _ in sorted(c.network - later.network, key=self.system.order):
            self._expect(i, ("receive", sender, message))
        for i, local in enumerate(c.nodes):
            if local is not later.nodes[i] and local.up:
                self._reach(i, local)
        self._close()
        return frozenset(self._values) if self._left > 0 else None

    def _reach(self, i, local):
        if local not in self._states[i]:
            self._states[i][local] = None
            self._values.update(local.decisions)
            self._work += [(i, local, cause) for cause in self._causes[i]]
            self._work += [(i, local, ("timeout", name)) for name in local.timers]

    def _expect(self, i, cause):
        if cause not in self._causes[i]:
            self._causes[i][cause] = None
            self._work += [(i, local, cause) for local in self._states[i]]

    def _close(self):
        system = self.system
        while self._work and self._left > 0:
            i, local, cause = self._work.popleft()  # breadth first, for states that grow without end
            self._left -= 1
            try:
                reactions = system.reactions(i, local, cause)
            except ProtocolError:  # in a state that no schedule leads to, a handler may well raise
                self._left = 0
                return
            for _, reaction in reactions:
                self._reach(i, reaction.local)
                for to, message in reaction.sent:
                    self._expect(to, ("receive", i, message))


class _Tries:
    """Ways to go on from a configuration, always the same ones."""

    def __init__(self, system, events):
        self.system, self._left, self._rng = system, events, random.Random(0)

    def reach(self, value, configurations):
        """How many of these, of which each comes after the one before, are seen to lead to a decision on `value`."""
        low, high, at = 0, len(configurations), 0  # by bisection, with the first one first
        while low < high and self._left > 0:
            c = configurations[at]
            copies = sorted(c.network, key=self.system.order)
            if any(self._decides(value, c, copies, attempt % 2 == 0) for attempt in range(TRIES)):
                low = at + 1
            else:
                high = at
            at = (low + high) // 2
        return low

    def _decides(self, value, c, copies, by_sender):
        """True where `value` is decided when events happen at random, or those of some senders before all others."""
        system, rng, number = self.system, self._rng, count()
        nodes, heap = list(c.nodes), []
        lines = defaultdict(deque)  # what is in flight, each line in its order: see `consensus_lab.model.network`
        first = rng.sample(system.nodes, system.n)
        first.sort(key=lambda i: value not in nodes[i].fields and system.proposals.get(i) != value)
        rank = {i: place for place, i in enumerate(first)}

        def plan(source, i, *cause):
            heappush(heap, (rank[source] if by_sender else rng.random(), next(number), i, cause))

        def send(*copy):
            line = system.network.line(copy)
            lines[line].append(copy)
            plan(copy[0], copy[1], "receive", line)

        for i, planned in sorted(c.pending, key=lambda pair: pair[0]):
            plan(i, i, "propose", planned)
        for copy in copies:
            send(*copy)
        for i, local in enumerate(nodes):
            for name in local.timers:
                plan(i, i, "timeout", name)
        for _ in range(LONGEST):
            if not heap or self._left <= 0:
                return False
            _, _, i, cause = heappop(heap)
            if cause[0] == "receive":
                sender, _, message, _ = lines[cause[1]].popleft()
                cause = "receive", sender, message
            local = nodes[i]
            if not local.up or cause[0] == "timeout" and cause[1] not in local.timers:
                continue
            self._left -= 1
            try:
                _, reaction = rng.choice(system.reactions(i, local, cause))
            except ProtocolError:  # a handler raises
                return False
            nodes[i] = reaction.local
            if value in reaction.local.decisions:
                return True
            for to, message in reaction.sent:
                send(i, to, message, 0)
            for name in reaction.local.timers:
                if name not in local.timers or cause == ("timeout", name):
                    plan(i, i, "timeout", name)
        return False
