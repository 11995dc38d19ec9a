"""The compiled kernel and the search in Python find the same graph.

``ENGINES_EXAMPLES=5000 pytest tests/exploration/test_engines.py`` takes that many random systems.
"""

import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import consensus_lab.protocols as protocols
from consensus_lab import Agreement, Message, Node, Property, ProtocolError, Sometimes, System, explore
from consensus_lab.exploration import compiled, engines, wasm_host
from consensus_lab.model.network import NAMES
from tests.exploration.paxos_yardstick import COUNTS, ORBITS, yardstick
from tests.exploration.test_symmetry import gossips
from tests.model.small import book, systems

EXAMPLES, MOST = int(os.environ.get("ENGINES_EXAMPLES", "120")), 1_500
REDUCE = True, False, "messages", "nodes"
VOTERS = "Coordinator", "MajorityVote", "TieBreakVote", "BenOr", "RotatingCoordinator", "ImpatientCoordinator"
SYNODS = "Synod", "AcceptAlways", "PromiseAgain", "SharedRounds", "SharedBallots", "ForgetsPromise", "ForgetsVote"
DRAFTS = "HalfIsEnough", "GiveUp", "VoteAsBefore", "AskAnyone", "AskEverybody", "AdoptAny", "AdoptEarliest"
LOGS = "Raft", "ElectsByHalf", "VotesAgain", "ForgetsItsVote", "ForgetsItsLog", "MultiPaxos", "Register"
TWO = {0: "red", 1: "blue"}


