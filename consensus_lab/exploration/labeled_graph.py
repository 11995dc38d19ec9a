"""Which node's step leads from where to where: the state graph with an event on every arrow.

`explore` keeps no events and may take one configuration for another that differs in the names of its nodes. Whoever
asks what happens *without* some node, or whether a cycle treats every message fairly, needs both. A node that crashes
for good is one that takes no further step: what `crashes` crashes can do is read off the graph without any, by
leaving out the steps of some nodes, as in the proof of Lemma 3 of Fischer, Lynch and Paterson (1985),
https://doi.org/10.1145/3149.214121.
"""

from typing import Any

from consensus_lab.exploration.successors import Successors
from consensus_lab.model.events import Crash, Restart

FAULTS = (Crash, Restart)
DEEPEST = 200  # events; whoever repeats a message without end would only be watched repeating it


class _AllTo:
    """All messages to one node."""

    def __init__(self, node):
        self.node = node

    def __contains__(self, copy):
        return copy[1] == self.node


def mail_to_the_living(i, local):
    """An `alive` for nodes that never come back from a crash: what is on its way to a crashed one is left out."""
    return _AllTo(i) if local.up else ()


class _Labelled(Successors):
    """A space that keeps the events of an inbox, too."""

    def __init__(self, system, alive):
        super().__init__(system, alive)
        self._known = [{} for _ in self.tables]  # inbox -> [(event, x, o)]

    def steps(self, key):
        found = []
        for (mask, _), known, (i, ways) in zip(self.tables, self._known, self._ways):
            inbox = key & mask
            if inbox not in known:
                known[inbox] = [(self._event(i, cause, how), x, o) for x, o, cause, how in ways(i, inbox)]
            found += known[inbox]
        vital, crowds = self.vital_at(key), self._crowds  # only now, when all that `found` needs has been met
        return [
            (event, (key ^ x) | (self.add(key, o & vital) if (crowd := crowds[o]) < 0 or key & crowd else o & vital))
            for event, x, o in found
        ]


class Transitions:
    """The configurations that can be reached from one, by number, breadth first; `grow` visits more of them.

    `alive` is that of `Successors`: messages that can no longer do anything are left out.

    Attributes
    ----------
    moves : list
        For each configuration that was expanded, [(event, number of the next configuration)].
    complete : bool
        True when every configuration that can be reached was visited and expanded.
    """

    def __init__(self, system, start=None, alive=None):
        self.system = system
        self._space = _Labelled(system, alive)
        key = self._space.encode(system.initial() if start is None else start)
        self._keys, self._numbers, self._depths = [key], {key: 0}, [0]
        self._parents: list[Any] = [None]
        self.moves = []

    def __len__(self):
        return len(self._keys)

    @property
    def complete(self):
        """True when all that follows from each configuration is known."""
        return len(self.moves) == len(self._keys)

    def grow(self, most):
        """Go on until there are `most` configurations, or all that fewer than DEEPEST events lead to."""
        keys, numbers, parents, steps = self._keys, self._numbers, self._parents, self._space.steps
        while len(self.moves) < len(keys) < most and self._depths[len(self.moves)] < DEEPEST:
            here, moves = len(self.moves), []
            for event, key in steps(keys[here]):
                there = numbers.get(key)
                if there is None:
                    there = numbers[key] = len(keys)
                    keys.append(key)
                    parents.append((here, event))
                    self._depths.append(self._depths[here] + 1)
                moves.append((event, there))
            self.moves.append(moves)
        return self

    def configuration(self, number):
        """The Configuration of this number."""
        return self._space.decode(self._keys[number])

    def number(self, configuration):
        """The number of a Configuration; KeyError where it has none yet."""
        return self._numbers[self._space.encode(configuration)]

    def values(self):
        """All values that some node decides in a configuration that was visited."""
        return self._space.values

    def decisions(self, number):
        """What a property that reads decisions, and what was proposed, can see of a configuration."""
        key = self._keys[number]
        return tuple(self.local(number, i).decisions for i in self.system.nodes), key & self._space.plan

    def valencies(self, through=lambda event: -1):
        """For each configuration the values that a schedule which was looked at still decides, in a stable order."""
        values, decided = self._space.values, self._space.decided
        masks = self.spread(map(decided, self._keys), through)
        return [tuple(value for k, value in enumerate(values) if mask >> k & 1) for mask in masks]

    def decided(self, number):
        """The values decided in a configuration."""
        bits = self._space.decided(self._keys[number])
        return [value for k, value in enumerate(self._space.values) if bits >> k & 1]

    def local(self, number, i):
        """The local state of node `i` in a configuration."""
        return self._space.local(i, self._keys[number])

    def asked(self, number):
        """True when something has been proposed, or nothing is ever going to be."""
        key, first = self._keys[number], self._keys[0]
        plan = first & self._space.plan
        return not self.system.proposals or not plan or key & self._space.plan != plan

    def depth(self, number):
        """How many events a shortest schedule to a configuration has."""
        return self._depths[number]

    def schedule(self, number):
        """A shortest list of events that leads to a configuration."""
        events = []
        while self._parents[number] is not None:
            number, event = self._parents[number]
            events.append(event)
        return events[::-1]

    def spread(self, seeds, through):
        """For each configuration the bits of `seeds` at it and at all that can follow, as far as they pass.

        `through(event)` is the mask of the bits that pass backward through an event.
        """
        bits, before = list(seeds), [[] for _ in self._keys]
        for here, moves in enumerate(self.moves):
            for event, there in moves:
                if there != here:
                    before[there].append((here, through(event)))
        work = [number for number, some in enumerate(bits) if some]
        while work:
            there = work.pop()
            mine = bits[there]
            for here, mask in before[there]:
                more = mine & mask & ~bits[here]
                if more:
                    bits[here] |= more
                    work.append(here)
        return bits


def can_still_decide(graph, downs):
    """For each configuration a bit for each set in `downs` and node: can it still decide without those nodes?

    It counts as possible where the bound of the search left the answer open. The bit of the f-th set and node i is
    f * n + i.
    """
    n = graph.system.n
    every_set = sum(1 << f * n for f in range(len(downs)))
    everything = (1 << len(downs) * n) - 1
    spared = [sum(((1 << n) - 1) << f * n for f, down in enumerate(downs) if i not in down) for i in range(n)]
    decided, seeds = {}, []
    for number in range(len(graph)):
        bits = 0
        for i in range(n):
            local = graph.local(number, i)
            if (i, local) not in decided:
                decided[i, local] = every_set << i if local.decisions else 0
            bits |= decided[i, local]
        seeds.append(bits if number < len(graph.moves) else everything)
    return graph.spread(seeds, lambda event: 0 if isinstance(event, FAULTS) else spared[event.node])
