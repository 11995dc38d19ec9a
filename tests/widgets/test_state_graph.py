"""The map of a state graph says what the graph says, and its ways lead where they say."""

import json
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consensus_lab import Node, System, explore
from consensus_lab.answers.answer import answer
from consensus_lab.model.errors import ProtocolError
from consensus_lab.model.values import show
from consensus_lab.protocols import Coordinator, MajorityVote, TieBreakVote
from consensus_lab.scene.graph_map import LARGEST, GraphMap
from consensus_lab.widgets import GraphView

VOTE = {"n": 3, "proposals": {0: "red", 2: "blue"}}
SYSTEMS = {
    "vote": System(MajorityVote, **VOTE),
    "coordinator": System(Coordinator, 3, {1: "red", 2: "blue"}, crashes=1),
    "alike": System(Coordinator, 4, {1: "red", 2: "red", 3: "blue"}),
    "tie": System(TieBreakVote, **VOTE, timeouts=1),
}


@pytest.fixture(scope="module", params=SYSTEMS)
def graph(request):
    return explore(SYSTEMS[request.param])


@pytest.fixture(scope="module")
def vote():
    return GraphView(explore(SYSTEMS["vote"]))


def events_to(payload, place):
    rows = []
    while place > 0:
        place, row = payload["tree"][2 * place : 2 * place + 2]
        rows.append(payload["rows"][row])
    return rows[::-1]


def last_words(scene):
    words = [view["words"] for view in scene["nodes"]]
    for step in scene["steps"]:
        for node, view in step.get("set", {}).items():
            words[int(node)] = view["words"]
    return words


def test_every_configuration_is_a_point_of_its_valency(graph):
    drawn = GraphMap(graph)
    assert sorted(n for numbers in drawn.points for n in numbers) == list(range(len(graph))) and not drawn.collapsed
    assert sum(drawn.layers) == len(graph)
    for place, configuration in zip(drawn.places, graph):
        assert set(place.kind.can) == set(map(show, graph.valency(configuration)))
        assert place.depth == len(graph.run_to(configuration))


def test_the_unfolded_runs_are_runs_and_end_where_they_say(graph):
    drawn = GraphMap(graph)
    for number, configuration in enumerate(graph):
        run = drawn.run(drawn.path(number))
        assert run.last.nodes in [image.nodes for image in graph.orbit(configuration)]
        assert graph.valency(run.last) == graph.valency(configuration)


def test_what_can_happen_next_leads_to_the_points_it_says(graph):
    drawn, count = GraphMap(graph), 0
    net = graph.to_networkx()
    for number, place in enumerate(drawn.places):
        assert {*place.next} == {there for there in net.successors(number) if there != number}
        count += len(place.next)
    assert count == sum(map(len, drawn.edges))


def test_a_way_of_the_payload_is_replayed_to_the_words_of_its_point(vote):
    payload = json.loads(json.dumps(vote.payload))
    for at in range(0, len(payload["kind"]), 43):
        reply = answer({"do": "state", "run": payload["run"], "events": events_to(payload, at)})
        assert last_words(reply["scene"]) == [payload["states"][state] for state in payload["nodes"][at]]
    assert [step["t"] for step in reply["scene"]["steps"][:3]] == [0.5, 1.0, 1.5]


def test_what_is_recorded_passes_where_it_says(vote):
    payload = vote.payload
    assert len(payload["recorded"]) > 1
    for recorded in payload["recorded"]:
        assert [[0, *row] for row in events_to(payload, recorded["passes"][-1])] == [
            [0, kind, *rest] for kind, _, *rest in recorded["scene"]["run"]["events"]
        ]


def test_the_graph_of_a_vote_among_three_fits_a_page(vote):
    text = json.dumps(vote.payload | {"recorded": []}, separators=(",", ":"))
    assert len(text) < 40_000 and len(vote.payload["kind"]) == 633
    assert GraphView(explore(SYSTEMS["vote"])).payload == vote.payload


