"""Raft: the five properties of Figure 3 in every schedule of small systems, and in many of large ones."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consensus_lab import (
    Agreement,
    Crash,
    Partition,
    ProtocolError,
    Restart,
    Sometimes,
    System,
    Validity,
    explore,
    simulate,
    verdict,
)
from consensus_lab.protocols import Raft
from consensus_lab.protocols.machines import Entry
from consensus_lab.protocols.raft.properties import FIGURE_3, witnessed
from consensus_lab.protocols.raft.raft import within
from consensus_lab.write_once import Running
from consensus_lab.write_once.examples import Order, OrderState

ALL = (Agreement(), Validity(), *FIGURE_3)
SAFETY = {prop.name for prop in ALL}
A, B, C = ({i} for i in range(3))


def search(*candidates, protocol=Raft, proposals=None, properties=(), **budgets):
    most = budgets.pop("max_states", 1_000_000)
    protocol = within(witnessed(protocol), *map(frozenset, candidates))
    system = System(protocol, 3, proposals or {0: "x"}, **{"network": "lossy", **budgets})
    return explore(system, reduce=False, max_states=most, properties=(*ALL, *properties))


# -- every schedule -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "candidates, budgets, configurations",
    [
        ([A | B | C], {"timeouts": None, "crashes": 1, "restarts": 1}, 15_094),
        ([A, B], {"timeouts": 2}, 87_600),
        ([A | B, A | B], {"timeouts": 2}, 139_718),
    ],
)
def test_the_properties_hold_in_every_schedule(candidates, budgets, configurations):
    graph = search(*candidates, **budgets)
    assert graph.complete and not graph.violations and len(graph) == configurations


def test_the_search_is_not_in_vain():
    """A second leader, an entry that is overwritten, one that a later leader commits, a decision after a crash."""
    seen = [
        Sometimes("there is a leader of term 2", lambda c: any(state["leading"][:1] == (2,) for state in states(c))),
        Sometimes("two take themselves for leaders", lambda c: sum(bool(state["leading"]) for state in states(c)) == 2),
        Sometimes("logs differ", lambda c: len({state["log"][:1] for state in states(c)} - {()}) == 2),
        Sometimes("an old entry is committed with a no-op", lambda c: any(two_terms(state) for state in states(c))),
        Sometimes("all decide", lambda c: len(c.decisions) == 3),
    ]
    graph = search(A, B, proposals={0: "x", 1: "y"}, properties=seen, timeouts=2, max_states=200_000)
    assert not set(graph.violations) & SAFETY and not {prop.name for prop in seen} & set(graph.violations)
    met = {prop.name for prop in seen if any(prop.happens(c) for c in graph)}
    assert met == {prop.name for prop in seen}


def states(configuration):
    return map(configuration.state, configuration.system.nodes)


def two_terms(state):
    return state["commit"] == 2 and [term for term, _ in state["log"]] == [1, 2]


# -- by virtual time ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5])
def test_all_decide_by_simulation(n):
    for seed in range(3):
        run = simulate(System(Raft, n, {0: "red", n - 1: "blue"}), seed, until=40)
        assert len(run.decisions) == n and not run.violations


@pytest.mark.parametrize("seed", range(20))
def test_the_properties_hold_though_servers_crash_and_messages_are_lost(seed):
    proposals = {i: f"x{i}" for i in range(5)}
    faults = [
        (12 + seed % 5, Crash(0)), (30, Restart(0)), (35, Crash(1)), (36, Crash(2)), (50, Restart(1)), (70, Restart(2)),
        Partition(55, 80, [{0, 1}, {2, 3, 4}]), Partition(90, 110, [{0, 2}, {1, 3}]),
    ]  # fmt: skip
    system = System(witnessed(Raft), 5, proposals, network="lossy")
    run = simulate(system, seed, loss=0.1, duplication=0.1, faults=faults, until=150)
    assert not run.check(ALL)
    assert len(run.decisions) == 5 and len({run.last.state(i)["state"] for i in range(5)}) == 1


TIMES = st.floats(1, 100).map(lambda time: round(time, 1))


@settings(max_examples=20)
@given(
    st.integers(0, 10**6),
    st.lists(st.tuples(st.integers(0, 4), TIMES, TIMES), max_size=5),
    st.lists(st.tuples(TIMES, TIMES, st.sets(st.integers(0, 4))), max_size=2),
    st.sampled_from([0.0, 0.1, 0.3]),
)
def test_the_properties_hold_whatever_goes_wrong_and_all_decide_after_it(seed, downs, cuts, loss):
    """Each server is down once at most, and in the end all are up and connected."""
    faults = []
    for node, (start, length) in {node: (start, length) for node, start, length in downs}.items():
        faults += [(start, Crash(node)), (start + length, Restart(node))]
    faults += [Partition(start, start + length, [group]) for start, length, group in cuts if group]
    proposals = {i: f"x{i}" for i in range(5)}
    run = simulate(System(witnessed(Raft), 5, proposals, network="lossy"), seed, loss=loss, faults=faults, until=330)
    assert not run.check([*FIGURE_3, Agreement()])
    logged = {entry.command for _, entry in run.last.state(0)["log"] if isinstance(entry, Entry)}
    assert len(run.decisions) == (5 if logged else 0)


def test_a_run_is_checked_without_a_record_and_a_search_needs_one():
    run = simulate(System(Raft, 3, {0: "x"}), until=30)
    assert not run.check(FIGURE_3)
    with pytest.raises(ProtocolError, match="keeps no record"):
        FIGURE_3[0].broken(run.last)


def test_random_timeouts_differ_from_seed_to_seed_and_not_from_run_to_run():
    def leaders(seed):
        run = simulate(System(Raft, 5, {4: "x"}), seed, faults=[(20.0, Crash(0)), (60.0, Crash(1))], until=120)
        return [(i, c.state(i)["term"]) for c in run.configurations for i in range(5) if c.state(i)["role"] == "leader"]

    assert leaders(1) == leaders(1) and len({tuple(leaders(seed)) for seed in range(8)}) > 1


def test_a_command_reaches_the_leader_from_any_server():
    for seed in range(5):
        run = simulate(System(Raft, 3, {2: "x"}), seed, until=40)
        assert run.decisions == {0: "x", 1: "x", 2: "x"}


def test_nothing_forces_a_decision():
    assert verdict(Raft, max_states=1_000).kind == "runs forever"


# -- the problems of the first chapter, unchanged -------------------------------------------------------------


def test_an_order_survives_a_killed_leader():
    running = Running(System(Raft, 3), seed=3)
    here, there = (Order(running.write_once(node)) for node in (1, 2))
    here.try_ship()
    assert here.state() is OrderState.SHIPPED
    running.crash(leader(running))
    there.try_cancel()
    assert there.state() is OrderState.SHIPPED


def leader(running):
    last = running.to_run().last
    return next(i for i in last.system.nodes if last.state(i)["role"] == "leader")
