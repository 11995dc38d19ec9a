"""How a verdict is found: the ways to propose, their schedules, and what these show.

For each way in which values can be proposed the schedules without crashes are visited, the small ones completely. From
these follows what crashes can do (`blocking`) and which cycles are fair (`fair_cycles`). Where there are too many, a
disagreement is looked for first, in one way to propose and with few timeouts; then some schedules are picked by
chance (`random_schedules`), and the adversary constructs an unending one.
"""

from consensus_lab.exploration.closure import closure
from consensus_lab.exploration.drain import drained
from consensus_lab.exploration.explore import explore
from consensus_lab.model.errors import ProtocolError
from consensus_lab.model.events import Crash
from consensus_lab.model.properties import CONSENSUS, Agreement
from consensus_lab.model.run import Run
from consensus_lab.model.system import System
from consensus_lab.valency.adversary import rounds_of
from consensus_lab.verdicts import explanations
from consensus_lab.verdicts.assignment import LARGE, WALKS, Assignment, assignments, most_telling
from consensus_lab.verdicts.blocking import crash_sets
from consensus_lab.verdicts.fair_cycles import fair_cycle, loops
from consensus_lab.verdicts.finding import Finding, goes_on, require_witness
from consensus_lab.verdicts.random_schedules import walks

STAGES = (500, 2_000, 8_000, 32_000, 128_000, 512_000)  # configurations of one assignment, before others have a turn
ASSIGNMENTS = 40  # ways to propose that are looked at
SAMPLED = 3  # assignments that are too large to visit, of which schedules are picked by chance
PLAYED = 3  # assignments that the adversary plays
SEARCHED = 3  # assignments in which a disagreement is looked for deeper
HUNTED = (1, 2, 4)  # timeouts in a schedule that is looked at for a disagreement
ENOUGH = 30_000  # configurations to visit for what else is wrong, once nodes disagree


