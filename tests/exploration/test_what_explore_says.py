"""What `explore` says is what it has seen, and what it is asked in a wrong way is refused with the mend."""

import inspect

import networkx
import pytest

from consensus_lab import (
    Agreement,
    Message,
    Node,
    Property,
    ProtocolError,
    Sometimes,
    System,
    Termination,
    Validity,
    explore,
    simulate,
)
from consensus_lab.protocols import MajorityVote, TieBreakVote
from tests.exploration.paxos_yardstick import yardstick

TWO = {0: "red", 1: "blue"}
SYSTEM = System(MajorityVote, 3, TWO)


class Enter(Message):
    pass


class Ball(Message):
    pass


class Door(Node):
    decides = False
    inside: frozenset = frozenset()

    def receive(self, sender, message):
        self.inside |= {sender}


class Guest(Node):
    decides = False

    def start(self):
        self.send(0, Enter())

    def receive(self, sender, message):
        pass


class Alone(Property):
    """At most one guest is inside."""

    def broken(self, configuration):
        inside = tuple(sorted(configuration.state(0)["inside"]))
        return (inside, "two are inside") if len(inside) > 1 else None


class Pingpong(Node):
    """Two nodes pass a ball for ever, and nobody decides."""

    def propose(self, value):
        self.send(1 - self.id, Ball())

    def receive(self, sender, message):
        self.send(sender, Ball())


class Alarm(Node):
    def propose(self, value):
        self.set_timer("alarm")

    def timeout(self, name):
        self.decide("red")

    def receive(self, sender, message):
        pass


def line(graph, name):
    return next(line for line in str(graph).splitlines() if line.startswith(f"{name}: ")).removeprefix(f"{name}: ")


def test_what_holds_because_nobody_decides_says_so():
    graph = explore(System([Door, Guest, Guest]))
    assert line(graph, "Agreement") == line(graph, "Validity") == "holds in every schedule, only because nobody decides"
    assert "only because no node of this system has to decide" in line(graph, "Termination")


def test_a_ball_that_is_passed_for_ever_is_no_termination():
    said = line(explore(System(Pingpong, 2, {0: "red"})), "Termination")
    assert said.startswith("no schedule ends without it, but some go on forever without it; ask verdict")


def test_where_every_schedule_ends_in_a_decision_termination_holds():
    assert line(explore(SYSTEM), "Termination") == "holds in every schedule"
    assert line(explore(System(TieBreakVote, 3, TWO, timeouts=None)), "Termination") == "holds in every schedule"


def test_a_graph_that_is_too_large_to_look_for_cycles_says_so(monkeypatch):
    monkeypatch.setattr("consensus_lab.exploration.graph_text.LARGEST", 100)
    assert "were not looked at" in line(explore(SYSTEM), "Termination")


@pytest.mark.parametrize("timeouts, waits", [(0, True), (1, False), (None, False)])
def test_timers_that_no_budget_lets_fire_are_told(timeouts, waits):
    graph = explore(System(Alarm, 1, {0: "red"}, timeouts=timeouts))
    assert ("Timers: some are armed" in str(graph)) == waits


def test_a_run_that_breaks_a_property_of_ones_own_prints_that_one():
    graph = explore(System([Door, Guest, Guest]), properties=[Alone(), *[Termination()]])
    run = graph.violations["Alone"]
    assert str(run).splitlines()[-1] == "Alone is broken at step 2: two are inside"
    assert set(run.violations) == set(run.rewind(2).violations) == {"Alone"}
    split = explore(System(TieBreakVote, 3, TWO, timeouts=None), properties=[Agreement()]).violations["Agreement"]
    assert set(split.violations) == {"Agreement"}


def test_the_first_violation_ends_the_search_and_is_a_shortest_one():
    system = yardstick(2, 2, "lossy")
    decided = type("NobodyDecides", (Property,), {
        "reads": "decisions",
        "broken": lambda self, c: (tuple(c.decisions), "decided") if c.decisions else None,
    })()  # fmt: skip
    graph = explore(system, properties=[decided], first=True)
    assert not graph.complete and "stopped at the first violation" in str(graph)
    whole = explore(yardstick(1, 1, "lossy"), properties=[decided])
    assert len(graph.violations["NobodyDecides"]) == len(whole.violations["NobodyDecides"])
    assert explore(SYSTEM, first=True).complete
    crash = System(MajorityVote, 3, TWO, crashes=1)
    stuck = explore(crash, first=True)
    assert not stuck.complete and len(stuck) < len(explore(crash)) and stuck.violations["Termination"]


@pytest.mark.parametrize("reduce", [True, False])
def test_a_search_may_begin_where_a_run_ends(reduce):
    system = System(MajorityVote, 3, TWO, crashes=1)
    run = simulate(system, seed=2).rewind(6)
    graph, whole = explore(system, after=run, reduce=reduce), explore(system, reduce=False)
    assert graph.complete and len(graph) < len(whole)
    assert graph.valency(run.last) == whole.valency(run.last)
    assert graph.run_to(run.last) == run
    for found in (*graph.stuck, *graph.violations.values()):
        assert found.events[:6] == run.events and found.times[:6] == run.times
    assert "They begin after the 6 events of a run" in str(graph)


