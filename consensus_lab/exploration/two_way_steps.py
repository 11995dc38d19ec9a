"""Decision steps: where one node's next step settles what is decided, by which of two messages comes first.

A decision is settled in a step that leads from a bivalent configuration to a univalent one, or in which the node
decides. (In a protocol that keeps agreement the second implies the first.) Every step is one node's, so all that can
be open about it is what that node hears first. If neither order settles anything, call it a 0-way
step; if one order settles a decision and the other leaves it open, 1-way; if one settles red and the other blue,
2-way. The proof of Lemma 3 of Fischer, Lynch and Paterson (1985), section 3, https://doi.org/10.1145/3149.214121,
comes down to this: without a 2-way step some run never decides, and at a 2-way step nobody can spare the node that
takes it. In the literature a 2-way step is a fork (either message alone settles it) or a hook (one of them does, and
after the other it would settle the opposite): Chandra, Hadzilacos and Toueg, "The Weakest Failure Detector for Solving
Consensus" (1996), section 6, https://doi.org/10.1145/234533.234549.
"""

from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from typing import Any

from consensus_lab.exploration.drain import drained
from consensus_lab.exploration.labeled_graph import FAULTS, Transitions, can_still_decide
from consensus_lab.model.configuration import Configuration
from consensus_lab.model.events import Crash, bare, describe
from consensus_lab.model.run import Run
from consensus_lab.model.values import show

VISITED = 20_000  # configurations that are visited to see what becomes of the rest


@dataclass(frozen=True)
class TwoWayStep:
    """A configuration in which one node is about to settle the decision, one way or the other.

    Attributes
    ----------
    configuration : Configuration
    run : Run
        A shortest one that leads there.
    node : int
        Who takes the step.
    events : (event, event)
        Two events of this node, both possible now: deliveries, timeouts or proposals.
    values : (value, value)
        What is decided if the first event comes first, and if the second does.
    fork : bool
        True where each event by itself settles the decision. False for a hook: the second settles it only together
        with the first, which comes after it.
    schedules : two tuples of events
        The ways to go on that settle the two values.
    """

    configuration: Configuration
    node: int
    events: tuple
    values: tuple
    fork: bool
    graph: Any = field(repr=False, compare=False)

    @cached_property
    def run(self):
        """A shortest Run to the configuration."""
        return self.graph.run_to(self.configuration)

    @property
    def schedules(self):
        """The two schedules from there on, each a tuple of events."""
        one, other = self.events
        return (one,), (other,) if self.fork else (other, one)

    def __str__(self):
        names = self.configuration.system.names
        one, other = (describe(event, names) for event in self.events)
        red, blue = map(show, self.values)
        return f"{names[self.node]} settles it: {red} if “{one}” comes first, {blue} if “{other}” does"


def two_way_steps(graph):
    """The 2-way steps of a StateGraph, those after the shortest runs first: one a configuration and node.

    A coin that falls one way or the other is no 2-way step, since no message is late. In a graph that is not complete
    a step counts only if both its ways are certain.
    """
    found, space = [], graph._space
    for key, bits in islice(graph._reach.items(), graph._expanded):
        if (bits >> 1).bit_count() < 2:
            continue
        ways = {}
        for event, there in space.steps(key):
            if not isinstance(event, FAULTS):
                ways.setdefault(event.node, []).append((event, there, _settled(graph, event.node, key, there)))
        for node, moves in sorted(ways.items()):
            step = _fork(moves) or _hook(graph, moves)
            if step:
                found.append(TwoWayStep(space.decode(key), node, *step, graph))
    return tuple(found)


def _settled(graph, node, here, there):
    """The value that a step of `node` settles, or None."""
    before, after = (graph._space.local(node, key).decisions for key in (here, there))
    return after[0] if after and not before else graph._only_value(there)


def _fork(moves):
    settled = [(event, value) for event, _, value in moves if value is not None]
    for place, (one, red) in enumerate(settled):
        for other, blue in settled[place + 1 :]:
            if red != blue and bare(one) != bare(other):
                return (one, other), (red, blue), True
    return None


def _hook(graph, moves):
    for one, _, red in moves:
        for other, then, settled in moves if red is not None else ():
            if settled is None and bare(other) != bare(one):
                for event, end in graph._space.steps(then):
                    blue = _settled(graph, one.node, then, end) if event == one else None
                    if blue not in (None, red):
                        return (one, other), (red, blue), False
    return None


@dataclass(frozen=True)
class Aftermath:
    """What becomes of the others when the node of a 2-way step crashes before it takes the step.

    Attributes
    ----------
    run : Run
        To the step, the crash, and on by a shortest way to where nothing is left to happen and somebody waits in
        vain; only to the crash where there is no such way.
    valency : frozenset or None
        The values that some schedule of the others still decides; None where there are too many to say.
    waiting : tuple of int
        The live nodes that can never decide, whatever schedule the others take.
    """

    run: Run
    valency: frozenset | None
    waiting: tuple


def aftermath(step):
    """Crash the node of a TwoWayStep there, and see what the others can still do without it."""
    crashed = Run(_allowing(step.run.system, step.run), [*step.run.events, Crash(step.node)])
    graph = Transitions(crashed.system, crashed.last).grow(VISITED)
    values = graph.valencies(through=lambda event: 0 if isinstance(event, FAULTS) else -1)[0]
    hope = can_still_decide(graph, [frozenset()])[0]
    deciders = [i for i, cls in enumerate(crashed.system.classes) if cls.decides]
    waiting = tuple(i for i in deciders if not hope >> i & 1 and i not in crashed.last.crashed)
    end = next((number for number in range(len(graph.moves)) if _stuck(graph, number, deciders)), 0)
    events = [*crashed.events, *graph.schedule(end)]
    run = Run(crashed.system, drained(crashed.system, events) if waiting else events)
    return Aftermath(run, frozenset(values) if graph.complete else None, waiting)


def _stuck(graph, number, deciders):
    quiet = all(isinstance(event, FAULTS) for event, _ in graph.moves[number])
    return quiet and any(not graph.local(number, i).decisions and graph.local(number, i).up for i in deciders)


def _allowing(system, run):
    """The system with crashes enough for those of the run and one more."""
    crashes = max(system.budgets.crashes or 0, 1 + sum(isinstance(event, Crash) for event in run.events))
    return system.replace(crashes=crashes)
