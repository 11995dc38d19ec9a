import pytest
from hypothesis import given, settings

from consensus_lab import Crash, Run, System, explore, simulate
from consensus_lab.protocols import CheckThenAct, Coordinator, LockThenAct, MajorityVote, Memory, TieBreakVote
from consensus_lab.valency.of_run import valencies
from tests.widgets.schedules import THREADS, runs

SMALL = [
    System(Coordinator, 3, {0: "red", 1: "blue", 2: "amber"}),
    System(MajorityVote, 2, {0: "red", 1: "blue"}),
    System(MajorityVote, 3, {0: "red", 2: "blue"}),
    System(MajorityVote, 3, {0: "red", 2: "blue"}, network="lossy"),
    System(TieBreakVote, 3, {0: "red", 2: "blue"}, timeouts=None),
    System([Memory, CheckThenAct, CheckThenAct], **THREADS),
    System([Memory, LockThenAct, LockThenAct], **THREADS),
]
GRAPHS = {id(system): explore(system) for system in SMALL}


@settings(max_examples=60, deadline=None)
@given(runs(among=SMALL))
def test_it_is_what_an_exploration_of_every_schedule_finds(run):
    if any(type(event).__name__ in ("Drop", "Duplicate") for event in run.events) or "violet" in run.last.proposed:
        return
    graph = GRAPHS[id(run.system)]
    for configuration, values in zip(run.configurations, valencies(run), strict=True):
        assert values is None or values == graph.valency(configuration)


@pytest.mark.parametrize("system", SMALL, ids=str)
def test_the_valency_of_the_start_is_known(system):
    for seed in range(5):
        assert None not in valencies(simulate(system, seed=seed))


@settings(max_examples=20, deadline=None)
@given(runs())
def test_it_only_shrinks_and_holds_what_was_decided(run):
    later = frozenset()
    for configuration, values in reversed(list(zip(run.configurations, valencies(run), strict=True))):
        if values is not None:
            assert values >= later and values >= set(configuration.decisions.values())
            later = values


def test_larger_systems_are_known_nearly_everywhere():
    system = System(TieBreakVote, 5, {0: "red", 4: "blue"}, network="lossy", crashes=1)
    found = [valencies(simulate(system, seed=seed, faults=[(1.2, Crash(2))], loss=0.1)) for seed in range(4)]
    assert sum(values is None for answers in found for values in answers) == 0
    assert all(answers[0] == {"red", "blue"} for answers in found)
    assert found == [valencies(simulate(system, seed=s, faults=[(1.2, Crash(2))], loss=0.1)) for s in range(4)]


def test_a_run_of_a_system_without_proposals():
    assert valencies(Run(System(MajorityVote, 3))) == (frozenset(),)
