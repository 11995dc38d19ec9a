"""Every schedule: `explore` beside a naive search that uses `events` and `step` alone."""

import pickle
import subprocess
import sys

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from consensus_lab import (
    Agreement,
    Message,
    Node,
    Property,
    Propose,
    ProtocolError,
    Sometimes,
    System,
    Termination,
    Validity,
    explore,
    simulate,
)
from consensus_lab.exploration import breadth_first
from consensus_lab.model.network import NAMES
from consensus_lab.protocols import MajorityVote, TieBreakVote
from tests.exploration.paxos_yardstick import COUNTS, yardstick
from tests.model.small import (
    BOOK,
    BUDGETS,
    TooMany,
    book,
    every_configuration,
    is_stuck,
    node_states,
    systems,
)


def naive(system, most=1_000):
    try:
        return every_configuration(system, most)
    except TooMany:
        assume(False)


def decisions(c):
    """All values decided in a configuration, a node's second ones among them."""
    return {value for local in c.nodes for value in local.decisions}


def future(system, c):
    """What some schedule from `c` still decides, naively."""
    seen, queue = {c}, [c]
    for here in queue:
        for event in system.events(here):
            there = system.step(here, event)
            if there not in seen:
                seen.add(there)
                queue.append(there)
    return frozenset(value for there in seen for value in decisions(there))


def shortest(depths, broken):
    return min((depth for c, depth in depths.items() if broken(c)), default=None)


def check_everything(system, depths, graph):
    """What `explore` found, reduced or not, is what the naive search found."""
    assert graph.complete
    assert graph.valency(system.initial()) == frozenset().union(*map(decisions, depths))
    for prop in (Agreement(), Validity()):
        expected = shortest(depths, prop.broken)
        assert (prop.name in graph.violations) == (expected is not None)
        if expected is not None:
            assert len(graph.violations[prop.name]) == expected
            assert prop.broken(graph.violations[prop.name].last)
            assert f"{prop.name}: broken, in {expected} event" in str(graph)
    stuck = shortest(depths, is_stuck)
    assert [len(run) for run in graph.stuck] == sorted(len(run) for run in graph.stuck)
    assert (len(graph.stuck[0]) if graph.stuck else None) == stuck
    assert ("Termination" in graph.violations) == (stuck is not None)
    assert all(is_stuck(run.last) for run in graph.stuck)
    assert {node_states(run.last) for run in graph.stuck} == {node_states(c) for c in depths if is_stuck(c)}
    assert {node_states(image) for c in graph for image in graph.orbit(c)} == set(map(node_states, depths))


