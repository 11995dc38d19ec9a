"""Where a crash leaves a live node that can never decide.

Node i is without hope in a configuration C, with the nodes of F crashed, when no schedule from C in which F takes no
step lets i decide. FLP calls a protocol totally correct in spite of one fault only if this never happens.
"""

from collections import namedtuple
from itertools import combinations

from consensus_lab.exploration.drain import drained
from consensus_lab.exploration.labeled_graph import FAULTS, Transitions, can_still_decide, mail_to_the_living
from consensus_lab.model.events import Crash, bare
from consensus_lab.model.run import Run

Blocked = namedtuple("Blocked", "number down waiting events stuck fork")
Blocked.__doc__ = """A live node can never decide: the configuration's number (None if it is in no graph), the nodes
that crash in it, those that wait in vain, the schedule and then the crashes, whether nothing is left to happen, and
the two-way step that a crashed node was about to take, if any: (node, (event, value), (event, value))."""


def rank(way):
    """Which of several ways to block tells the most; the least comes first.

    It takes the fewest crashes; it takes away a node that was about to settle what is decided, so that the others are
    in doubt, rather than one that has done nothing yet; nothing is left to happen; and it is short.
    """
    return len(way.down), not way.fork, not way.stuck, len(way.events)


def crash_sets(system, crashes):
    """The sets of nodes that can crash, the smallest first; with restarts the schedules themselves hold the crashes."""
    if system.budgets.restarts != 0:
        return [frozenset()]
    most = min(system.n - 1, system.n if crashes is None else crashes)
    return [frozenset(down) for size in range(most + 1) for down in combinations(system.nodes, size)]


def blocked(graph, crashes):
    """The first of the ways to block, by their `rank`, or None if there are none."""
    system = graph.system
    downs = crash_sets(system, crashes)
    bits, n = can_still_decide(graph, downs), system.n
    valencies, best = None, None
    for f, down in enumerate(downs):
        if system.proposals and down.issuperset(system.proposals):
            continue  # nobody who is left ever asked for anything
        if best and len(down) > len(best.down):
            break
        for number in range(len(graph.moves)):
            waiting = _without_hope(graph, number, down, bits[number] >> f * n)
            if not waiting or not graph.asked(number):
                continue
            valencies = graph.valencies() if down and valencies is None else valencies
            two_ways = fork(graph, valencies, number, down) if down else None
            stuck = _nothing_left(graph, number, down)
            if best and rank(best) <= (len(down), not two_ways, not stuck, graph.depth(number) + len(down)):
                continue
            events = [*graph.schedule(number), *map(Crash, sorted(down))]
            if stuck:
                events = drained(system, events)
            way = Blocked(number, down, waiting, events, stuck, two_ways)
            best = way if not best or rank(way) < rank(best) else best
    return best


def fork(graph, valencies, number, nodes):
    """(node, (event, value), (event, value)): two events at one of `nodes` that leave different decisions, or None."""
    if len(valencies[number]) < 2:
        return None
    for node in sorted(nodes):
        ways = [(event, *valencies[there]) for event, there in graph.moves[number] if event.node == node]
        settled = [way for way in ways if len(way) == 2]
        for one in settled:
            for other in settled:
                if one[1] != other[1] and bare(one[0]) != bare(other[0]):
                    return node, one, other
    return None


def _nothing_left(graph, number, down):
    """Whether nothing is left to happen without the nodes of `down`, and no timer of the others is armed."""
    if any(not isinstance(event, FAULTS) and event.node not in down for event, _ in graph.moves[number]):
        return False
    return not any(graph.local(number, i).timers for i in graph.system.nodes if i not in down)


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
    return Blocked(None, down, waiting, events, False, None) if waiting else None


def _without_hope(graph, number, down, bits):
    waiting = []
    for i in graph.system.nodes:
        local = graph.local(number, i)
        if i not in down and local.up and not bits >> i & 1 and graph.system.classes[i].decides:
            waiting.append(i)
    return tuple(waiting)