def assert_same(system, **options):
    """All that one may ask of the two graphs has the same answers."""
    python, fast = (explore(system, engine=engine, **options) for engine in ("python", "compiled"))
    assert (python.engine, fast.engine) == ("python", "compiled")
    assert (len(fast), fast.complete) == (len(python), python.complete)
    if python.complete:
        assert str(fast) == str(python) and repr(fast) == repr(python)
        assert lengths(fast.violations) == lengths(python.violations)
        assert lengths(fast.witnesses) == lengths(python.witnesses)
        assert [len(run) for run in fast.stuck] == [len(run) for run in python.stuck]
        assert {run.last.nodes for run in fast.stuck} == {run.last.nodes for run in python.stuck}
        assert len(fast.two_way_steps()) == len(python.two_way_steps())
        if options.get("reduce") in (False, "messages"):  # else which node stands for which may differ
            assert set(fast) == set(python)
    configurations = list(python)
    for c in configurations[:: len(configurations) // 12 + 1]:
        if python.complete:
            assert valency(fast, c) == valency(python, c)
        if python.complete or c in fast:  # of those at one distance, others may come before a bound
            assert len(fast.run_to(c)) == len(python.run_to(c))


def lengths(runs):
    return {name: len(run) for name, run in runs.items()}


def valency(graph, c):
    try:
        return graph.valency(c)
    except ProtocolError:
        return None


@given(st.one_of(systems(), gossips()), st.sampled_from(REDUCE), st.sampled_from((MOST, 40)))
@settings(max_examples=EXAMPLES)
def test_random_systems_have_the_same_graph(system, reduce, most):
    assert_same(system, reduce=reduce, max_states=most)


@pytest.mark.parametrize("reduce", REDUCE)
@pytest.mark.parametrize("network", NAMES)
@pytest.mark.parametrize("name", (*VOTERS, *SYNODS, *DRAFTS, *LOGS))
def test_protocols_and_mistakes_of_the_book_have_the_same_graph(name, network, reduce):
    budgets = dict(crashes=1, restarts=1, timeouts=1)
    assert_same(System(getattr(protocols, name), 3, TWO, network=network, **budgets), reduce=reduce, max_states=300)


@pytest.mark.parametrize("name", ["CheckThenAct", "LockThenAct"])
def test_memory_and_threads_have_the_same_graph(name):
    assert_same(book(crashes=1)[name], reduce=True, max_states=5_000)


@pytest.mark.parametrize("network", ["lossy", "reliable"])
def test_the_yardstick_has_as_many_configurations_as_other_tools_count(network):
    for reduce, expected in ((False, COUNTS), ("nodes", ORBITS)):
        graph = explore(yardstick(1, 1, network), reduce=reduce, engine="compiled", properties=[Agreement()])
        assert graph.complete and len(graph) == expected[1, 1, network] and not graph.violations


# -- bits, rows and memory ------------------------------------------------------------------------------------


class Many(Message):
    number: int


class Wide(Node):
    """Sends messages of more kinds than a word has bits, so that keys become wider in the middle of a search."""

    last: int = 0

    def propose(self, value):
        self.send(1 - self.id, Many(1))

    def receive(self, sender, message):
        if self.last < message.number < 140:
            self.last = message.number
            self.send(sender, Many(message.number + 1))


@pytest.mark.parametrize("network", NAMES)
def test_keys_become_wider_when_bits_run_out(network):
    system = System(Wide, 2, {0: "red"}, network=network)
    python, fast = (explore(system, reduce=False, engine=engine) for engine in ("python", "compiled"))
    assert fast._space.size > 2 * 64
    assert set(fast) == set(python)


class Crowd(Node):
    """Many timers: one configuration has more successors than the kernel has room for at first."""

    fired: tuple = ()

    def start(self):
        for number in range(300):
            self.set_timer(f"timer {number}")

    def receive(self, sender, message):
        pass

    def timeout(self, name):
        if not self.fired:
            self.fired = (name, self.choose(range(20)))


def test_a_configuration_may_have_more_successors_than_fit_at_first():
    system = System(Crowd, 1, timeouts=1)
    python, fast = (explore(system, reduce=False, engine=engine) for engine in ("python", "compiled"))
    assert len(fast) == len(python) == 6_001 and set(fast) == set(python)


@pytest.mark.parametrize("reduce", [True, False])
def test_a_full_memory_ends_the_search_with_what_is_known(monkeypatch, reduce):
    monkeypatch.setattr(compiled, "PAGES", 120)
    system = yardstick(2, 1, "reliable")
    graph = explore(system, reduce="nodes" if reduce else False, engine="compiled", properties=[Agreement()])
    assert not graph.complete and len(graph) > 2_000
    assert "the search stopped when the engine's memory was full" in str(graph)
    assert not graph.violations
    assert all(c in graph for c in [*graph][::1_000])


# -- ends, and which engine -----------------------------------------------------------------------------------


def test_a_large_search_goes_on_compiled_where_python_has_come_to(monkeypatch):
    monkeypatch.setattr(engines, "LARGE", 500)
    small, large = (explore(yardstick(1, 1, "lossy"), reduce=False, max_states=most) for most in (500, 20_000))
    assert small.engine == "python" and large.engine == "compiled"
    python = explore(yardstick(1, 1, "lossy"), reduce=False, max_states=20_000, engine="python")
    assert set(large) == set(python) and len(large._parents) == len([*large._parents.items()])
    assert all(large._parents[key] == parent for key, parent in [*large._parents.items()][::500])


def test_the_first_violation_ends_a_compiled_search_too(monkeypatch):
    monkeypatch.setattr(engines, "SOON", 50)

    class NobodyIsThird(Property):
        def broken(self, configuration):
            voters = tuple(i for i in configuration.system.nodes if configuration.state(i)["vote"] is not None)
            return (voters, "all have voted") if len(voters) == 3 else None

    system = System(protocols.MajorityVote, 3, TWO)
    whole = explore(system, properties=[NobodyIsThird()], engine="python")
    graph = explore(system, properties=[NobodyIsThird()], engine="compiled", first=True)
    assert len(graph) < len(whole) and "stopped at the first violation" in str(graph)
    assert lengths(graph.violations) == lengths(whole.violations)


def test_witnesses_are_the_same():
    blue = Sometimes("blue wins", lambda c: "blue" in c.decisions.values(), reads="decisions")
    three = Sometimes("three vote", lambda c: all(c.state(i)["vote"] for i in c.system.nodes))
    four = Sometimes("four in flight", lambda c: len(c.in_flight) >= 4, reads="messages")
    for reduce in REDUCE:
        assert_same(System(protocols.MajorityVote, 3, TWO), reduce=reduce, properties=[blue, three, four])


def test_an_interruption_leaves_what_is_known():
    calls = []

    class Stops(protocols.MajorityVote):
        def receive(self, sender, message):
            calls.append(message)
            if len(calls) == 60:
                raise KeyboardInterrupt
            super().receive(sender, message)

    graph = explore(System(Stops, 3, TWO), reduce=False, engine="compiled")
    assert not graph.complete and len(graph) > 1 and "was interrupted" in str(graph)
    assert all(len(graph.run_to(c)) >= 0 for c in graph)
    assert graph.stuck is not None and graph.violations is not None


def test_progress_is_told(monkeypatch):
    monkeypatch.setattr(engines, "REPORT", 1_000)
    monkeypatch.setattr(engines, "STEP", 500)
    told, system = [], yardstick(1, 1, "lossy")
    explore(system, reduce=False, engine="compiled", progress=lambda found, left: told.append((found, left)))
    assert len(told) > 5 and told == sorted(told, key=lambda pair: pair[0])


def test_an_error_of_a_handler_is_raised():
    class Fails(protocols.MajorityVote):
        def receive(self, sender, message):
            raise RuntimeError("no")

    with pytest.raises(ProtocolError, match="Fails"):
        explore(System(Fails, 3, TWO), reduce=False, engine="compiled")


def test_without_the_kernel_python_searches_and_who_asks_for_it_is_told(monkeypatch, tmp_path):
    monkeypatch.setattr(wasm_host, "FILE", tmp_path / "kernel.wasm")
    monkeypatch.setattr(engines, "LARGE", 500)
    wasm_host._wasmtime_module.cache_clear()
    try:
        graph = explore(yardstick(1, 1, "lossy"), reduce=False)
        assert graph.engine == "python" and len(graph) == COUNTS[1, 1, "lossy"]
        with pytest.raises(ProtocolError, match='engine="compiled": .*run: make bundles'):
            explore(yardstick(1, 1, "lossy"), engine="compiled")
    finally:
        wasm_host._wasmtime_module.cache_clear()


def test_an_engine_that_does_not_exist_is_named():
    with pytest.raises(ProtocolError, match="engine='gpu': pass"):
        explore(System(protocols.MajorityVote, 3, TWO), engine="gpu")
