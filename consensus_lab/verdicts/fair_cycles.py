"""Cycles that treat everyone fairly and decide nothing.

A cycle through the state graph, repeated forever, is an unending run. It is fair when it owes nobody anything: each
message to a live node, each timer that stays armed, each planned proposal either happens in it, or is not possible
somewhere in it. Whether a strongly connected part of the graph holds such a cycle can be read off that part at once:
what is possible everywhere in it and happens nowhere in it, happens in no smaller part either. (This is weak
fairness; Emerson and Lei, "Modalities for Model Checking", 1987, https://doi.org/10.1016/0167-6423(87)90036-0.)
"""

from collections import deque
from typing import Any

from consensus_lab.exploration.labeled_graph import FAULTS
from consensus_lab.model.events import Deliver, Propose, Timeout


def loops(graph):
    """The strongly connected parts of the graph that hold a cycle without crashes and restarts, as lists of numbers."""
    arrows = [
        [there for event, there in moves if not isinstance(event, FAULTS) and there < len(graph.moves)]
        for moves in graph.moves
    ]
    return [part for part in _components(range(len(arrows)), arrows) if len(part) > 1 or part[0] in arrows[part[0]]]


def fair_cycle(graph, inside, down=frozenset()):
    """(number of a configuration, events of a fair cycle through it) with the nodes of `down` crashed, or None.

    `inside` is what `loops` gives. Some live node is undecided all along. Cycles in which nobody has decided come
    first, then the nearest.
    """
    ranks = {here: _undecided(graph, here, down) for part in inside for here in part}
    arrows = {
        here: [
            (event, there) for event, there in graph.moves[here]
            if ranks.get(there) and event.node not in down and not isinstance(event, FAULTS)
        ]
        for here, rank in ranks.items() if rank
    }  # fmt: skip
    parts = list(_components(arrows, {here: [there for _, there in ways] for here, ways in arrows.items()}))
    for part in sorted(parts, key=lambda part: (min(ranks[here] for here in part), min(part))):
        members = frozenset(part)
        within = {here: [(e, there) for e, there in arrows[here] if there in members] for here in sorted(part)}
        if any(within.values()):
            cycle = _Part(graph, within, down).cycle(min(part))
            if cycle:
                return min(part), cycle
    return None


def _undecided(graph, number, down):
    """0 where no live node is undecided; 1 where none has decided, else 2."""
    waiting = decided = False
    for i in graph.system.nodes:
        local = graph.local(number, i)
        decided = decided or bool(local.decisions)
        waiting = waiting or (i not in down and local.up and not local.decisions and graph.system.classes[i].decides)
    return (1 + decided) * (waiting and graph.asked(number))


class _Part:
    """A strongly connected part of the graph, and what fairness owes in it."""

    def __init__(self, graph, within, down):
        self.graph, self.within, self.down = graph, within, down

    def cycle(self, first):
        """The events of a fair cycle through `first`, or None where none is fair."""
        always = self.possible(first)
        for here in self.within:
            if not always:
                break
            always &= self.possible(here)
            always -= {debt for event, _ in self.within[here] for debt in self.paid(here, event, always)}
        if always:
            return None
        here, events, owed = first, [], self.possible(first)
        while owed:
            path = self.path(here, lambda number, event, there, owed=owed: self.settled(number, event, there, owed))
            for number, event, there in path:
                owed = owed - self.settled(number, event, there, owed)
                events.append(event)
                here = there
        if here != first or not events:
            events += [event for _, event, _ in self.path(here, lambda number, event, there: there == first)]
        return events

    def possible(self, number):
        """What could happen now at live nodes, whatever a coin comes to."""
        moves = self.graph.moves[number]
        return {_debt(e) for e, _ in moves if not isinstance(e, FAULTS) and e.node not in self.down}

    def settled(self, here, event, there, owed):
        return self.paid(here, event, owed) | (owed - self.possible(there))

    def paid(self, here, event, owed):
        """What of `owed` the event does: itself, or a timer that it arms anew."""
        debts = {_debt(event)} & owed
        timers = {debt for debt in owed if debt[:2] == (Timeout, event.node)}
        if timers - debts:
            reaction, _ = self.graph.system.react(self.graph.configuration(here), event, within_budget=False)
            armed = {name for name, after in reaction.clock if after is not None}
            debts |= {debt for debt in timers if debt[2] in armed}
        return debts

    def path(self, start, goal):
        """A shortest list of (configuration, event, next) in this part whose last one meets `goal`."""
        came: dict[Any, Any] = {start: None}
        queue = deque([start])
        while queue:
            here = queue.popleft()
            for event, there in self.within[here]:
                if goal(here, event, there):
                    steps = [(here, event, there)]
                    while came[here]:
                        steps.append(came[here])
                        here = came[here][0]
                    return steps[::-1]
                if there not in came:
                    came[there] = (here, event, there)
                    queue.append(there)
        raise AssertionError("a part that is strongly connected has a way")


def _debt(event):
    match event:
        case Deliver(envelope):
            return Deliver, envelope
        case Propose(node, value):
            return Propose, node, value
        case Timeout(node, name):
            return Timeout, node, name


def _components(nodes, arrows):
    """The strongly connected components (Tarjan 1972, https://doi.org/10.1137/0201010), without recursion."""
    index, low, on_stack, stack = {}, {}, set(), []
    for root in nodes:
        if root in index:
            continue
        work = [(root, None)]
        while work:
            here, rest = work.pop()
            if rest is None:
                index[here] = low[here] = len(index)
                stack.append(here)
                on_stack.add(here)
                rest = iter(arrows[here])
            for there in rest:
                if there not in index:
                    work += [(here, rest), (there, None)]
                    break
                if there in on_stack:
                    low[here] = min(low[here], index[there])
            else:
                if work:
                    before = work[-1][0]
                    low[before] = min(low[before], low[here])
                if low[here] == index[here]:
                    part = []
                    while not part or part[-1] != here:
                        part.append(stack.pop())
                        on_stack.discard(part[-1])
                    yield part
