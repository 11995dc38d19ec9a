"""What a search of every schedule has found: violations, stuck runs, valencies, and a run to any configuration."""

from functools import cached_property

from consensus_lab.exploration import graph_export, graph_text
from consensus_lab.exploration.drain import drained
from consensus_lab.exploration.property_search import PropertySearch
from consensus_lab.exploration.shortest_end import shortest_schedules
from consensus_lab.exploration.visited import Walks
from consensus_lab.model.errors import ProtocolError
from consensus_lab.model.properties import checked
from consensus_lab.model.run import Run


class StateGraph:
    """The configurations that `explore` has visited, and the events between them.

    Its length is the number of configurations that were visited, and iteration gives them, nearest first. If the
    search was reduced, each stands for its `orbit`, and a message that can no longer do anything is not in flight.
    Every question may be asked of any configuration that some schedule reaches.

    Attributes
    ----------
    system : System
    properties : tuple of Property
        What was checked.
    complete : bool
        True when every configuration was visited; False when the search stopped before.
    engine : str
        Which one searched, "python" or "compiled"; what the graph says is the same.
    """

    def __init__(self, space, properties, parents, expanded, stopped=None, start=None):
        self.system, self.properties = space.system, properties
        self.complete = expanded == len(parents)
        self._space, self._parents, self._expanded, self._stopped = space, parents, expanded, stopped
        self._walks = Walks(space, parents, expanded) if isinstance(parents, dict) else parents
        self.engine = self._walks.engine
        self._start = Run(self.system) if start is None else start

    def __len__(self):
        return len(self._parents)

    def __iter__(self):
        return map(self._space.decode, self._parents)

    def __contains__(self, configuration):
        return self._find(configuration) in self._parents

    def __repr__(self):
        return f"<state graph: {len(self):,} configurations{'' if self.complete else ', not all'}>"

    def __str__(self):
        return graph_text.summary(self)

    def outcome(self, prop):
        """What came of a property, in words: "holds in every schedule", say."""
        return graph_text.outcome(self, prop)

    # -- what was found -------------------------------------------------------------------------------------

    @cached_property
    def stuck(self):
        """A tuple of runs, shortest first, that end with nothing left to happen and a live node undecided.

        There is one for each way that the nodes can be stuck, a shortest one; what lies undelivered at a crashed node
        makes no other way. The length counts every event, those among them that change nothing.
        """
        eventual = [prop for prop in self.properties if prop.eventual]
        space, ways = self._space, {}
        for key in self._walks.quiet():
            for end in space.orbit(key):
                if any(checked(prop, space.decode(end)) for prop in eventual):
                    ways.setdefault(end & ~space.mail, []).append((key, end))
        runs = {part: self._drained(self._run_to(*ends[0])) for part, ends in ways.items()}
        if not space.network.keeps and space.alive:
            self._shorten(runs, ways)
        return tuple(sorted(runs.values(), key=len))

    def _shorten(self, runs, ways):
        """Put a shorter run for those that go on through messages which the search left out."""
        depths = {part: len(self._run_to(*ends[0])) for part, ends in ways.items()}
        longer = [part for part, run in runs.items() if len(run) > depths[part]]
        if not longer:
            return
        ends = {end: part for part in longer for _, end in ways[part]}
        most = max(len(runs[part]) for part in longer)
        start = next(iter(self._parents))
        for end, events in shortest_schedules(self._space, start, ends, most).items():
            run = self._drained(self._extended(events))
            if len(run) < len(runs[ends[end]]):
                runs[ends[end]] = run

    @cached_property
    def violations(self):
        """A dict of property name to a shortest Run that breaks it; the run's own text says so.

        What should happen sometimes, and does not happen anywhere, is broken by the run of no events: nothing that
        comes after it can mend it.
        """
        found = {}
        for prop in self.properties:
            if prop.sometimes:
                missed = self.complete and prop.name not in self.witnesses
                run = self._start if missed else None
            elif prop.eventual:
                run = next((run for run in self.stuck if checked(prop, run.last)), None)
            else:
                run = self._first(prop)
            if run is not None:
                found[prop.name] = Run(self.system, run.events, run.times, properties=(prop,))
        return found

    @cached_property
    def witnesses(self):
        """A dict of name to a shortest Run to where it happens, for the properties that are to happen sometimes."""
        runs = {prop.name: self._first(prop) for prop in self.properties if prop.sometimes}
        return {name: run for name, run in runs.items() if run is not None}

    def valency(self, configuration):
        """The set of values that some schedule from here still decides.

        It is what Fischer, Lynch and Paterson (1985), section 3, call bivalent when it has two values and univalent
        when it has one.

        Raises
        ------
        ProtocolError
            If the configuration was not visited, or the search stopped before the answer was certain.
        """
        bits = self._reach[self._key(configuration)]
        possible = frozenset(value for place, value in enumerate(self._space.values, 1) if bits >> place & 1)
        proposed = self.system.proposals.values()
        if bits & 1 and not (proposed and possible.issuperset(proposed)):
            raise ProtocolError(f"the search stopped at {len(self):,} configurations, too early; raise max_states")
        return possible

    def two_way_steps(self):
        """The steps in which one node settles the decision by what it hears first: a tuple of TwoWayStep."""
        from consensus_lab.exploration.two_way_steps import two_way_steps

        return two_way_steps(self)

    def run_to(self, configuration):
        """A shortest run that ends in `configuration` (or in one that differs only in messages that do nothing)."""
        return self._run_to(self._key(configuration), self._space.encode(configuration))

    def orbit(self, configuration):
        """All configurations that one of the graph stands for, itself among them, as a tuple.

        They differ only in which of the interchangeable nodes is which. Where the search did not reduce these, there
        is only the one.
        """
        return tuple(map(self._space.decode, self._space.orbit(self._key(configuration))))

    def unfolded(self):
        """Every configuration, nearest first, as the end of a shortest run that is the run of another and one event.

        Each is ``(number of that other, event, configuration, {number: event} of what can happen next)``. The first
        has None for the other and the event. Of the configurations that one of the graph stands for, this run decides
        which is given; of several events that lead to the same number, the first. The last item is None for those
        that the search has not looked beyond.
        """
        space, numbers = self._space, {key: number for number, key in enumerate(self._parents)}
        ways = []
        for number, (key, before) in enumerate(self._parents.items()):
            other = event = None
            if before is not None:
                other = numbers[before]
                event, key = ways[other][number]
            found = {}
            for step, there in space.steps(key) if number <= self._expanded else ():
                found.setdefault(numbers.get(space.canonical(there)), (step, there))
            found.pop(None, None)  # beyond the bound, which the search may have hit in the middle of these
            ways.append(found)
            seen = found or number < self._expanded
            yield other, event, space.decode(key), {to: step for to, (step, _) in found.items()} if seen else None

    def to_networkx(self, text=False):
        """The graph as a networkx.MultiDiGraph of configuration numbers, nearest first, with an edge for every event.

        Parameters
        ----------
        text : bool
            Leave the objects out and keep what is text or a truth value, as GraphML and other files need.

        Returns
        -------
        networkx.MultiDiGraph
            A node has `configuration` and `label`, its text. An edge has `event`, `label`, and `exact`: whether the
            event leads to that very configuration. Where the search was reduced it may lead to one that the other
            stands for: the same up to a renaming of interchangeable nodes and to messages that do nothing any more.
        """
        return graph_export.to_networkx(self, text)

    # -- how it is found ------------------------------------------------------------------------------------

    @cached_property
    def _reach(self):
        """{key: a bit that says whether the bound is still ahead, and above it those of the values that are}."""
        return self._walks.reach()

    def _only_value(self, key):
        """The one value that every schedule from here decides, if it decides; None where that is not certain."""
        bits = self._reach[key if key in self._reach else self._space.canonical(key)]
        return self._space.values[bits.bit_length() - 2] if not bits & 1 and bits.bit_count() == 1 else None

    def _first(self, prop):
        """A shortest run to where a property is broken, or happens that is to happen sometimes; or None."""
        search = PropertySearch(self._space, prop)
        for key in self._walks.distinct(-1 if prop.reads == "messages" else ~self._space.mail):
            image = search.found(key)
            if image is not None:
                return self._run_to(key, image)
        return None

    def _successors(self, key):
        """The ints of the graph that can come next."""
        parents, canonical = self._parents, self._space.canonical
        return [there if there in parents else canonical(there) for there in self._space.successors(key)]

    def _find(self, configuration):
        """The int that stands for a configuration; None for one that no schedule can lead to."""
        try:
            return self._space.canonical(self._space.encode(configuration))
        except KeyError:  # no renaming has come across one of its parts
            return None

    def _key(self, configuration):
        key = self._find(configuration)
        if key not in self._parents:
            why = "no schedule leads to it" if self.complete else "the search stopped before it; raise max_states"
            raise ProtocolError(f"{configuration!r} is not in the graph: {why}")
        return key

    def _run_to(self, key, last=None):
        """A shortest run to a configuration of the graph, and to `last` of those that it stands for."""
        space, keys = self._space, []
        while key is not None:
            keys.append(key)
            key = self._parents[key]
        path = space.unfold(keys[::-1], last)
        return self._extended([space.event(here, there) for here, there in zip(path, path[1:])])

    def _extended(self, events):
        """The run that the search began with, and then some events."""
        return self._start.then(*events) if len(self._start) else Run(self.system, events)

    def _drained(self, run):
        return self._extended(drained(self.system, run.events)[len(self._start) :])

    def _depth(self):
        """How many events every schedule that was left out has at least, from the start of the search."""
        return self._walks.depth(min(self._expanded, len(self) - 1))
