"""Where a crash leaves a live node that can never decide.

Node i is without hope in a configuration C, with the nodes of F crashed, when no schedule from C in which F takes no
step lets i decide. FLP calls a protocol totally correct in spite of one fault only if this never happens.
"""

from collections import namedtuple
from itertools import combinations

from consensus_lab.exploration.drain import drained
from consensus_lab.exploration.labeled_graph import FAULTS, Transitions, can_still_decide, mail_to_the_living
from consensus_lab.model.events import Crash
from consensus_lab.model.run import Run

Blocked = namedtuple("Blocked", "number down waiting events stuck")
Blocked.__doc__ = """A live node can never decide: the configuration's number (None if it is in no graph), the nodes
that crash in it, those that wait in vain, the schedule and then the crashes, and whether nothing is left to happen."""


def crash_sets(system, crashes):
    """The sets of nodes that can crash, the smallest first; with restarts the schedules themselves hold the crashes."""
    if system.budgets.restarts != 0:
        return [frozenset()]
    most = min(system.n - 1, system.n if crashes is None else crashes)
    return [frozenset(down) for size in range(most + 1) for down in combinations(system.nodes, size)]


def blocked(graph, crashes):
    """The ways to block that take the fewest crashes: of those that end with nothing left to happen the shortest, else
    the first configuration without hope. None if there are none.
    """
    system = graph.system
    downs = crash_sets(system, crashes)
    bits, n = can_still_decide(graph, downs), system.n
    found = None
    for f, down in enumerate(downs):
        if system.proposals and down.issuperset(system.proposals):
            continue  # nobody who is left ever asked for anything
        if found and len(down) > len(found.down):
            break
        for number in range(len(graph.moves)):
            waiting = _without_hope(graph, number, down, bits[number] >> f * n)
            if not waiting or not graph.asked(number):
                continue
            stuck = all(isinstance(e, FAULTS) or e.node in down for e, _ in graph.moves[number])
            stuck = stuck and not any(graph.local(number, i).timers for i in system.nodes if i not in down)
            if found and (found.stuck, -len(found.events)) >= (stuck, -graph.depth(number) - len(down)):
                continue
            events = [*graph.schedule(number), *map(Crash, sorted(down))]
            if stuck:
                events = drained(system, events)
            if not found or (stuck, -len(events)) > (found.stuck, -len(found.events)):
                found = Blocked(number, down, waiting, events, stuck)
    return found


def blocked_early(system, down, events, most):
    """The way to block after the schedule `events` with the nodes of `down` crashed then, or None.

    For a protocol that sends the dead ever more messages: these are left out, so that its schedules come to an end.
    """
    events = [*events, *map(Crash, sorted(down))]
    last = Run(system, events).last
    if not last.proposed and system.proposals:
        return None
    graph = Transitions(system, last, alive=mail_to_the_living).grow(most)
    waiting = _without_hope(graph, 0, down, can_still_decide(graph, [frozenset()])[0])
    return Blocked(None, down, waiting, events, False) if waiting else None


def _without_hope(graph, number, down, bits):
    waiting = []
    for i in graph.system.nodes:
        local = graph.local(number, i)
        if i not in down and local.up and not bits >> i & 1 and graph.system.classes[i].decides:
            waiting.append(i)
    return tuple(waiting)
