"""Every history that the clients of a system can see: each schedule, and with it what was called before what.

A configuration does not tell which of two calls came first, so the search adds a history variable to it, in the sense
of Abadi and Lamport, "The Existence of Refinement Mappings" (1991), section 2.4,
https://doi.org/10.1016/0304-3975(91)90224-P: it notes what has happened, and changes nothing.
"""

from dataclasses import dataclass
from typing import Any

from consensus_lab.linearizability.linearization import calls_and_returns, linearize, operations
from consensus_lab.model.run import Run
from consensus_lab.model.values import canonical


@dataclass(frozen=True)
class Histories:
    """What `explore_histories` has found. It is true where every history is linearizable.

    Attributes
    ----------
    run : Run or None
        A shortest run with a history that is not.
    found : int
        How many histories there are in which something was answered, among the configurations visited.
    configurations : int
        How many pairs of a configuration and a history were visited.
    complete : bool
        They are all.
    """

    run: Run | None
    found: int
    configurations: int
    complete: bool

    def __bool__(self):
        return self.complete and self.run is None

    def __str__(self):
        looked = f"{self.found:,} histories in {self.configurations:,} configurations"
        if self.run:
            return f"not linearizable: found after {looked}"
        return f"linearizable: all {looked}" if self.complete else f"unknown: stopped after {looked}"


def explore_histories(system, machine, max_states=100_000):
    """Visit every configuration of `system` with every history that leads to it, until one is not linearizable.

    Parameters
    ----------
    system : System
        With clients; see `consensus_lab.protocols.replication.clients`.
    machine : see `consensus_lab.linearizability.linearization.linearize`
        What the servers replicate.
    max_states : int
        Stop after so many.

    Returns
    -------
    Histories
        What was found, and whether that is all.
    """
    clients = {i for i, kind in enumerate(system.classes) if kind.client}
    start = system.initial(), ()
    parents: dict[tuple, Any] = {start: None}
    fine, level = set(), [start]
    while level:
        later = []
        for here in level:
            for event, after in system.successors(here[0]):
                seen = _grown(here, event.node, after) if event.node in clients else here[1]
                there = after, seen
                if there in parents:
                    continue
                parents[there] = here, event
                if seen not in fine and _returned(seen):
                    if not linearize(_operations(seen, system.names), machine):
                        return Histories(_run(system, parents, there), len(fine) + 1, len(parents), False)
                    fine.add(seen)
                if len(parents) == max_states:
                    return Histories(None, len(fine), len(parents), False)
                later.append(there)
        level = later
    return Histories(None, len(fine), len(parents), True)


def _grown(here, node, after):
    """The history after a step of a client: a tuple of groups, of returns and of calls by turns.

    Within a group the order shows in no answer, so it is always the same.
    """
    before, groups = here
    for what in calls_and_returns(before.state(node), after.state(node)):
        told = len(what) == 3
        if not groups or (len(groups[-1][0]) == 4) != told:
            groups += ((),)
        groups = (*groups[:-1], tuple(sorted((*groups[-1], (node, *what)), key=canonical)))
    return groups


def _returned(groups):
    return any(len(group[0]) == 4 for group in groups)


def _operations(groups, names):
    return operations([(time, *what) for time, group in enumerate(groups) for what in group], names)


def _run(system, parents, there):
    events = []
    while parents[there]:
        there, event = parents[there]
        events.append(event)
    return Run(system, events[::-1])
