"""One way in which values can be proposed, and what its schedules show."""

from itertools import product

from consensus_lab.exploration.labeled_graph import Transitions
from consensus_lab.model.properties import CONSENSUS, checked
from consensus_lab.verdicts.blocking import Blocked, blocked, blocked_early, crash_sets, rank
from consensus_lab.verdicts.random_schedules import shortened, walks

WALKS, FEWEST, LARGE = 100, 4, 6  # schedules picked by chance; the least of them, for systems of more nodes
EARLY, NEAR = 6, 400  # steps after which a crash is tried, and configurations that are visited after it


class Assignment:
    """Who proposes what, and the schedules of the system in which it is so.

    Attributes
    ----------
    system, searched : System
        The one that findings are about, and the one whose schedules are visited: without crashes, where these can be
        read off the others.
    full : bool
        True when every node proposes that can.
    torn : bool
        True when two different values are proposed.
    graph : Transitions
        What was visited so far.
    """

    def __init__(self, system, searched, full, alive):
        self.system, self.searched, self.full = system, searched, full
        self.proposals = system.proposals
        self.torn = len(set(self.proposals.values())) > 1
        self.graph = Transitions(searched, alive=alive)
        self.shown = {}  # property name -> a schedule that was found to break it
        self.stuck, self.ends = [], False  # what schedules picked by chance have shown

    def sample(self, crashes, safety):
        """Look at some schedules picked by chance."""
        n = self.searched.n
        count = WALKS if n <= LARGE else max(FEWEST, WALKS * LARGE**2 // n**2)
        for events, last, quiet in walks(self.searched, crashes, count):
            for prop in safety:
                if prop.name not in self.shown and checked(prop, last):
                    self.shown[prop.name] = shortened(self.system, events, lambda c, prop=prop: checked(prop, c))
            waiting = CONSENSUS[2].undecided(last)
            self.ends = self.ends or not (waiting or last.crashed)
            if quiet and waiting and not last.crashed.issuperset(self.proposals):
                self.stuck.append(Blocked(None, last.crashed, waiting, events, True, None))

    def breaks(self, prop):
        """A shortest schedule that was found to break a property, or None."""
        graph, known = self.graph, {}
        for number in range(len(graph.moves) if prop.eventual else len(graph)):
            part = graph.decisions(number) if prop.reads == "decisions" else number
            if part not in known:
                known[part] = checked(prop, graph.configuration(number))
            if known[part]:
                events = graph.schedule(number)
                other = self.shown.get(prop.name)
                return events if other is None or len(events) <= len(other) else other
        return self.shown.get(prop.name)

    def blocks(self, crashes):
        """A list of the ways to block that were found."""
        way = blocked(self.graph, crashes)
        return [way, *self.stuck] if way else self.stuck

    def early_blocks(self, crashes):
        """The ways to block by a crash in the first few steps of a schedule."""
        events, _, _ = next(walks(self.searched, 0, 1))
        for down in crash_sets(self.searched, crashes)[1:]:
            for k in range(min(len(events), EARLY) + 1):
                way = not down.issuperset(self.proposals) and blocked_early(self.system, down, events[:k], NEAR)
                if way:
                    yield way
                    break

    def counts(self):
        """False for one that only leaves a protocol waiting for the proposals of the other nodes."""
        if self.full or self.ends:
            return True
        deciders = [i for i, cls in enumerate(self.searched.classes) if cls.decides]
        return any(all(self.graph.local(k, i).decisions for i in deciders) for k in range(len(self.graph)))


def most_telling(ways):
    """Of pairs of an assignment and a way to block, the one that tells the most."""
    return min(ways, key=lambda pair: rank(pair[1]))


def assignments(proposers, values):
    """The ways in which values can be proposed: by one node, by two different ones, and by all of them."""
    one = [{i: values[k % len(values)]} for k, i in enumerate(proposers)]
    two = [{i: values[0], j: values[1]} for i in proposers for j in proposers if i != j and len(values) > 1]
    if len(values) ** len(proposers) <= 8:
        everyone = [dict(zip(proposers, some)) for some in product(values, repeat=len(proposers))]
    else:  # FLP's line of initial configurations: neighbors differ in one proposal
        first, last = values[0], values[-1]
        everyone = [
            {i: first if place < k else last for place, i in enumerate(proposers)} for k in range(len(proposers) + 1)
        ]
    ways = [tuple(sorted(way.items())) for way in (*one, *two, *everyone)]
    return list(map(dict, dict.fromkeys(ways))) or [{}]
