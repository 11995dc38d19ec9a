"""Every schedule: a breadth-first search of all configurations, with shortest witnesses."""

import sys
from functools import cached_property

from consensus_lab.encoding import Encoding
from consensus_lab.errors import ProtocolError
from consensus_lab.events import Deliver
from consensus_lab.properties import CONSENSUS
from consensus_lab.reduction import living_letters
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
    alive = living_letters(system) if reduce and all(prop.reads != "messages" for prop in properties) else None
    encoding = Encoding(system, alive)
    start = encoding.encode(system.initial())
    parents, order, ends = {start: None}, [start], []
    expanded, successors = 0, encoding.successors
    for key in order:
        found, quiet = successors(key)
        for there in found:
            if there not in parents:
                if len(order) == max_states:
                    return StateGraph(encoding, parents, order, ends, expanded, properties)
                parents[there] = key
                order.append(there)
        if quiet:
            ends.append(key)
        expanded += 1
        if progress and expanded % 100_000 == 0:
            print(f"{expanded:,} configurations, {len(order) - expanded:,} to go", file=sys.stderr)
    return StateGraph(encoding, parents, order, ends, expanded, properties)


class StateGraph:
    """The configurations that `explore` has visited, and the events between them.

    Attributes
    ----------
    complete : bool
        True when every configuration was visited; False when the search stopped at its bound.
    """

    def __init__(self, encoding, parents, order, ends, expanded, properties):
        self.system, self.properties = encoding.system, properties
        self.complete = expanded == len(order)
        self._encoding, self._parents, self._order = encoding, parents, order
        self._ends, self._expanded = ends, expanded

    def __len__(self):
        return len(self._order)

    def __iter__(self):
        return map(self._encoding.decode, self._order)

    def __contains__(self, configuration):
        return self._encoding.encode(configuration) in self._parents

    def __repr__(self):
        return f"<state graph: {len(self):,} configurations{'' if self.complete else ', not all'}>"

    def __str__(self):
        lines = [str(self.system)]
        seen = len(self)
        if self.complete:
            lines.append(f"{seen:,} configurations: every schedule was covered")
        else:
            lines.append(
                f"{seen:,} configurations, and there are more: the search stopped at its bound. The schedules covered "
                f"are those of up to {self._depth()} events; raise max_states to cover longer ones"
            )
        for prop in self.properties:
            run = self.violations.get(prop.name)
            so_far = "in every schedule" if self.complete else "as far as the search went"
            lines.append(f"{prop.name}: " + (f"holds {so_far}" if run is None else f"broken, in {len(run)} events"))
        return "\n".join(lines)

    # -- what was found -------------------------------------------------------------------------------------

    @cached_property
    def stuck(self):
        """Runs, shortest first, that end with nothing left to happen and a live node undecided.

        One for each way that the nodes can be stuck; what lies undelivered at a crashed node makes no other way.
        """
        eventual = [prop for prop in self.properties if prop.eventual]
        ways = {}
        for key in self._ends:
            if any(prop.broken(self._encoding.decode(key)) for prop in eventual):
                ways.setdefault(key & self._encoding.node_bits, key)
        return tuple(sorted(map(self._drained, ways.values()), key=len))

    @cached_property
    def violations(self):
        """{property name: a shortest Run that breaks it}."""
        found = {}
        for prop in self.properties:
            if prop.eventual:
                runs = (run for run in self.stuck if prop.broken(run.last))
            else:
                runs = (self._run_to(key) for key in self._order if self._breaks(prop, key))
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
        mask = self._reach[self._key(configuration)]
        values = self._encoding.values
        possible = frozenset(value for bit, value in enumerate(values) if mask >> bit & 1)
        proposed = self.system.proposals.values()
        if mask >> len(values) and not (proposed and possible.issuperset(proposed)):
            raise ProtocolError(f"the search stopped at {len(self):,} configurations, too early; raise max_states")
        return possible

    def run_to(self, configuration):
        """A shortest run that ends in `configuration` (or in one that differs only in messages that do nothing)."""
        return self._run_to(self._key(configuration))

    def to_networkx(self):
        """The graph as a networkx.MultiDiGraph of configuration numbers, with the events as edge attributes."""
        import networkx

        graph = networkx.MultiDiGraph()
        numbers = {key: number for number, key in enumerate(self._order)}
        for key, number in numbers.items():
            graph.add_node(number, configuration=self._encoding.decode(key))
        for key in self._order[: self._expanded]:
            for there in dict.fromkeys(self._encoding.successors(key)[0]):
                graph.add_edge(numbers[key], numbers[there], event=self._encoding.event(key, there))
        return graph

    # -- how it is found ------------------------------------------------------------------------------------

    @cached_property
    def _reach(self):
        """{key: bits of the values that are still reachable, and one more if the bound is}."""
        decided, successors = self._encoding.decided, self._encoding.successors
        reach = {key: decided(key) for key in self._order}
        before = {key: [] for key in self._order}
        for key in self._order[: self._expanded]:
            for there in successors(key)[0]:
                before[there].append(key)
        bound = 1 << len(self._encoding.values)
        for key in self._order[self._expanded :]:
            reach[key] |= bound
        work = [key for key, bits in reach.items() if bits]
        while work:
            there = work.pop()
            bits = reach[there]
            for key in before[there]:
                if bits & ~reach[key]:
                    reach[key] |= bits
                    work.append(key)
        return reach

    @cached_property
    def _checked(self):
        return {}  # what a property reads of a configuration -> whether it is broken there

    def _breaks(self, prop, key):
        encoding = self._encoding
        match prop.reads:
            case "decisions":
                part = encoding.decided(key), encoding.planned(key)
            case "nodes":
                part = key & encoding.node_bits
            case _:
                part = key
        known = self._checked.get((prop.name, part))
        if known is None:
            known = self._checked[prop.name, part] = prop.broken(encoding.decode(key)) is not None
        return known

    def _key(self, configuration):
        key = self._encoding.encode(configuration)
        if key not in self._parents:
            why = "no schedule leads to it" if self.complete else "the search stopped before it; raise max_states"
            raise ProtocolError(f"{configuration!r} is not in the graph: {why}")
        return key

    def _run_to(self, key):
        events = []
        while (before := self._parents[key]) is not None:
            events.append(self._encoding.event(before, key))
            key = before
        return Run(self.system, reversed(events))

    def _depth(self):
        """How many events every schedule that was left out has at least."""
        return len(self._run_to(self._order[min(self._expanded, len(self) - 1)]))

    def _drained(self, key):
        """A shortest run to here, and on through the deliveries that were left out because they do nothing."""
        run = self._run_to(key)
        while self.system.network == "reliable":
            left = [envelope for envelope in run.last.in_flight if run.last.nodes[envelope.receiver].up]
            if not left:
                break
            run = run.then(Deliver(left[0]))
        return run
