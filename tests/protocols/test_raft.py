"""Raft: the five properties of Figure 3 in every schedule of small systems, and in many of large ones."""

import pytest

from consensus_lab import Agreement, Crash, Partition, Restart, System, Validity, explore, simulate
from consensus_lab.examples import Order, OrderState
from consensus_lab.protocols import Raft
from consensus_lab.protocols.raft import within
from consensus_lab.raft_properties import FIGURE_3, witnessed
from consensus_lab.write_once import Running

ALL = (Agreement(), Validity(), *FIGURE_3)
SAFETY = {prop.name for prop in ALL}
A, B, C = ({i} for i in range(3))


def search(*candidates, protocol=Raft, proposals=None, properties=(), **budgets):
    protocol = within(witnessed(protocol), *map(frozenset, candidates))
    system = System(protocol, 3, proposals or {0: "x"}, **{"network": "lossy", **budgets})
    return explore(system, reduce=False, properties=(*ALL, *properties))


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