class Search:
    """What is asked of a protocol, and what was found.

    Attributes
    ----------
    complete : bool
        True once every schedule was visited.
    """

    def __init__(self, protocol, n, values, crashes, rounds, options, properties, validity):
        n = len(protocol) if isinstance(protocol, (list, tuple)) else n
        self.crashes, self.rounds, self.properties, self.hunted = crashes, rounds, properties, 0
        self.system = System(protocol, n, crashes=crashes, **options)
        self.decides = any(cls.decides for cls in self.system.classes)
        if not (self.decides or properties):
            raise ProtocolError(
                f"{self.system}: no class of it decides (decides = False), and a verdict is about decisions. Say what "
                "it is to do instead, verdict(..., properties=[...]), or ask explore(system, properties=[...])"
            )
        self.owed = {}  # the safety properties, and what is said of what breaks them
        if self.decides:
            self.owed |= {Agreement(): "disagrees"} | dict.fromkeys(validity, "invalid")
        self.owed |= {prop: "violates" for prop in properties if not prop.sometimes}
        searched = self.system  # crashes cost no search, unless nodes can come back from them
        if self.system.budgets.restarts == 0:
            searched = System(protocol, n, **options)
        self.assignments, self.ways = self._assign(searched, values)

    def _assign(self, searched, values):
        """(the assignments that are looked at, how many there are)."""
        proposers = [i for i, cls in enumerate(self.system.classes) if cls.handles_proposals]
        ways = assignments(proposers, values)
        chosen = ways
        if len(ways) > ASSIGNMENTS:  # evenly, the first and the last among them
            chosen = [ways[k * (len(ways) - 1) // (ASSIGNMENTS - 1)] for k in range(ASSIGNMENTS)]
        unread = all(prop.reads != "messages" for prop in self.properties)
        widest = max(chosen, key=lambda way: (len(set(way.values())), len(way)))
        small = unread and closure(searched.proposing(widest))
        found = []
        for way in chosen:
            closed = small and closure(searched.proposing(way))
            alive = closed.living() if closed else None
            full = len(way) == len(proposers)
            found.append(Assignment(self.system.proposing(way), searched.proposing(way), full, alive))
        return found, len(ways)

    @property
    def complete(self):
        """Whether every schedule of every way to propose was visited."""
        return len(self.assignments) == self.ways and all(one.graph.complete for one in self.assignments)

    def findings(self, max_states):
        """(the findings, in the order of reporting, at least one; what was covered, in words)."""
        n = self.system.n
        most = max_states if n <= LARGE else max(1, max_states * LARGE**2 // n**2)
        left = most - self.visit(STAGES[:1], most)
        if not self.complete and self.decides and self.hunt(most):
            left = min(left, ENOUGH)
        self.visit(STAGES[1:], left)
        if not self.complete:
            self.sample()
        found = [self.broken(prop, kind) for prop, kind in self.owed.items()]
        if self.decides:
            found += self.undecided(any(finding is not None for finding in found))
        found = tuple(require_witness(finding) for finding in found if finding is not None)
        if not found:
            kind = ("decides" if self.decides else "holds") if self.complete else "unknown"
            text = explanations.nothing_found(kind, self.crashes, self.properties)
            found = (Finding(kind, None, text, self.system),)
        return found, explanations.covered([one.graph for one in self.assignments], self.ways, self.hunted)

    def visit(self, stages, most):
        """Visit configurations of all assignments, the small ones completely before the large ones; how many."""
        left = most
        for stage in stages:
            for one in self.assignments:
                if left > 0 and not one.graph.complete:
                    before = len(one.graph)
                    one.graph.grow(min(stage, before + left))
                    left -= len(one.graph) - before
        return most - left

    def hunt(self, most):
        """Look for a disagreement in few assignments, with few timeouts first, and go deep; whether there is one."""
        torn = [one for one in self.assignments if one.torn and not one.graph.complete][:SEARCHED]
        limit, seen = self.system.budgets.timeouts, {}
        turns = [(k + t, k, t) for k in range(len(torn)) for t in range(len(HUNTED))]
        for _, k, t in sorted(turns):
            timeouts = HUNTED[t] if limit is None else min(HUNTED[t], limit)
            left = most - self.hunted
            if left < STAGES[0] or seen.get((k, timeouts)) or seen.get((k, "all")):
                continue
            system = torn[k].searched.replace(timeouts=timeouts)
            graph = explore(system, properties=(Agreement(),), first=True, max_states=max(left // 2, STAGES[0]))
            self.hunted += len(graph)
            seen[k, timeouts] = True
            seen[k, "all"] = graph.complete and len(graph) == seen.get((k, "size"))  # more timeouts change nothing
            seen[k, "size"] = len(graph)
            run = graph.violations.get("Agreement")
            if run is not None:
                torn[k].shown["Agreement"] = list(run.events)
                return True
        return False

    def sample(self):
        """Look at some schedules of those that are too large, those with the most to disagree about first."""
        cut = sorted((one for one in self.assignments if not one.graph.complete), key=lambda one: not one.torn)
        for one in cut[:SAMPLED]:
            one.sample(self.crashes, [prop for prop in self.owed if not prop.eventual])

    def broken(self, prop, kind):
        """The finding that a property is broken, or None."""
        shown = [(one.system, events) for one in self.assignments if (events := one.breaks(prop)) is not None]
        if not shown:
            return None
        system, events = min(shown, key=lambda pair: len(pair[1]))
        if prop.eventual:
            events = drained(system, events)
        run = Run(system, events, properties=(prop,))
        explained = explanations.violates if kind == "violates" else explanations.broken
        return Finding(kind, run, explained(prop, run), system, broken=prop)

    def undecided(self, worse):
        """The findings of nodes that wait forever."""
        blocks, livelock = self.blocks()
        found = [
            finding for finding in (blocks, self.cycles() if livelock is None else livelock) if finding is not None
        ]
        return found if found or self.complete or worse else [self.plays()]

    def blocks(self):
        """(the finding that it blocks, that it goes on although nobody can decide): one of them, or none."""
        counting = [one for one in self.assignments if one.counts()]
        ways = [(one, way) for one in counting for way in one.blocks(self.crashes)]
        if not ways:
            torn = [one for one in counting if one.torn and not one.graph.complete]
            ways = [(one, way) for one in torn[:SAMPLED] for way in one.early_blocks(self.crashes)]
        if not ways:
            return None, None
        one, way = most_telling(ways)
        if not (way.down or way.stuck):
            run, played = rounds_of(one.searched, self.rounds, start=Run(one.searched, way.events))
            if played == self.rounds and goes_on(run):
                run = Run(one.system, run.events)
                return None, Finding("runs forever", run, explanations.livelock(run, played, way.waiting), run.system)
        run = Run(one.system, way.events)
        assert run.system.quiet(run.last) or not way.stuck, f"something is left to happen: {run}"
        return Finding("blocks", run, explanations.blocks(run, way), run.system), None

    def cycles(self):
        """The finding of a fair cycle in which somebody never decides, or None."""
        rings = [(one, inside) for one in self.assignments if one.counts() and (inside := loops(one.graph))]
        for down in crash_sets(self.system, self.crashes):
            lassos = []
            for one, inside in rings:
                cycle = fair_cycle(one.graph, inside, down)
                if cycle:
                    start = [*one.graph.schedule(cycle[0]), *map(Crash, sorted(down))]
                    prefix = drained(one.system, start)
                    lassos.append((one.system, prefix, drained(one.system, prefix + cycle[1])))
            if lassos:
                system, prefix, whole = min(lassos, key=lambda lasso: len(lasso[2]))
                run, prefix = Run(system, whole), Run(system, prefix)
                cycle = run.events[len(prefix) :]
                return Finding("runs forever", run, explanations.cycles(run, prefix, cycle), system, prefix, cycle)
        return None

    def plays(self):
        """The finding of an unending run that the adversary constructs, or None."""
        torn = [one for one in self.assignments if one.torn] or self.assignments
        for one in torn[:PLAYED] if self.system.n <= LARGE else ():  # its work grows with every message in flight
            run, played = rounds_of(one.searched, self.rounds)
            if played == self.rounds and CONSENSUS[2].undecided(run.last) and goes_on(run):
                run = Run(one.system, run.events)
                ends = [not CONSENSUS[2].undecided(last) for _, last, _ in walks(one.searched, 0, WALKS)]
                return Finding("runs forever", run, explanations.plays(run, played, ends), run.system)
        return None
