"""The map of a state graph: a point for every configuration, or for all that are alike, in layers by their distance.

A point is colored by what can still be decided from it, its valency (Fischer, Lynch and Paterson, 1985, section 3,
https://doi.org/10.1145/3149.214121). In a layer those that can only end in the first value stand at the left, those
that can only end in another at the right, and all that are open or stuck between them; within these, each stands near
the ones that lead to it. Nothing here is random, so a map is the same on every machine.
"""

from collections import namedtuple

from consensus_lab.model.errors import ProtocolError
from consensus_lab.model.events import describe
from consensus_lab.model.run import Run
from consensus_lab.model.values import show
from consensus_lab.scene.look import Look, value_slots
from consensus_lab.scene.words import capital, held_words, listed

LARGEST = 3_000  # configurations that are drawn one by one
SWEEPS = 8  # through the layers, to have fewer crossings
SETTLES = "One node’s next step settles it, by which of two events comes first"

Kind = namedtuple("Kind", "can decided stuck")
Kind.__doc__ = "What can still be decided, None if not known; what has been; whether a live node never decides."

Place = namedtuple("Place", "parent event depth words kind next")
Place.__doc__ = "A configuration as the end of a run: see `StateGraph.unfolded`."


class GraphMap:
    """Where the configurations of a graph stand.

    Attributes
    ----------
    slots : dict
        The palette slot of each value, by its text.
    places : list of Place
        The configurations, by number.
    points : list of list of int
        The configurations of each point, nearest first, in the order of reading: by layers, and from the left.
    layers : list of int
        How many points there are after 0 events, after 1, and so on.
    kinds : list of Kind
        All that there are, the most open ones first.
    edges : list of dict
        For each point the texts of what leads to others, by their positions.
    two_way : dict
        What there is to say of each point where a node's next step settles the outcome either way, by its position.
        It is empty where points stand for many configurations.
    """

    def __init__(self, graph):
        self.graph, self.system = graph, graph.system
        self._look = Look(Run(self.system))
        self.places = self._places()
        self.collapsed = len(self.places) > LARGEST
        decided = (text for place in self.places for text in place.kind.decided)
        self.slots = value_slots(list(dict.fromkeys([*map(show, self.system.proposals.values()), *decided])))
        self.kinds = sorted({place.kind for place in self.places}, key=self._rank)
        self.points, self.layers = self._ordered()
        self.point_of = {number: at for at, numbers in enumerate(self.points) for number in numbers}
        self.edges = list(map(self._edges, self.points))
        self.two_way = {} if self.collapsed else self._two_way()

    def kind(self, at):
        """The Kind of the place at this point."""
        return self.places[self.points[at][0]].kind

    def path(self, number):
        """The numbers of the configurations that the run to this one passes through, this one the last."""
        path = [number]
        while (parent := self.places[path[-1]].parent) is not None:
            path.append(parent)
        return path[::-1]

    def run(self, path):
        """The Run along a path of places."""
        return Run(self.system, [self.places[number].event for number in path[1:]])

    # -- what there is to say of a configuration --------------------------------------------------------------

    def _places(self):
        places, eventual = [], [prop for prop in self.graph.properties if prop.eventual]
        for parent, event, c, steps in self.graph.unfolded():
            depth = 0 if parent is None else places[parent].depth + 1
            decided = self._in_order(value for local in c.nodes for value in local.decisions)
            can = self._can(c)
            over = steps == {}
            steps = steps or {}
            stuck = can == () or over and any(prop.broken(c) for prop in eventual)
            steps.pop(len(places), None)  # what changes nothing
            words = tuple(self._words(i, local) for i, local in enumerate(c.nodes))
            places.append(Place(parent, event, depth, words, Kind(can, decided, stuck), steps))
        return places

    def _can(self, configuration):
        try:
            return self._in_order(self.graph.valency(configuration))
        except ProtocolError:  # the search stopped too early to know
            return None

    def _in_order(self, values):
        """The texts of some values: those proposed in the order of their proposers, then all others."""
        texts = set(map(show, values))
        planned = [text for text in dict.fromkeys(map(show, self.system.proposals.values())) if text in texts]
        return (*planned, *sorted(texts.difference(planned)))

    def _words(self, i, local):
        decided = ["decided " + ", then ".join(map(show, local.decisions))] if local.decisions else []
        if decided or not local.up:
            return ", then ".join([*decided, *["crashed"] * (not local.up)])
        field, held = self._look.held_in(i, local)
        return f"{held_words(field)[1]} {held}" if held else "undecided" if self.system.classes[i].decides else "empty"

    def _rank(self, kind):
        can = kind.can or ()
        slots = [[self.slots[text] for text in texts] for texts in (can, kind.decided)]
        return kind.can is None, -len(can), slots[0], len(kind.decided), slots[1], kind.stuck

    # -- where it stands --------------------------------------------------------------------------------------

    def _ordered(self):
        groups = {}
        for number, place in enumerate(self.places):
            groups.setdefault((place.depth, place.kind) if self.collapsed else number, []).append(number)
        of = {number: key for key, numbers in groups.items() for number in numbers}
        near = {key: ({}, {}) for key in groups}  # what leads to it, and where it leads; dicts keep their order
        for number, place in enumerate(self.places):
            for there in place.next:
                near[of[number]][1][of[there]] = near[of[there]][0][of[number]] = None
        layers = [[] for _ in range(self.places[-1].depth + 1)]
        for key, (number, *_) in groups.items():
            layers[self.places[number].depth].append(key)
        side = {key: self._side(self.places[numbers[0]].kind) for key, numbers in groups.items()}
        first, spot = {key: numbers[0] for key, numbers in groups.items()}, {}
        for sweep in range(SWEEPS):
            forward = sweep % 2 == 0
            for layer in layers if forward else layers[::-1]:
                middle = {key: self._middle(near[key][not forward], spot, spot.get(key, 0)) for key in layer}
                layer.sort(key=lambda key: (side[key], middle[key], first[key]))
                spot |= {key: (place + 0.5) / len(layer) for place, key in enumerate(layer)}
        return [groups[key] for layer in layers for key in layer], list(map(len, layers))

    def _side(self, kind):
        """0 for the first value alone, 1 for what is open or stuck, and more for another value alone."""
        if kind.can is None or len(kind.can) != 1 or kind.stuck:
            return 1
        slot = self.slots[kind.can[0]]
        return slot + 1 if slot else 0

    @staticmethod
    def _middle(others, spot, default):
        spots = sorted(spot[other] for other in others if other in spot)
        return sum(spots) / len(spots) if spots else default

    def _edges(self, numbers):
        """{position of another point: the text of what leads there}."""
        steps = [(self.point_of[there], event) for n in numbers for there, event in self.places[n].next.items()]
        if not self.collapsed:
            return {there: describe(event, self.system.names) for there, event in steps}
        found = {}
        for there, _ in steps:
            found[there] = found.get(there, 0) + 1
        here = self.point_of[numbers[0]]
        return {there: f"{count:,} step{'s' * (count > 1)}" for there, count in found.items() if there != here}

    def _two_way(self):
        steps = {step.configuration: step for step in self.graph.two_way_steps()}
        found = {}
        for number, c in enumerate(self.graph):
            if c in steps:  # the run to its point may have led to another one of its orbit, with other names
                same = len(self.graph.orbit(c)) == 1
                found[self.point_of[number]] = f"{steps[c]}." if same else f"{SETTLES}."
        return dict(sorted(found.items()))

    # -- in words ---------------------------------------------------------------------------------------------

    def count(self, kind):
        """How many places are of a kind."""
        return sum(place.kind == kind for place in self.places)

    def say(self):
        """What the map shows, in a few sentences."""
        said = [f"{len(self.places):,} configuration{'s' * (len(self.places) > 1)} of {self.system}."]
        if not self.graph.complete:
            said.append("The search stopped before it had seen all.")
        if self.collapsed:
            said.append(
                f"Too many to draw one by one: those that are the same number of events from the start, and of which "
                f"the same can still come, share one of {len(self.points)} circles."
            )
        said.append(listed([f"{self.count(kind):,} {label(kind)}" for kind in self.kinds]) + ".")
        if self.two_way:
            said.append(f"In {len(self.two_way)} of the open ones the next step of one node settles it, either way.")
        return " ".join(said)


def label(kind):
    """A kind in a few words, as a legend has it."""
    can, decided = kind.can, kind.decided
    if len(decided) > 1:
        return f"{listed(decided)} decided"
    if can is None:
        return f"{decided[0]} decided, more not known" if decided else "not known"
    if kind.stuck:
        return f"stuck, {decided[0]} decided" if decided else "stuck"
    more = [text for text in can if text not in decided]
    if decided:
        return f"{decided[0]} decided" + (f", {' or '.join(more)} possible" if more else "")
    return f"only {can[0]}" if len(can) == 1 else " or ".join(can)


def outcome(kind):
    """The same as a sentence."""
    can, decided = kind.can, kind.decided
    if len(decided) > 1:
        return f"{capital(listed(decided))} have been decided, so Agreement is broken."
    if can is None:
        return "What can still be decided is not known: the search stopped before."
    if kind.stuck:
        return f"Stuck: {'one has decided, another never will' if decided else 'nothing can be decided any more'}."
    more = [text for text in can if text not in decided]
    if decided:
        return f"It ends in {decided[0]}" + (f", and perhaps in {' or '.join(more)} too." if more else ".")
    return f"It can only end in {can[0]}." if len(can) == 1 else f"It can still end in {' or in '.join(can)}."
