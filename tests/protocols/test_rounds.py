"""The protocols that go round after round: Ben-Or's coins and the rotating coordinator; and three hasty ones."""

import pytest

from consensus_lab import Crash, System, explore, simulate
from consensus_lab.protocols import AlwaysRed, BenOr, FirstHeard, RotatingCoordinator

ROUNDS = (BenOr, RotatingCoordinator)


@pytest.mark.parametrize("protocol", ROUNDS)
@pytest.mark.parametrize("n, proposals", [
    (3, {0: "red", 1: "blue"}), (3, {0: "red", 1: "blue", 2: "red"}), (4, {0: "red", 2: "blue"}), (3, {1: "red"}),
])  # fmt: skip
def test_all_live_nodes_decide_the_same_with_and_without_a_crash(protocol, n, proposals):
    for seed in range(30):
        system = System(protocol, n, proposals)
        run = simulate(system, seed=seed)
        assert len(run.decisions) == n and not run.violations
        run = simulate(system, seed=seed, faults=[(0.7, Crash(n - 1))])
        assert len(run.decisions) >= n - 1 and not run.violations


def test_ben_or_decides_in_the_first_round_what_all_propose():
    graph = explore(System(BenOr, 3, {0: "red", 1: "red", 2: "red"}))
    assert graph.complete and len(graph) == 5_660
    assert not graph.violations and not graph.stuck
    assert graph.valency(graph.system.initial()) == {"red"}
    assert all(c.state(i)["round"] <= 2 for c in graph for i in range(3))


def test_ben_or_tosses_a_coin_that_can_fall_either_way():
    graph = explore(System(BenOr, 3, {0: "red", 1: "blue"}), max_states=20_000)
    assert not graph.complete and not graph.violations
    outcomes = {tuple(simulate(graph.system, seed=seed).decisions.values())[0] for seed in range(20)}
    assert outcomes == {"red", "blue"}
    events = [event for seed in range(20) for event in simulate(graph.system, seed=seed).events]
    chosen = [event.choices for event in events if event.choices]
    assert {("red",), ("blue",)} <= set(chosen)


def test_ben_or_takes_more_rounds_the_more_nodes_toss():
    rounds = [max(simulate(System(BenOr, 5, dict(enumerate(["red", "red", "blue", "blue", "blue"]))), seed=seed)
                  .last.state(i)["round"] for i in range(5)) for seed in range(40)]  # fmt: skip
    assert max(rounds) > 2


def test_every_schedule_of_the_rotating_coordinator_with_one_timeout_and_one_crash_is_safe():
    graph = explore(System(RotatingCoordinator, 3, {0: "red", 1: "blue"}, timeouts=1, crashes=1), reduce="messages")
    assert graph.complete and len(graph) == 37_204
    assert "Agreement" not in graph.violations and "Validity" not in graph.violations
    assert graph.valency(graph.system.initial()) == {"red", "blue"}


def test_a_slow_coordinator_loses_its_turn_and_what_a_majority_has_adopted_stays():
    system = System(RotatingCoordinator, 3, {0: "red", 1: "blue"})
    run = simulate(system, seed=1, faults=[(0.5, Crash(1))])
    assert set(run.decisions) >= {0, 2} and not run.violations
    assert max(run.last.state(i)["round"] for i in (0, 2)) > 1


def test_who_decides_what_it_hears_first_disagrees_within_two_events():
    graph = explore(System(FirstHeard, 3, {0: "red", 1: "blue"}))
    assert len(graph) == 18 and len(graph.violations["Agreement"]) == 2


def test_a_constant_is_only_invalid():
    graph = explore(System(AlwaysRed, 3, {0: "red", 1: "blue"}))
    assert len(graph) == 11 and set(graph.violations) == {"Validity"}
