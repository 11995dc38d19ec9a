"""What a search of every schedule has found: violations, stuck runs, valencies, and a run to any configuration."""

from functools import cached_property
from itertools import islice

from consensus_lab.model.errors import ProtocolError
from consensus_lab.model.events import Deliver
from consensus_lab.model.run import Run


class StateGraph:
    """The configurations that `explore` has visited, and the events between them.

    Its length is the number of configurations that were visited, and iteration gives them, nearest first. If the
    search was reduced, each stands for its `orbit`, and a message that can no longer do anything is not in flight.
    Every question may be asked of any configuration that some schedule reaches.

    Attributes
    ----------
    complete : bool
        True when every configuration was visited; False when the search stopped before.
    """

    def __init__(self, space, properties, parents, expanded, interrupted):
        self.system, self.properties = space.system, properties
        self.complete = expanded == len(parents)
        self._space, self._parents, self._expanded, self._interrupted = space, parents, expanded, interrupted

    def __len__(self):
        return len(self._parents)

    def __iter__(self):
        return map(self._space.decode, self._parents)

    def __contains__(self, configuration):
        return self._find(configuration) in self._parents

    def __repr__(self):
        return f"<state graph: {len(self):,} configurations{'' if self.complete else ', not all'}>"

    def __str__(self):
        lines = [str(self.system), f"{len(self):,} configurations"]
        if self.complete:
            lines[-1] += ": every schedule was covered"
        else:
            why = "was interrupted" if self._interrupted else "stopped at its bound"
            more = "" if self._interrupted else "; raise max_states to cover longer ones"
            lines[-1] += (
                f", and there are more: the search {why}. The schedules covered are those of up to {self._depth()} "
                f"events{more}"
            )
        return "\n".join([*lines, *(f"{prop.name}: {self._outcome(prop)}" for prop in self.properties)])

    def _outcome(self, prop):
        so_far = "in every schedule" if self.complete else "as far as the search went"
        if prop.sometimes:
            run = self.witnesses.get(prop.name)
            return f"never happens, {so_far}" if run is None else f"happens, first in {len(run)} events"
        run = self.violations.get(prop.name)
        return f"holds {so_far}" if run is None else f"broken, in {len(run)} events"

    # -- what was found -------------------------------------------------------------------------------------

    @cached_property
    def stuck(self):
        """Runs, shortest first, that end with nothing left to happen and a live node undecided.

        One for each way that the nodes can be stuck; what lies undelivered at a crashed node makes no other way.
        """
        eventual = [prop for prop in self.properties if prop.eventual]
        space, ways = self._space, {}
        for key in islice(self._parents, self._expanded):
            if space.quiet(key):
                for end in space.orbit(key):
                    if any(prop.broken(space.decode(end)) for prop in eventual):
                        ways.setdefault(end & ~space.mail, (key, end))
        return tuple(sorted((self._drained(self._run_to(*way)) for way in ways.values()), key=len))

    @cached_property
    def violations(self):
        """{property name: a shortest Run that breaks it}.

        What should happen sometimes, and does not happen anywhere, is broken by the run of no events: nothing that
        comes after it can mend it.
        """
        found = {}
        for prop in self.properties:
            if prop.sometimes:
                missed = self.complete and prop.name not in self.witnesses
                run = Run(self.system) if missed else None
            elif prop.eventual:
                run = next((run for run in self.stuck if prop.broken(run.last)), None)
            else:
                run = self._first(prop, prop.broken)
            if run is not None:
                found[prop.name] = run
        return found

    @cached_property
    def witnesses(self):
        """{name: a shortest Run to where it happens}, for the properties that are to happen sometimes."""
        runs = {prop.name: self._first(prop, prop.happens) for prop in self.properties if prop.sometimes}
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

    def to_networkx(self):
        """The graph as a networkx.MultiDiGraph of configuration numbers, with the events as edge attributes."""
        import networkx

        graph = networkx.MultiDiGraph()
        numbers = {key: number for number, key in enumerate(self._parents)}
        for key, number in numbers.items():
            graph.add_node(number, configuration=self._space.decode(key))
        for key in islice(self._parents, self._expanded):
            events = {}
            for event, there in self._space.steps(key):
                events.setdefault(self._space.canonical(there), event)
            for there, event in events.items():
                graph.add_edge(numbers[key], numbers[there], event=event)
        return graph

    # -- how it is found ------------------------------------------------------------------------------------

    @cached_property
    def _reach(self):
        """{key: a bit that says whether the bound is still ahead, and above it those of the values that are}."""
        decided, successors = self._space.decided, self._successors
        reach = {key: decided(key) << 1 for key in self._parents}
        before = {key: [] for key in self._parents}
        for number, key in enumerate(self._parents):
            if number >= self._expanded:
                reach[key] |= 1
            else:
                for there in successors(key):
                    before[there].append(key)
        work = [key for key, bits in reach.items() if bits]
        while work:
            there = work.pop()
            bits = reach[there]
            for key in before[there]:
                if bits & ~reach[key]:
                    reach[key] |= bits
                    work.append(key)
        return reach

    def _only_value(self, key):
        """The one value that every schedule from here decides, if it decides; None where that is not certain."""
        bits = self._reach[key if key in self._reach else self._space.canonical(key)]
        return self._space.values[bits.bit_length() - 2] if not bits & 1 and bits.bit_count() == 1 else None

    def _first(self, prop, holds):
        """A shortest run to where a function of what the property reads is true, or None."""
        space, known, unread = self._space, {}, _Unread(prop)
        for key in self._parents:
            for image in (key,) if prop.reads == "decisions" else space.orbit(key):
                match prop.reads:
                    case "decisions":
                        part = space.decided(image), image & space.plan
                    case "nodes":
                        part = image & ~space.mail
                    case _:
                        part = image
                if part not in known:
                    c = space.decode(image)
                    known[part] = bool(holds(c if prop.reads == "messages" else c.with_network(unread)))
                if known[part]:
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
        return Run(self.system, [space.event(here, there) for here, there in zip(path, path[1:])])

    def _depth(self):
        """How many events every schedule that was left out has at least."""
        key, depth = next(islice(self._parents, min(self._expanded, len(self) - 1), None)), 0
        while (key := self._parents[key]) is not None:
            depth += 1
        return depth

    def _drained(self, run):
        """A run, and on through the deliveries that were left out because they do nothing."""
        while not self.system.network.keeps:
            left = [envelope for envelope in run.last.in_flight if run.last.nodes[envelope.receiver].up]
            if not left:
                break
            run = run.then(Deliver(left[0]))
        return run


class _Unread:
    """In place of the network, for a property that says it does not read it."""

    def __init__(self, prop):
        self._prop = prop

    def __iter__(self):
        name = self._prop.name
        raise ProtocolError(f'{name} reads the messages in flight; say so, and none is left out: reads = "messages"')

    def __len__(self):
        return len(list(self))

    def __contains__(self, copy):
        return copy in list(self)
