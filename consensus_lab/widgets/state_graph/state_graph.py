"""The state graph: every configuration, colored by what can still be decided; the stage goes where you click."""

import json

from consensus_lab.exploration.state_graph import StateGraph
from consensus_lab.figures.map import map_picture
from consensus_lab.model.class_source import definitions
from consensus_lab.model.errors import ProtocolError
from consensus_lab.model.run import Run
from consensus_lab.model.run_json import as_object
from consensus_lab.scene.graph_map import GraphMap, label, outcome
from consensus_lab.scene.scene import scene
from consensus_lab.widgets.base import Recorded

MOST = 100_000  # configurations, drawn in groups
RUNS = 6  # that are recorded, for a page without Python to play


class GraphView(Recorded):
    """All configurations of a system and the events between them, in layers by their distance from the start.

    Up to 3,000 configurations are points of their own. Of more, those in one layer that can still end in the same
    are drawn as one.

    Parameters
    ----------
    graph : StateGraph
        What `explore` has found.
    title : str
        By default the name of the protocol.

    Examples
    --------
    >>> from consensus_lab import System, explore
    >>> from consensus_lab.protocols import Coordinator
    >>> GraphView(explore(System(Coordinator, n=3, proposals={1: "red", 2: "blue"})))
    GraphView('Coordinator': 18 configurations in 6 layers)
    """

    kind, heading, needs = "state_graph", "In words", ("stage",)

    def __init__(self, graph, title=""):
        if not isinstance(graph, StateGraph):
            raise ProtocolError(f"{graph!r:.80} is no state graph; pass what explore(system) returns")
        if len(graph) > MOST:
            raise ProtocolError(f"{len(graph):,} configurations are too many to draw; the limit is {MOST:,}")
        classes = self._classes = list(dict.fromkeys(graph.system.classes))
        title = title or " and ".join(cls.__name__ for cls in classes)
        drawn = GraphMap(graph)
        payload = _payload(drawn, title)
        source = definitions(classes)
        layers = len(drawn.layers)
        size = f"{len(graph):,} configuration{'s' * (len(graph) > 1)} in {layers} layer{'s' * (layers > 1)}"
        self._words = f"GraphView({title!r}: {size})"
        super().__init__(payload=payload | ({"source": source} if source else {}))

    def __repr__(self):
        return self._words

    @property
    def picture(self):
        """The still picture of the whole graph."""
        return map_picture(self.payload)

    @property
    def transcript(self):
        """How many configurations of which kind there are in each layer."""
        payload, lines, start = self.payload, [self.payload["say"]], 0
        for depth, size in enumerate(payload["layers"]):
            found = [0] * len(payload["kinds"])
            for at in range(start, start + size):
                found[payload["kind"][at]] += payload["count"][at] if payload["count"] else 1
            start += size
            listed = ", ".join(f"{n:,} {kind['label']}" for n, kind in zip(found, payload["kinds"]) if n)
            lines.append(f"After {depth} event{'s' * (depth != 1)}: {listed}")
        return "\n".join(lines)

    @property
    def protocols(self):
        return self._classes


class _Table:
    """Things by number, each once."""

    def __init__(self):
        self.items, self._numbers = [], {}

    def __call__(self, item):
        key = json.dumps(item)
        if key not in self._numbers:
            self._numbers[key] = len(self.items)
            self.items.append(item)
        return self._numbers[key]


def _payload(drawn, title):
    """The map as plain JSON; the README of `consensus_lab.scene` has the format."""
    system, heads = drawn.system, [numbers[0] for numbers in drawn.points]
    states, labels, rows = _Table(), _Table(), _Table()
    nodes = [[states(words) for words in drawn.places[number].words] for number in heads]
    edges = [
        [part for to, text in steps.items() for part in (to - at, labels(text))] for at, steps in enumerate(drawn.edges)
    ]
    recorded = _recorded(drawn)
    paths = [*map(drawn.path, heads), *recorded]
    tree = list(dict.fromkeys([*heads, *(number for path in paths for number in path)]))
    position = {number: at for at, number in enumerate(tree)}
    way = [-1, -1]  # the first point is the start
    for number in tree[1:]:
        place = drawn.places[number]
        way += [position[place.parent], rows(_row(system, place.event))]
    return {
        "version": 1,
        "title": title,
        "say": drawn.say(),
        "names": list(system.names),
        "values": [[text, slot] for text, slot in drawn.slots.items()],
        "kinds": [_kind(drawn, kind) for kind in drawn.kinds],
        "layers": drawn.layers,
        "kind": [drawn.kinds.index(drawn.kind(at)) for at in range(len(heads))],
        "count": [len(numbers) for numbers in drawn.points] if drawn.collapsed else None,
        "two_way": [list(item) for item in drawn.two_way.items()],
        "states": states.items,
        "nodes": nodes,
        "labels": labels.items,
        "edges": edges,
        "rows": rows.items,
        "tree": way,
        "inside": [drawn.point_of[number] for number in tree[len(heads) :]],
        "run": as_object(Run(system)),
        "recorded": [
            {"passes": [position[number] for number in path], "scene": scene(drawn.run(path), title)}
            for path in recorded
        ],
    }


def _kind(drawn, kind):
    return {
        "can": None if kind.can is None else list(kind.can),
        "decided": list(kind.decided),
        "sign": "ne" if len(kind.decided) > 1 else "none" if kind.stuck else "",
        "label": label(kind),
        "say": outcome(kind),
        "count": drawn.count(kind),
    }


def _row(system, event):
    """The event as a run's JSON has it, without its time."""
    ((kind, _, *rest),) = as_object(Run(system, [event]))["events"]
    return [kind, *rest]


def _recorded(drawn):
    """The ways to one end of each kind, and through the kinds that have none."""
    paths = []
    for kind in drawn.kinds:
        numbers = [number for number, place in enumerate(drawn.places) if place.kind == kind]
        ends = [number for number in numbers if not drawn.places[number].next]
        paths.append(drawn.path((ends or numbers)[0]))
    paths = [path for path in paths if not any(path == other[: len(path)] for other in paths if other is not path)]
    return paths[:RUNS]