@given(systems())
@settings(max_examples=50)
def test_an_unreduced_search_visits_every_configuration_once_by_a_shortest_run(system):
    depths = naive(system)
    graph = explore(system, reduce=False)
    assert len(graph) == len(depths)
    assert set(graph) == set(depths)
    check_everything(system, depths, graph)
    assert len(graph.stuck) == len({(c.nodes, c.pending, c.left) for c in depths if is_stuck(c)})
    for c in list(depths)[:: len(depths) // 12 + 1]:
        run = graph.run_to(c)
        assert len(run) == depths[c] and run.last == c
        assert graph.valency(c) == future(system, c)


@given(systems())
@settings(max_examples=50)
def test_a_reduced_search_finds_the_same(system):
    depths = naive(system)
    graph = explore(system)
    assert len(graph) <= len(depths)
    check_everything(system, depths, graph)
    for c in list(depths)[:: len(depths) // 6 + 1]:
        assert c in graph
        assert graph.valency(c) == future(system, c)


@pytest.mark.parametrize("reduce", [True, False])
@pytest.mark.parametrize("name, network", [
    (name, network) for name in BOOK for network in NAMES
    if (name, network) != ("LockThenAct", "lossy")  # its queue grows without end
])  # fmt: skip
def test_both_searches_find_in_the_books_protocols_what_the_naive_one_finds(name, network, reduce):
    budgets = {} if name in ("MajorityVote", "TieBreakVote") else {"crashes": 1}
    system = book(network=network, **budgets)[name]
    graph = explore(system, reduce=reduce)
    check_everything(system, every_configuration(system, 5_000), graph)


@given(systems())
def test_a_reduced_search_finds_the_same_ways_to_be_stuck(system):
    naive(system)
    full, reduced = explore(system, reduce=False), explore(system)
    assert len(reduced.stuck) == len(full.stuck)
    assert {node_states(run.last) for run in reduced.stuck} == {node_states(run.last) for run in full.stuck}


class Shy(Node):
    """A handler that raises in a state which the closure meets, and no schedule does."""

    heard: tuple = ()

    def propose(self, value):
        self.broadcast(Word(value))

    def receive(self, sender, message):
        if (sender, message) in self.heard:
            raise RuntimeError("a reliable network does not repeat itself")
        self.heard += ((sender, message),)
        if len(self.heard) == len(self.nodes):
            self.decide(message.text)


class Word(Message):
    text: str


def test_a_handler_that_would_raise_where_no_schedule_leads_does_no_harm():
    graph = explore(System(Shy, 2, {0: "red", 1: "blue"}))
    assert graph.complete and "Agreement" in graph.violations


@given(systems(), st.integers(1, 60))
def test_a_bound_is_never_silent_and_what_was_covered_is_true(system, most):
    depths = naive(system)
    graph = explore(system, reduce=False, max_states=most)
    assert len(graph) == min(most, len(depths))
    assert graph.complete == (len(depths) <= most)
    assert set(graph) <= set(depths)
    text = str(graph)
    assert ("every schedule was covered" in text) == graph.complete
    assert ("raise max_states" in text) != graph.complete
    for run in (*graph.violations.values(), *graph.stuck):
        assert run.last in depths and len(run) >= depths[run.last]
    for c in graph:
        assert len(graph.run_to(c)) == depths[c]
    try:
        valency = graph.valency(system.initial())
    except ProtocolError as error:
        assert not graph.complete and "raise max_states" in str(error)
    else:
        assert valency <= frozenset().union(*map(decisions, depths))
        assert valency >= frozenset().union(*map(decisions, depths)) & set(system.proposals.values())
        assert graph.complete or (system.proposals and valency >= set(system.proposals.values()))


@given(systems())
@settings(max_examples=20)
def test_the_same_search_gives_the_same_graph(system):
    naive(system)
    again = System(system.classes, None, system.proposals, network=system.network, **system.budgets._asdict())
    one, two = explore(system), explore(again)
    assert list(one) == list(two) and str(one) == str(two)
    assert [run.events for run in one.stuck] == [run.events for run in two.stuck]


@given(systems(BUDGETS))
@settings(max_examples=20)
def test_the_graph_for_networkx_has_every_configuration_and_only_events_of_the_model(system):
    depths = naive(system, 150)
    graph = explore(system, reduce=False)
    drawn = graph.to_networkx()
    assert drawn.number_of_nodes() == len(depths)
    number = {data["configuration"]: node for node, data in drawn.nodes(data=True)}
    for c, node in number.items():
        expected = {number[system.step(c, event)] for event in system.events(c)}
        assert set(drawn.successors(node)) == expected
    for here, there, data in drawn.edges(data=True):
        c = system.step(drawn.nodes[here]["configuration"], data["event"])
        assert c == drawn.nodes[there]["configuration"]


# -- counts ---------------------------------------------------------------------------------------------------


def test_majority_voting_on_three_nodes_has_2377_configurations():
    system = System(MajorityVote, 3, {0: "red", 1: "blue"})
    assert len(every_configuration(system)) == len(explore(system, reduce=False)) == 2_377


@pytest.mark.parametrize("tries_0, tries_1, network", [(1, 1, "lossy"), (1, 1, "reliable"), (2, 1, "lossy")])
def test_the_yardstick_has_as_many_configurations_as_other_tools_count(tries_0, tries_1, network):
    graph = explore(yardstick(tries_0, tries_1, network), reduce=False, properties=[Agreement()])
    assert graph.complete and len(graph) == COUNTS[tries_0, tries_1, network]
    assert not graph.violations


def test_the_naive_search_counts_the_yardstick_too():
    system = yardstick(1, 1, "lossy")
    assert len(every_configuration(system, 20_000)) == COUNTS[1, 1, "lossy"]


@pytest.mark.parametrize("network", ["lossy", "reliable"])
def test_the_reduced_yardstick_reaches_the_same_node_states_and_values(network):
    system = yardstick(1, 1, network)
    full = explore(system, reduce=False, properties=[Agreement()])
    reduced = explore(system, properties=[Agreement()])
    assert len(reduced) < len(full) / 3
    assert full.valency(system.initial()) == reduced.valency(system.initial()) == {1, 2}
    assert {image.nodes for c in reduced for image in reduced.orbit(c)} == {c.nodes for c in full}


@pytest.mark.parametrize("network", ["lossy", "reliable"])
def test_the_largest_yardstick_is_safe_in_every_schedule(network):
    wins = [Sometimes(f"{value} wins", lambda c, value=value: value in c.decisions.values()) for value in (1, 2)]
    graph = explore(yardstick(2, 2, network), properties=[Agreement(), *wins])
    assert graph.complete and not graph.violations


# -- corners --------------------------------------------------------------------------------------------------


class Tick(Message):
    pass


class Ticking(Node):
    """Node 0 passes a token to and fro, and has many timers that may fire at any of its steps."""

    steps: int = 0
    fired: str | None = None

    def start(self):
        if self.id == 0:
            for name in "abcdefghijklmnopqrst":
                self.set_timer(name)
            self.send(1, Tick())

    def receive(self, sender, message):
        if self.steps < 12:
            self.steps += 1 - self.id
            self.send(sender, Tick())

    def timeout(self, name):
        self.fired = f"{self.fired} {name} at {self.steps}"


def test_events_beyond_the_budget_do_not_crowd_out_those_within():
    system = System(Ticking, 2, timeouts=1)
    depths = every_configuration(system, 10_000)
    graph = explore(system, reduce=False, max_states=len(depths))
    assert graph.complete and set(graph) == set(depths)


@pytest.mark.parametrize("budget", [65_535, 65_536, 10**9])
def test_a_budget_may_be_huge(budget):
    once = type("Once", (Ticking,), {"start": lambda self: self.set_timer("a"), "timeout": lambda self, name: None})
    system = System(once, 2, timeouts=budget, crashes=budget)
    assert len(explore(system, reduce=False)) == len(every_configuration(system))


def test_a_search_without_end_stops_at_its_bound_and_says_how_far_it_came():
    class Counter(Ticking):
        def start(self):
            self.send(1 - self.id, Tick())

        def receive(self, sender, message):
            self.steps += 1
            self.send(sender, message)

    graph = explore(System(Counter, 2), max_states=100)
    assert not graph.complete and len(graph) == 100
    assert "there are more" in str(graph) and "not all" in repr(graph)
    with pytest.raises(ProtocolError, match="raise max_states"):
        graph.valency(graph.system.initial())


def test_a_property_of_ones_own_is_checked_and_may_read_messages():
    class NeverThreeVotes(Property):
        def broken(self, configuration):
            voters = tuple(i for i in configuration.system.nodes if configuration.state(i)["vote"] is not None)
            return (voters, "all have voted") if len(voters) == 3 else None

    class NothingInFlight(Property):
        reads = "messages"

        def broken(self, configuration):
            return ((0,), "four are in flight") if len(configuration.in_flight) >= 4 else None

    system = System(MajorityVote, 3, {0: "red", 1: "blue"})
    for reduce in (True, False):
        graph = explore(system, reduce=reduce, properties=[NeverThreeVotes(), NothingInFlight()])
        depths = every_configuration(system)
        for prop in graph.properties:
            assert len(graph.violations[prop.name]) == shortest(depths, prop.broken)
    assert len(explore(system, properties=[NothingInFlight()])) == 2_377


@pytest.mark.parametrize("reduce", [True, False])
def test_a_property_that_reads_messages_without_saying_so_is_told(reduce):
    class NothingInFlight(Property):
        def broken(self, configuration):
            return ((0,), "four are in flight") if len(configuration.in_flight) >= 4 else None

    with pytest.raises(ProtocolError, match='NothingInFlight reads the messages in flight; .* reads = "messages"'):
        explore(System(MajorityVote, 3, {0: "red"}), reduce=reduce, properties=[NothingInFlight()])


@pytest.mark.parametrize("reduce", [True, False])
def test_what_should_happen_sometimes_has_a_shortest_run_to_it(reduce):
    blue = Sometimes("blue wins", lambda c: "blue" in c.decisions.values(), reads="decisions")
    three = Sometimes("three vote", lambda c: all(c.state(i)["vote"] for i in c.system.nodes))
    system = System(MajorityVote, 3, {0: "red", 1: "blue"})
    graph = explore(system, reduce=reduce, properties=[blue, three])
    depths = every_configuration(system)
    for prop in (blue, three):
        assert len(graph.witnesses[prop.name]) == shortest(depths, prop.happens)
        assert prop.happens(graph.witnesses[prop.name].last)
        assert f"{prop.name}: happens, first in {len(graph.witnesses[prop.name])} events" in str(graph)
    assert not graph.violations


def test_what_should_happen_sometimes_and_never_does_is_a_violation():
    green = Sometimes("green wins", lambda c: "green" in c.decisions.values())
    graph = explore(System(MajorityVote, 3, {0: "red", 1: "blue"}), properties=[green])
    assert len(graph.violations["green wins"]) == 0 and not graph.witnesses
    assert "green wins: never happens, in every schedule" in str(graph)
    assert not graph.violations["green wins"].check([green])


def test_what_has_not_happened_before_the_bound_may_still_happen():
    someone = Sometimes("somebody decides", lambda c: c.decisions)
    graph = explore(System(MajorityVote, 3, {0: "red"}), reduce=False, max_states=5, properties=[someone])
    assert not graph.violations and not graph.witnesses
    assert "somebody decides: never happens, as far as the search went" in str(graph)


def test_a_property_that_always_holds_is_not_violated():
    assert explore(System(MajorityVote, 3, {0: "red"}), properties=[Agreement(), Validity()]).violations == {}


def test_termination_waits_only_for_nodes_that_decide():
    system = book()["LockThenAct"]
    assert Termination().undecided(system.initial()) == (1, 2)
    assert not explore(system).stuck


def test_a_configuration_and_a_run_survive_a_journey_to_another_process(tmp_path):
    system = System(TieBreakVote, 3, {0: "red", 1: "blue"})
    run = simulate(system, 3)
    (tmp_path / "luggage").write_bytes(pickle.dumps((run.last, run, explore(system, max_states=50).stuck)))
    script = """
import pickle, sys
from consensus_lab import System, simulate
from consensus_lab.protocols import TieBreakVote
with open(sys.argv[1], "rb") as file:
    last, run, stuck = pickle.load(file)
again = simulate(System(TieBreakVote, 3, {0: "red", 1: "blue"}), 3)
assert run == again and hash(run) == hash(again)
assert last == again.last and hash(last) == hash(again.last)
assert len({*again.configurations, *run.configurations}) == len(set(again.configurations))
"""
    subprocess.run(
        [sys.executable, "-c", script, tmp_path / "luggage"], check=True, env={"PYTHONPATH": sys.path[0] or "."}
    )


def test_progress_goes_to_the_error_stream_and_changes_nothing(capsys):
    system = System(MajorityVote, 3, {0: "red", 1: "blue"})
    assert str(explore(system, progress=True)) == str(explore(system))
    assert capsys.readouterr().out == ""


def test_progress_may_go_to_a_function():
    heard = []
    graph = explore(
        yardstick(1, 1, "reliable"), reduce=False, properties=[], progress=lambda *numbers: heard.append(numbers)
    )
    assert len(heard) == len(graph) // 100_000
    assert all(0 <= left < found <= len(graph) for found, left in heard)


@pytest.mark.parametrize("call", [1, 7, 30])
def test_a_search_that_is_interrupted_in_a_handler_gives_what_it_knows_and_says_so(call):
    class Impatient(MajorityVote):
        def receive(self, sender, message):
            nonlocal left
            left -= 1
            if not left:
                raise KeyboardInterrupt
            super().receive(sender, message)

    left, system = 0, System(Impatient, 3, {0: "red", 1: "blue"})
    depths = every_configuration(System(Impatient, 3, {0: "red", 1: "blue"}))
    left = call
    graph = explore(system, reduce=False)
    assert "there are more: the search was interrupted" in str(graph)
    assert {c.nodes for c in graph} <= {c.nodes for c in depths}
    assert not graph.complete and 0 < len(graph) < len(depths)
    for run in (*graph.violations.values(), *graph.stuck, *map(graph.run_to, graph)):
        assert any(run.last.nodes == c.nodes and run.last.network == c.network for c in depths)
    with pytest.raises(ProtocolError, match="the search stopped at"):
        graph.valency(system.initial())


@pytest.mark.parametrize("reduce", [True, False])
def test_a_reader_who_has_seen_enough_may_interrupt_the_search(reduce, monkeypatch):
    def enough(found, left):
        if found > 200:
            raise KeyboardInterrupt

    monkeypatch.setattr(breadth_first, "CHUNK", 7)
    monkeypatch.setattr(breadth_first, "REPORT", 20)
    system = System(MajorityVote, 3, {0: "red", 1: "blue"}, crashes=1)
    graph = explore(system, reduce=reduce, progress=enough)
    assert not graph.complete and 200 < len(graph) < 300
    assert "was interrupted. The schedules covered are those of up to" in str(graph)
    for c in graph:
        assert graph.run_to(c).last.nodes == c.nodes


def test_a_proposal_by_hand_leaves_the_graph():
    system = System(MajorityVote, 3, {0: "red"})
    graph = explore(system)
    elsewhere = system.step(system.initial(), Propose(2, "green"))
    assert system.initial() in graph and elsewhere not in graph
    with pytest.raises(ProtocolError, match="no schedule leads to it"):
        graph.run_to(elsewhere)
