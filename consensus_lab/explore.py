"""Every schedule: a breadth-first search of all configurations, with shortest witnesses."""

import sys
from collections import deque
from functools import cached_property

from consensus_lab.errors import ProtocolError
from consensus_lab.events import Deliver
from consensus_lab.properties import CONSENSUS, decided
from consensus_lab.reduction import reduction
from consensus_lab.run import Run


def explore(system, *, reduce=True, max_states=1_000_000, progress=False, properties=CONSENSUS):
    """Visit every configuration that some schedule of `system` reaches.

    Parameters
    ----------
    system : System
    reduce : bool
        Leave out what cannot change any verdict, violation, valency or stuck run. With False every configuration
        is visited, so that the count can be held against other tools.
    max_states : int
        Stop after this many configurations; the graph then says so.
    progress : bool
        Print a line now and then to the standard error stream.
    properties : iterable of Property
        What to check; Agreement, Validity and Termination by default.

    Returns
    -------
    StateGraph
    """
    if max_states < 1:
        raise ProtocolError(f"max_states={max_states!r}: allow at least one configuration")
    properties = tuple(properties)
    simpler = reduction(system) if reduce and not any(p.reads_messages for p in properties) else None
    initial = simpler(system.initial()) if simpler else system.initial()
    index = {initial: 0}
    order, parents, edges, queue = [initial], [None], [], deque([0])
    complete = True
    while queue and complete:
        here = queue.popleft()
        out = []
        for event, there in system.successors(order[here]):
            if simpler:
                there = simpler(there)
            number = index.get(there)
            if number is None:
                if len(order) == max_states:
                    complete = False
                    break
                number = index[there] = len(order)
                order.append(there)
                parents.append((here, event))
                queue.append(number)
                if progress and number % 100_000 == 0:
                    print(f"{number:,} configurations", file=sys.stderr)
            out.append(number)
        else:
            edges.append(out)
    return StateGraph(system, order, index, parents, edges, complete, simpler, properties)


class StateGraph:
    """The configurations that `explore` has visited, and the events between them.

    Attributes
    ----------
    complete : bool
        True when every configuration was visited; False when the search stopped at its bound.
    """

    def __init__(self, system, order, index, parents, edges, complete, simpler, properties):
        self.system, self.complete, self.properties = system, complete, properties
        self._order, self._index, self._parents, self._edges = order, index, parents, edges
        self._simpler = simpler

    def __len__(self):
        return len(self._order)

    def __iter__(self):
        return iter(self._order)

    def __contains__(self, configuration):
        return self._simple(configuration) in self._index

    def __repr__(self):
        return f"<state graph: {len(self):,} configurations{'' if self.complete else ', not all'}>"

    def __str__(self):
        lines = [str(self.system)]
        seen, expanded = len(self), len(self._edges)
        if self.complete:
            lines.append(f"{seen:,} configurations: every schedule was covered")
        else:
            lines.append(
                f"{seen:,} configurations, and there are more: the search stopped at its bound. The schedules covered "
                f"are those of up to {self._depth(expanded)} events; raise max_states to cover longer ones"
            )
        for prop in self.properties:
            run = self.violations.get(prop.name)
            so_far = "in every schedule" if self.complete else "as far as the search went"
            lines.append(f"{prop.name}: " + (f"broken, in {len(run)} events" if run else f"holds {so_far}"))
        return "\n".join(lines)

    # -- what was found -------------------------------------------------------------------------------------

    @cached_property
    def stuck(self):
        """Runs, shortest first, that end with nothing left to happen and a live node undecided."""
        eventual = [prop for prop in self.properties if prop.eventual]
        ends = [c for c in self._order if any(prop.broken(c) for prop in eventual)]
        return tuple(sorted(map(self._drained, ends), key=len))

    @cached_property
    def violations(self):
        """{property name: a shortest Run that breaks it}."""
        found = {}
        for prop in self.properties:
            if prop.eventual:
                runs = (run for run in self.stuck if prop.broken(run.last))
            else:
                runs = (self.run_to(c) for c in self._order if prop.broken(c))
            run = next(runs, None)
            if run is not None:
                found[prop.name] = run
        return found

    def valency(self, configuration):
        """The set of values that some schedule from here still decides.

        It is what Fischer, Lynch and Paterson (1985), section 3, call bivalent when it has two values and univalent
        when it has one.

        Raises
        ------
        ProtocolError
            If the configuration was not visited, or the search stopped at its bound before the answer was certain.
        """
        values, reach = self._reach
        mask = reach[self._number(configuration)]
        possible = frozenset(value for bit, value in enumerate(values) if mask >> bit & 1)
        if mask >> len(values) and not possible.issuperset(self.system.proposals.values()):
            raise ProtocolError(f"the search stopped at {len(self):,} configurations, before this was certain; raise max_states")
        return possible

    def run_to(self, configuration):
        """A shortest run that ends in `configuration` (or in one that differs only in messages that do nothing)."""
        return self._run_to(self._number(configuration))

    def to_networkx(self):
        """The graph as a networkx.MultiDiGraph of configuration numbers, with the events as edge attributes."""
        import networkx

        graph = networkx.MultiDiGraph()
        for number, configuration in enumerate(self._order):
            graph.add_node(number, configuration=configuration)
        for number in range(len(self._edges)):
            for event, there in self.system.successors(self._order[number]):
                graph.add_edge(number, self._index[self._simple(there)], event=event)
        return graph

    # -- how it is found ------------------------------------------------------------------------------------

    @cached_property
    def _reach(self):
        """(values, masks): a mask has a bit a value that is still reachable, and one more if the bound is."""
        values = list(dict.fromkeys(value for c in self._order for _, value in decided(c)))
        bit = {value: 1 << position for position, value in enumerate(values)}
        masks = [0] * len(self)
        for number, configuration in enumerate(self._order):
            for _, value in decided(configuration):
                masks[number] |= bit[value]
        for number in range(len(self._edges), len(self)):
            masks[number] |= 1 << len(values)
        before = [[] for _ in self._order]
        for number, out in enumerate(self._edges):
            for there in out:
                before[there].append(number)
        work = [number for number, mask in enumerate(masks) if mask]
        while work:
            there = work.pop()
            mask = masks[there]
            for number in before[there]:
                if mask & ~masks[number]:
                    masks[number] |= mask
                    work.append(number)
        return values, masks

    def _simple(self, configuration):
        return self._simpler(configuration) if self._simpler else configuration

    def _number(self, configuration):
        number = self._index.get(self._simple(configuration))
        if number is None:
            why = "no schedule leads to it" if self.complete else "the search stopped before it; raise max_states"
            raise ProtocolError(f"{configuration!r} is not in the graph: {why}")
        return number

    def _run_to(self, number):
        events = []
        while number:
            number, event = self._parents[number]
            events.append(event)
        return Run(self.system, reversed(events))

    def _depth(self, number):
        return len(self._run_to(min(number, len(self) - 1)))

    def _drained(self, configuration):
        """A shortest run to here, and on through the deliveries that the reduction leaves out."""
        run = self._run_to(self._index[configuration])
        while self._simpler and self.system.network == "reliable":
            left = [e for e in run.last.in_flight if run.last.nodes[e.receiver].up]
            if not left:
                break
            run = run.then(Deliver(left[0]))
        return run
