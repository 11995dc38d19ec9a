"""How a verdict is found: the ways to propose, their schedules, and what these show.

For each way in which values can be proposed the schedules without crashes are visited, the small ones completely. From
these follows what crashes can do (`blocking`) and which cycles are fair (`fair_cycles`). Where there are too many, some
are picked by chance (`random_schedules`), and the adversary constructs an unending one (`adversary`).
"""

from itertools import permutations, product

from consensus_lab.exploration.closure import closure
from consensus_lab.exploration.drain import drained
from consensus_lab.exploration.labeled_graph import Transitions
from consensus_lab.model.errors import ProtocolError
from consensus_lab.model.events import Crash
from consensus_lab.model.properties import CONSENSUS, Agreement, Validity
from consensus_lab.model.run import Run
from consensus_lab.model.system import System
from consensus_lab.valency.adversary import rounds_of
from consensus_lab.verdicts import explanations
from consensus_lab.verdicts.blocking import Blocked, blocked, blocked_early, crash_sets
from consensus_lab.verdicts.fair_cycles import fair_cycle, loops
from consensus_lab.verdicts.finding import Finding
from consensus_lab.verdicts.random_schedules import shortened, walks

STAGES = (500, 2_000, 8_000, 32_000, 128_000, 512_000)  # configurations of one set-up, before others get their turn
SAMPLED, WALKS = 3, 100  # set-ups that are too large to visit, and schedules of each that are looked at
EARLY, NEAR = 6, 400  # steps after which a crash is tried in those, and configurations that are visited after it
PLAYED = 3  # set-ups that the adversary plays


class Inquiry:
    def __init__(self, protocol, n, values, crashes, rounds, budgets):
        if not values or len(set(values)) != len(values):
            raise ProtocolError(f"values={values!r}: pass different values to propose, such as ('red', 'blue')")
        if type(rounds) is not int or rounds < 1:
            raise ProtocolError(f"rounds={rounds!r}: a run has to stay undecided for at least one round")
        if isinstance(protocol, (list, tuple)):
            n = len(protocol)
        self.crashes, self.rounds = crashes, rounds
        self.system = System(protocol, n, crashes=crashes, **budgets)
        searched = self.system  # crashes cost no search, unless nodes can come back from them
        if self.system.budgets.restarts == 0:
            searched = System(protocol, n, **budgets)
        proposers = [i for i, cls in enumerate(self.system.classes) if cls.handles_proposals]
        ways = _proposals(proposers, values)
        widest = closure(searched.proposing(max(ways, key=lambda way: (len(set(way.values())), len(way)))))
        self.setups = [
            _SetUp(self.system.proposing(way), searched.proposing(way), len(way) == len(proposers), widest)
            for way in ways
        ]

    def findings(self, max_states):
        """(the findings, in the order of reporting, at least one; what was covered, in words)."""
        if type(max_states) is not int or max_states < 1:
            raise ProtocolError(f"max_states={max_states!r}: allow at least one configuration")
        self.search(max_states)
        complete = all(setup.graph.complete for setup in self.setups)
        if not complete:
            self.sample()
        found = [self.broken(Agreement(), "disagrees"), self.broken(Validity(), "invalid")]
        found += [self.blocks(), self.cycles()]
        if not complete and not any(found):
            found.append(self.plays())
        found = tuple(finding for finding in found if finding)
        if not found:
            kind = "decides" if complete else "unknown"
            found = (Finding(kind, None, explanations.nothing_found(kind, self.crashes), self.system),)
        return found, explanations.covered([setup.graph for setup in self.setups])

    def search(self, max_states):
        """Visit the configurations of all set-ups, the small ones completely before the large ones."""
        left = max_states
        for stage in STAGES:
            for setup in self.setups:
                if left > 0 and not setup.graph.complete:
                    before = len(setup.graph)
                    setup.graph.grow(min(stage, before + left))
                    left -= len(setup.graph) - before

    def sample(self):
        """Look at some schedules of the set-ups that are too large, those with the most to disagree about first."""
        cut = [setup for setup in self.setups if not setup.graph.complete]
        cut.sort(key=lambda setup: not setup.torn)
        for setup in cut[:SAMPLED]:
            setup.sample(self.crashes)

    def broken(self, prop, kind):
        shown = [(setup.system, events) for setup in self.setups if (events := setup.breaks(prop)) is not None]
        if not shown:
            return None
        system, events = min(shown, key=lambda pair: len(pair[1]))
        run = Run(system, events)
        return Finding(kind, run, explanations.broken(prop, run), system)

    def blocks(self):
        counting = [setup for setup in self.setups if setup.counts()]
        ways = [(setup, way) for setup in counting for way in setup.blocks(self.crashes)]
        if not ways:
            torn = [setup for setup in counting if setup.torn and not setup.graph.complete]
            ways = [(setup, way) for setup in torn[:SAMPLED] for way in setup.early_blocks(self.crashes)]
        if not ways:
            return None
        setup, way = min(ways, key=lambda pair: (len(pair[1].down), not pair[1].stuck, len(pair[1].events)))
        run = Run(setup.system, way.events)
        return Finding("blocks", run, explanations.blocks(run, way, setup.graph), run.system)

    def cycles(self):
        rings = [(setup, inside) for setup in self.setups if setup.counts() and (inside := loops(setup.graph))]
        for down in crash_sets(self.system, self.crashes):
            lassos = []
            for setup, inside in rings:
                cycle = fair_cycle(setup.graph, inside, down)
                if cycle:
                    start = [*setup.graph.schedule(cycle[0]), *map(Crash, sorted(down))]
                    prefix = drained(setup.system, start)
                    lassos.append((setup.system, prefix, drained(setup.system, prefix + cycle[1])))
            if lassos:
                system, prefix, whole = min(lassos, key=lambda lasso: len(lasso[2]))
                run, prefix = Run(system, whole), Run(system, prefix)
                cycle = run.events[len(prefix) :]
                return Finding("runs forever", run, explanations.cycles(run, prefix, cycle), system, prefix, cycle)
        return None

    def plays(self):
        torn = [setup for setup in self.setups if setup.torn] or self.setups
        for setup in torn[:PLAYED]:
            run, played = rounds_of(setup.searched, self.rounds)
            if played == self.rounds:
                run = Run(setup.system, run.events)
                ends = [not CONSENSUS[2].undecided(last) for _, last, _ in walks(setup.searched, 0, WALKS)]
                return Finding("runs forever", run, explanations.plays(run, played, ends), run.system)
        return None


