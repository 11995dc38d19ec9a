"""Each broken rule of Raft breaks a property of Figure 3: in the shortest schedule there is, or in a scripted one."""

import pytest

from consensus_lab import System, explore, simulate
from consensus_lab.protocols.raft.mistakes import (
    MISTAKES,
    AppendsBlindly,
    CommitsOldTerms,
    CutsAlways,
    ElectsByHalf,
    ForgetsItsLog,
    ForgetsItsTerm,
    ForgetsItsVote,
    OneByOne,
    VotesAgain,
    VotesBlindly,
)
from consensus_lab.protocols.raft.paper_runs import STORIES, figure_7, figure_8
from consensus_lab.protocols.raft.properties import FIGURE_3, witnessed
from consensus_lab.protocols.raft.raft import within

A, B = ({i} for i in range(2))
RIVALS, IN_TURN = (A | B,), (A, B)
BOTH = {"proposals": {0: "x", 1: "y"}}
RESTART = {"crashes": 1, "restarts": 1}


@pytest.mark.parametrize(
    "protocol, candidates, faults, broken, most",
    [
        (ElectsByHalf, RIVALS, {}, {"ElectionSafety": 2}, 10_000),
        (VotesAgain, RIVALS, {}, {"ElectionSafety": 6}, 25_000),
        (VotesBlindly, IN_TURN, {}, {"LeaderCompleteness": 9}, 30_000),
        (ForgetsItsVote, RIVALS, RESTART, {"ElectionSafety": 8}, 20_000),
        (ForgetsItsTerm, RIVALS, RESTART, {"ElectionSafety": 8}, 20_000),
        (ForgetsItsLog, IN_TURN, RESTART, {"LeaderCompleteness": 11}, 100_000),
        (CutsAlways, IN_TURN, {}, {"LeaderCompleteness": 10}, 30_000),
        (AppendsBlindly, IN_TURN, BOTH, {"LogMatching": 13, "StateMachineSafety": 13}, 200_000),
    ],
)
def test_the_search_finds_the_shortest_schedule_that_breaks_it(protocol, candidates, faults, broken, most):
    faults = {"proposals": {0: "x"}, "network": "lossy", "timeouts": 2, **faults}
    system = System(within(witnessed(protocol), *map(frozenset, candidates)), 3, **faults)
    graph = explore(system, reduce=False, max_states=most, properties=FIGURE_3)
    assert {name: len(run) for name, run in graph.violations.items()} == broken


@pytest.mark.parametrize("protocol", MISTAKES)
def test_its_story_breaks_a_property_that_raft_keeps_in_the_same_story(protocol):
    story, right = STORIES[protocol], protocol.__base__
    assert story(witnessed(protocol)).check(FIGURE_3) and not story(witnessed(right)).check(FIGURE_3)


def test_every_mistake_has_its_story():
    assert STORIES.keys() == set(MISTAKES)


# -- Figure 7 -------------------------------------------------------------------------------------------------


def terms(run):
    return {run.system.names[i]: [term for term, _ in run.last.state(i)["log"]] for i in run.system.nodes}


def test_figure_7_has_the_logs_of_the_paper():
    assert terms(figure_7()) == {
        "leader": [1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 8],
        "a": [1, 1, 1, 4, 4, 5, 5, 6, 6],
        "b": [1, 1, 1, 4],
        "c": [1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 6],
        "d": [1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 7, 7],
        "e": [1, 1, 1, 4, 4, 4, 4],
        "f": [1, 1, 1, 2, 2, 2, 3, 3, 3, 3, 3],
    }


def test_a_leader_brings_all_logs_of_figure_7_in_line_with_its_own():
    run = figure_7(witnessed(OneByOne))
    leaders = terms(run)["leader"]
    run = simulate(run.system, 1, after=run, until=run.times[-1] + 60)
    assert run.last.state(0)["role"] == "leader" and len(set(map(tuple, terms(run).values()))) == 1
    assert terms(run)["leader"][: len(leaders)] == leaders and not run.check(FIGURE_3)


# -- Figure 8 -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("protocol", [OneByOne, CommitsOldTerms])
@pytest.mark.parametrize(
    "end, logs",
    [
        ("a", ([1, 2], [1, 2], [1], [1], [1])),
        ("b", ([1, 2], [1, 2], [1], [1], [1, 3])),
        ("c", ([1, 2, 4], [1, 2], [1, 2], [1], [1, 3])),
        ("d", ([1, 2, 4], [1, 3, 5], [1, 3, 5], [1, 3, 5], [1, 3, 5])),
        ("e", ([1, 2, 4], [1, 2, 4], [1, 2, 4], [1], [1, 3])),
    ],
)
def test_figure_8_has_the_logs_of_the_paper(protocol, end, logs):
    assert tuple(terms(figure_8(protocol, end)).values()) == logs


def test_in_figure_8_raft_does_not_commit_what_can_be_overwritten():
    assert figure_8(OneByOne, "c").last.state(0)["commit"] == 0
    assert not figure_8(witnessed(OneByOne), "d").check(FIGURE_3)


def test_in_figure_8_without_the_commit_rule_an_entry_is_committed_and_lost():
    committed = figure_8(CommitsOldTerms, "c").last.state(0)
    assert committed["commit"] == 2 and committed["log"][1][1].command == "two"
    lost = figure_8(witnessed(CommitsOldTerms), "d")
    assert lost.check(FIGURE_3).keys() == {"LeaderCompleteness", "StateMachineSafety"}


def test_in_figure_8_e_the_entry_is_committed_with_one_of_the_leaders_own_term_and_the_rival_is_not_elected():
    run = figure_8(witnessed(OneByOne), "e")
    assert any(c.state(0)["commit"] == 3 for c in run.configurations)
    assert run.last.state(4)["role"] == "candidate" and run.last.state(4)["votes"] == {4, 3}
    assert not run.check(FIGURE_3)