def test_red_stands_at_the_left_and_blue_at_the_right(vote):
    payload, start = vote.payload, 0
    for size in payload["layers"]:
        cans = [payload["kinds"][number]["can"] for number in payload["kind"][start : start + size]]
        assert cans == sorted(cans, key=[["red"], ["red", "blue"], ["blue"]].index)
        start += size


def test_stuck_and_broken_configurations_have_their_signs():
    stuck = GraphView(explore(SYSTEMS["coordinator"])).payload["kinds"]
    assert {kind["label"]: kind["sign"] for kind in stuck}["stuck"] == "none"
    broken = GraphView(explore(SYSTEMS["tie"])).payload["kinds"]
    assert [kind["say"] for kind in broken if kind["sign"] == "ne"] == [
        "Red and blue have been decided, so Agreement is broken."
    ]


def test_a_node_that_waits_forever_beside_one_that_has_decided_is_stuck():
    class Selfish(Node):
        def propose(self, value):
            self.decide(value)

        def receive(self, sender, message):
            pass

    kinds = GraphView(explore(System(Selfish, 2, {0: "red"}))).payload["kinds"]
    assert [kind["label"] for kind in kinds if kind["sign"]] == ["stuck, red decided"]


def test_two_way_steps_are_marked_where_they_are(graph):
    steps, drawn = graph.two_way_steps(), GraphMap(graph)
    assert len(drawn.two_way) == len({step.configuration for step in steps}) > 0
    for at, said in drawn.two_way.items():
        assert len(drawn.kind(at).can) == 2 and "settles it" in said


def test_many_configurations_are_drawn_in_groups_and_said_to_be():
    graph = explore(System(MajorityVote, 4, {0: "red", 2: "blue"}), max_states=LARGEST + 500)
    payload = GraphView(graph).payload
    assert sum(payload["count"]) == len(graph) > LARGEST > 50 > len(payload["count"])
    assert "Too many to draw one by one" in payload["say"] and "The search stopped before" in payload["say"]
    assert any(kind["can"] is None and "not known" in kind["label"] for kind in payload["kinds"])
    for at in range(len(payload["kind"])):
        reply = answer({"do": "state", "run": payload["run"], "events": events_to(payload, at)})
        assert last_words(reply["scene"]) == [payload["states"][state] for state in payload["nodes"][at]]
    ET.fromstring(GraphView(graph).picture.svg)


def test_the_widget_has_a_picture_a_transcript_and_a_stable_name(vote):
    assert repr(vote) == "GraphView('MajorityVote': 633 configurations in 11 layers)"
    assert "25 red or blue" in vote.picture.alt and "After 10 events: 2 red decided, 2 blue decided" in vote.transcript
    assert ET.fromstring(vote.picture.svg).get("viewBox") and len(vote.picture.svg) < 70_000
    data, _ = GraphView(explore(SYSTEMS["coordinator"]), "</script><b>")._repr_mimebundle_()
    assert 'data-widget="state_graph" data-needs="stage"' in data["text/html"] and "<b>" not in data["text/html"]
    assert "<b>" not in data["image/svg+xml"]


def test_what_is_no_graph_is_refused():
    with pytest.raises(ProtocolError, match="no state graph; pass what explore"):
        GraphView(SYSTEMS["vote"])


NEVER_SENT = [["deliver", 0, 1, ["Voted", "red"]]]


@pytest.mark.parametrize("events", [None, 3, [3], [[]], [["propose"]], [["<b>", 0]], NEVER_SENT])
def test_a_request_that_makes_no_sense_gets_one_line(vote, events):
    reply = answer({"do": "state", "run": vote.payload["run"], "events": events})
    assert reply.keys() == {"error"} and "\n" not in reply["error"] and len(reply["error"]) < 300


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(run=JSON, events=JSON)
def test_a_request_may_be_anything(run, events):
    assert answer({"do": "state", "run": run, "events": events}).keys() == {"error"}
