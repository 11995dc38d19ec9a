"""What can still be decided from each configuration of a run.

Fischer, Lynch and Paterson (1985), section 3, https://doi.org/10.1145/3149.214121, call the set of decision values
of the configurations that can be reached from C the valency of C: bivalent with two values, univalent with one.
Everything in it can be reached with messages that come in some order, or late, and timers that fire; no node
crashes that does not crash in the run.

A run is answered from its end to its start, since going backwards what can be decided only grows. As long as few
configurations lie ahead, all of them are visited. After that, what is seen to be decided, later in the run or in a
few random continuations, bounds a valency from below; what nodes could decide if all that can ever be sent to them
came in any order, any number of times, bounds it from above. Where the two do not meet, the answer is not known, and
is said to be so.
"""

import random
from collections import deque
from dataclasses import replace

from consensus_lab.configuration import Configuration
from consensus_lab.errors import ProtocolError
from consensus_lab.events import Deliver, Envelope, Propose, Timeout
from consensus_lab.properties import decided

CONFIGURATIONS = 300  # visited, for one run
REACTIONS = 12_000  # looked at for the upper bounds of one run
TRIES = 12  # random continuations of one configuration
EVENTS = 4_000  # in all the continuations of one run
LONGEST = 200  # events in one continuation


def valencies(run):
    """For each configuration of `run` the frozenset of values that can still be decided, or None if not known.

    It has one item more than the run has events. What has been decided already counts; where no value can be decided
    any more, the set is empty. A value that nobody proposes is only found if a schedule that was looked at decides it.
    """
    answers, least = [], frozenset()
    everything = frozenset(run.system.proposals.values()) | run.last.proposed
    ahead, tries, bound = _Ahead(run.system), _Tries(run.system), _UpperBound(run.system)
    for configuration in reversed(run.configurations):
        least |= {value for _, value in decided(configuration)}
        if everything and least >= everything:
            answers.append(least)
            continue
        least |= ahead.visit(configuration)
        if ahead.all_visited:
            answers.append(least)
            continue
        most = bound.widen(configuration)
        if most is None:
            most = everything or None
        if most:
            least |= tries.find(configuration, most - least)
        answers.append(least if most is not None and least >= most else None)
    return tuple(reversed(answers))


class _Ahead:
    """The configurations that can be reached from those given, as long as they are few."""

    def __init__(self, system):
        self.system, self.all_visited = system, True
        self._seen = set()

    def visit(self, c):
        """What is decided in configurations that can be reached from `c` and were not visited before."""
        values = set()
        work = [Configuration(self.system, c.nodes, c.network, c.pending, c.proposed, (0, 0, None))]
        while work and self.all_visited:
            here = work.pop()
            if here not in self._seen:
                self._seen.add(here)
                values.update(value for _, value in decided(here))
                work += [there for _, there in self.system.successors(here)]
                self.all_visited = len(self._seen) <= CONFIGURATIONS
        return values


class _UpperBound:
    """What nodes could decide if all that can ever be sent to them came in any order, any number of times.

    It is widened from the end of a run to its start, so that the work of one configuration serves all earlier ones.
    """

    def __init__(self, system):
        self.system, self.values, self.left = system, set(), REACTIONS
        self._states = [set() for _ in system.nodes]
        self._causes = [{} for _ in system.nodes]  # what can happen to a node, in the order in which it came up
        self._work = deque()

    def widen(self, c):
        """The values, with those that could be decided from `c`; None once there is too much to look at."""
        if self.values is None:
            return None
        for i, value in sorted(c.pending, key=lambda pair: pair[0]):
            self._expect(c, i, ("propose", value))
        for sender, i, message, _ in c.network:
            self._expect(c, i, ("receive", sender, message))
        for i, local in enumerate(c.nodes):
            self.values.update(local.decisions)
            if local.up:
                self._reach(i, local)
        if not self._close(c):
            self.values = None
            return None
        return frozenset(self.values)

    def _reach(self, i, local):
        if local not in self._states[i]:
            self._states[i].add(local)
            self.values.update(local.decisions)
            self._work += [(i, local, cause) for cause in self._causes[i]]
            self._work += [(i, local, ("timeout", name)) for name in local.timers]

    def _expect(self, c, i, cause):
        if c.nodes[i].up and cause not in self._causes[i]:
            self._causes[i][cause] = None
            self._work += [(i, local, cause) for local in self._states[i]]

    def _close(self, c):
        while self._work:
            i, local, cause = self._work.popleft()  # breadth first, for states that grow without end
            before = self.system.fired(local, cause[1]) if cause[0] == "timeout" else local
            self.left -= 1
            try:
                reactions = self.system.reactions(i, before, cause)
            except ProtocolError:  # in a state that no schedule leads to, a handler may well raise
                return False
            for _, reaction in reactions:
                self._reach(i, reaction.local)
                for to, message in reaction.sent:
                    self._expect(c, to, ("receive", i, message))
            if not self.left:
                return False
        return True


class _Tries:
    """Random ways to go on from a configuration, always the same ones."""

    def __init__(self, system):
        self.system, self.left = system, EVENTS
        self._rng = random.Random(0)

    def find(self, c, wanted):
        """What a few ways to go on from `c` see decided, until they have seen all the wanted values."""
        found = set()
        for attempt in range(TRIES):
            if wanted <= found or not self.left:
                break
            found |= self._go_on(c, by_priority=attempt % 2 == 0)
        return found

    def _go_on(self, c, by_priority):
        """What is decided when events happen at random, or those of some senders always before those of others."""
        system, rng, values = self.system, self._rng, set()
        waiting = [Propose(i, value) for i, value in sorted(c.pending, key=lambda pair: pair[0])]
        waiting += [Deliver(envelope) for envelope in c.in_flight]
        rank = rng.sample(system.nodes, system.n)
        for _ in range(min(LONGEST, self.left)):
            events = [event for event in waiting if c.nodes[event.node].up]
            events += [Timeout(i, name) for i, local in enumerate(c.nodes) for name in local.timers]
            if not events:
                break
            event = min(events, key=lambda e: rank[_source(e)]) if by_priority else rng.choice(events)
            if not isinstance(event, Timeout):
                waiting.remove(event)
            ways = system.reactions(event.node, *_cause(c, event))
            event = replace(event, choices=rng.choice(ways)[0])
            reaction, c = system.react(c, event, within_budget=False)
            waiting += [Deliver(Envelope(event.node, to, message)) for to, message in reaction.sent]
            values.update(c.nodes[event.node].decisions)
            self.left -= 1
        return values


def _cause(c, event):
    """The local state that the event finds, and the handler that it calls with its arguments."""
    local = c.nodes[event.node]
    match event:
        case Timeout(_, name):
            return c.system.fired(local, name), ("timeout", name)
        case Propose(_, value):
            return local, ("propose", value)
    return local, ("receive", event.envelope.sender, event.envelope.message)


def _source(event):
    return event.envelope.sender if isinstance(event, Deliver) else event.node