def broken(**members):
    """A property whose `broken` gives or does what is no use."""
    return type("Mine", (Property,), members)()


PROPERTIES = {
    "a bool": ((broken(broken=lambda self, c: True),), "Mine: .* gave True; return None where .* holds"),
    "false": ((broken(broken=lambda self, c: False),), "Mine: .* gave False"),
    "a string": ((broken(broken=lambda self, c: "two are inside"),), "Mine: .* gave 'two are inside'"),
    "a node alone": ((broken(broken=lambda self, c: (0, "why")),), r"Mine: .* gave \(0, 'why'\)"),
    "no such node": ((broken(broken=lambda self, c: ((7,), "why")),), "Mine: .* gave"),
    "late": ((broken(broken=lambda self, c: bool(c.decisions) or None),), "Mine: .* gave True"),
    "one that raises": ((broken(broken=lambda self, c: c.state(0)["nothing"]),), "Mine: broken raised KeyError"),
    "one without broken": ((broken(),), r"Mine has no broken\(self, configuration\)"),
    "a class": ((Agreement,), r"Agreement is a class; pass one of it, Agreement\(\)"),
    "one alone": (Agreement(), r"properties=\(Agreement\(\),\)"),
    "a class alone": (Validity, r"properties=\(Validity\(\),\)"),
    "no property": (("Agreement",), "'Agreement' is no property"),
    "a number": (7, r"pass a tuple such as \(Agreement\(\), Validity\(\)\)"),
    "two of a name": ((Agreement(), Agreement()), "two of them are called Agreement"),
    "reads nonsense": ((broken(reads="everything", broken=lambda self, c: None),), "Mine reads 'everything'"),
}


@pytest.mark.parametrize("name", PROPERTIES)
def test_a_property_in_a_wrong_form_is_refused_at_the_call(name):
    properties, why = PROPERTIES[name]
    with pytest.raises(ProtocolError, match=why):
        explore(SYSTEM, properties=properties)


def test_what_should_happen_is_a_function():
    with pytest.raises(ProtocolError, match="pass a function"):
        Sometimes("somebody decides", True)


@pytest.mark.parametrize("what, why", [
    (MajorityVote, "pass a system, such as System"), (simulate(SYSTEM), r"explore\(run.system\)"), ("x", "pass a Sys"),
    (None, "pass a System"),
])  # fmt: skip
def test_what_is_no_system_is_refused(what, why):
    with pytest.raises(ProtocolError, match=why):
        explore(what)


HOSTILE = (None, -1, 0, 1.5, "x", b"x", [], {}, object(), float("nan"), float("inf"), True, False, MajorityVote)


@pytest.mark.parametrize("name", list(inspect.signature(explore).parameters)[1:])
def test_every_argument_is_taken_or_refused_in_words(name):
    for value in HOSTILE:
        try:
            explore(SYSTEM, **{name: value})
        except ProtocolError as error:
            assert name in str(error)


def test_a_run_of_another_system_is_refused():
    with pytest.raises(ProtocolError, match="after"):
        explore(SYSTEM, after=simulate(System(MajorityVote, 3, {0: "red"})))


# -- the graph for networkx -----------------------------------------------------------------------------------


@pytest.mark.parametrize("system", [SYSTEM, System(TieBreakVote, 3, {0: "red", 1: "red"}, timeouts=1)], ids=str)
@pytest.mark.parametrize("reduce", [True, False])
def test_every_event_is_an_edge_that_says_whether_it_is_exact(system, reduce):
    graph = explore(system, reduce=reduce)
    drawn, configurations = graph.to_networkx(), list(graph)
    exact = 0
    for number, c in enumerate(configurations):
        edges = [(there, data) for _, there, data in drawn.out_edges(number, data=True)]
        possible = [event for event in system.events(c) if reduce is False or event]
        assert len(edges) == len(possible) and {data["event"] for _, data in edges} == set(possible)
        for there, data in edges:
            after = system.step(c, data["event"])
            assert data["exact"] == (after == configurations[there])
            assert graph.run_to(after).last.nodes == after.nodes and after in graph
            exact += data["exact"]
    assert drawn.number_of_edges() >= exact > 0
    assert (exact == drawn.number_of_edges()) == (reduce is False)


def test_the_text_of_a_graph_can_be_written_as_graphml(tmp_path):
    drawn = explore(System(MajorityVote, 2, TWO)).to_networkx(text=True)
    networkx.write_graphml(drawn, tmp_path / "graph.xml")
    again = networkx.read_graphml(tmp_path / "graph.xml")
    assert again.number_of_edges() == drawn.number_of_edges() > 0
    assert {data["label"] for *_, data in again.edges(data=True)} >= {"A proposes red", "B proposes blue"}