class _SetUp:
    """One way in which values can be proposed, and its schedules.

    `system` is the one that findings are about, `searched` the one whose schedules are visited.
    """

    def __init__(self, system, searched, full, widest):
        self.system, self.searched, self.full = system, searched, full
        self.proposals = system.proposals
        self.torn = len(set(self.proposals.values())) > 1
        closed = widest and closure(searched)
        self.graph = Transitions(searched, alive=closed and closed.living())
        self.sampled, self.stuck, self.ends = {}, [], False  # what walks have shown

    def sample(self, crashes):
        for events, last, quiet in walks(self.searched, crashes, WALKS):
            for prop in (Agreement(), Validity()):
                if prop.name not in self.sampled and prop.broken(last):
                    self.sampled[prop.name] = shortened(self.system, events, prop.broken)
            waiting = CONSENSUS[2].undecided(last)
            self.ends = self.ends or not (waiting or last.crashed)
            if quiet and waiting and not last.crashed.issuperset(self.proposals):
                self.stuck.append(Blocked(None, last.crashed, waiting, events, True))

    def breaks(self, prop):
        """A shortest schedule that was found to break a property, or None."""
        graph, known = self.graph, {}
        for number in range(len(graph)):
            part = graph.decisions(number)
            if part not in known:
                known[part] = prop.broken(graph.configuration(number))
            if known[part]:
                return graph.schedule(number)
        return self.sampled.get(prop.name)

    def blocks(self, crashes):
        way = blocked(self.graph, crashes)
        return [way, *self.stuck] if way else self.stuck

    def early_blocks(self, crashes):
        """Ways to block by a crash in the first few steps of a schedule."""
        events, _, _ = next(walks(self.searched, 0, 1))
        for down in crash_sets(self.searched, crashes)[1:]:
            for k in range(min(len(events), EARLY) + 1):
                way = not down.issuperset(self.proposals) and blocked_early(self.system, down, events[:k], NEAR)
                if way:
                    yield way
                    break

    def counts(self):
        """False for a set-up that only leaves a protocol waiting for the proposals of the other nodes."""
        if self.full or self.ends:
            return True
        deciders = [i for i, cls in enumerate(self.searched.classes) if cls.decides]
        return any(all(self.graph.local(k, i).decisions for i in deciders) for k in range(len(self.graph)))


def _proposals(proposers, values):
    """The ways in which values can be proposed: by one node, by two different ones, and by all of them."""
    one = [{i: values[k % len(values)]} for k, i in enumerate(proposers)]
    two = [{i: a, j: b} for i, j in permutations(proposers, 2) for a, b in [values[:2]] if len(values) > 1]
    if len(values) ** len(proposers) <= 8:
        everyone = [dict(zip(proposers, some)) for some in product(values, repeat=len(proposers))]
    else:  # FLP's line of initial configurations: neighbors differ in one proposal
        first, last = values[0], values[-1]
        everyone = [
            {i: first if place < k else last for place, i in enumerate(proposers)} for k in range(len(proposers) + 1)
        ]
    ways = [dict(sorted(way.items())) for way in (*one, *two, *everyone)]
    return [way for k, way in enumerate(ways) if way not in ways[:k]] or [{}]
