"""Quorum systems: what they are, whether they meet, and what the synod makes of those that do and do not."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consensus_lab import Crash, ProtocolError, System, explore, simulate
from consensus_lab.figures import quorum_picture
from consensus_lab.protocols import (
    AllThenOneSynod,
    FlexibleSynod,
    GridSynod,
    HalvesSynod,
    QuorumSynod,
    Synod,
    TwoThenOneSynod,
    WeightedSynod,
)
from consensus_lab.protocols.paxos.properties import ValueSafeAtBallot, witnessed
from consensus_lab.protocols.paxos.synod import within
from consensus_lab.protocols.quorums import apart, at_least, covers, grid, majorities, weighted

TWO = {0: "red", 1: "blue"}
SMALL = st.integers(1, 6)


@given(SMALL)
def test_any_two_majorities_share_a_node(n):
    assert apart(majorities(n), majorities(n)) is None
    assert all(2 * len(quorum) > n for quorum in majorities(n))


@given(SMALL, st.data())
def test_quorums_by_number_meet_exactly_if_together_they_are_more_than_all(n, data):
    first, second = (data.draw(st.integers(1, n)) for _ in range(2))
    assert (apart(at_least(first, n), at_least(second, n)) is None) == (first + second > n)


@given(st.lists(st.integers(0, 4), min_size=1, max_size=6).filter(any))
def test_more_than_half_of_the_votes_meet_and_no_quorum_has_a_node_too_many(votes):
    quorums = weighted(votes)
    assert apart(quorums, quorums) is None
    for quorum in quorums:
        assert 2 * sum(votes[i] for i in quorum) > sum(votes)
        assert all(2 * sum(votes[i] for i in quorum - {node}) <= sum(votes) for node in quorum)


@given(SMALL)
def test_one_vote_each_makes_majorities(n):
    assert set(weighted([1] * n)) == set(majorities(n))


@given(st.integers(1, 3), st.integers(1, 3))
def test_a_row_and_a_column_of_a_grid_share_one_node(rows, columns):
    across, down = grid(rows, columns)
    assert (len(across), len(down)) == (rows, columns)
    assert all(len(a & b) == 1 for a, b in product(across, down))


def test_two_rows_of_a_grid_share_none():
    across, _ = grid(2, 3)
    assert apart(across, across) == (frozenset({0, 1, 2}), frozenset({3, 4, 5}))


def test_a_set_is_covered_if_it_contains_a_quorum():
    assert covers(majorities(3), {0, 2}) and not covers(majorities(3), {1})


@pytest.mark.parametrize("call, hint", [
    (lambda: at_least(0, 3), "1 to 3 can be a quorum"), (lambda: at_least(4, 3), "1 to 3 can be a quorum"),
    (lambda: weighted([]), "whole number of votes"), (lambda: weighted([1, -1]), "whole number of votes"),
    (lambda: weighted([0, 0]), "0 votes"), (lambda: weighted([1, 1], need=3), "together the nodes have 2 votes"),
    (lambda: grid(0, 2), "one row and one column"),
])  # fmt: skip
def test_what_is_no_quorum_system_is_refused(call, hint):
    with pytest.raises(ProtocolError, match=hint):
        call()


# -- the synod on other quorums -------------------------------------------------------------------------------


@pytest.mark.parametrize("protocol, n, rounds", [
    (AllThenOneSynod, 3, 2), (WeightedSynod, 3, 1), (FlexibleSynod, 4, 1), (GridSynod, 4, 1)
])  # fmt: skip
def test_quorums_that_meet_are_safe_in_every_schedule(protocol, n, rounds):
    assert apart(protocol.phase_1, protocol.phase_2) is None
    graph = explore(System(within(protocol, rounds), n, TWO, network="lossy", timeouts=None, crashes=n == 3))
    assert graph.complete and not graph.violations.keys() & {"Agreement", "Validity"}
    assert graph.valency(graph.system.initial()) == {"red", "blue"}


@pytest.mark.parametrize("protocol, n, events", [(TwoThenOneSynod, 3, 6), (HalvesSynod, 4, 10)])
def test_quorums_that_do_not_meet_disagree(protocol, n, events):
    assert apart(protocol.phase_1, protocol.phase_2)
    graph = explore(System(within(protocol, 1), n, TWO, network="lossy", timeouts=None))
    assert graph.complete and len(graph.violations["Agreement"]) == events


def test_the_value_is_safe_at_its_ballot_with_other_quorums_too():
    for protocol, holds in ((AllThenOneSynod, True), (TwoThenOneSynod, False)):
        system = System(witnessed(within(protocol, 1)), 3, TWO, network="lossy", timeouts=None)
        graph = explore(system, properties=[ValueSafeAtBallot(protocol.phase_2)])
        assert graph.complete and (not graph.violations) == holds


def test_majorities_as_a_quorum_system_make_the_synod():
    class MajoritySynod(QuorumSynod):
        phase_1 = phase_2 = majorities(3)

    same = [explore(System(within(cls, 1), 3, TWO, network="lossy", timeouts=None)) for cls in (Synod, MajoritySynod)]
    assert len(same[0]) == len(same[1]) and same[0].violations.keys() == same[1].violations.keys()


def test_with_weights_the_first_node_and_any_other_decide_and_the_others_cannot():
    for down, decides in ((2, True), (1, True), (0, False)):
        asks = 1 if down == 0 else 0
        run = simulate(System(WeightedSynod, 3, {asks: "red"}), faults=[(0.0, Crash(down))], max_events=200)
        assert (set(run.decisions) == {0, 1, 2} - {down}) == decides


def test_quorums_that_name_a_node_too_many_are_refused():
    with pytest.raises(ProtocolError, match="node 3 among them, and there are 3 nodes; use a system of 4"):
        System(GridSynod, 3).initial()


def test_a_synod_without_quorums_is_refused():
    with pytest.raises(ProtocolError, match="it has no quorums; set phase_1 and phase_2"):
        System(QuorumSynod, 3).initial()


# -- the picture ----------------------------------------------------------------------------------------------


def test_the_picture_says_whether_all_quorums_meet():
    assert "every pair shares a node" in quorum_picture(*grid(2, 3), "A grid").alt
    halves = at_least(2, 4)
    picture = quorum_picture(halves, halves, "Halves")
    assert picture.alt == "Halves: 6 quorums of phase 1 and 6 of phase 2; 6 of 36 pairs share no node."
    assert picture.svg.count('class="disc"') == 6


def test_the_picture_takes_names_and_refuses_too_few():
    assert ">Paris</text>" in quorum_picture(majorities(1), majorities(1), "One", names=["Paris"]).svg
    with pytest.raises(ValueError, match="give each a name"):
        quorum_picture(majorities(3), majorities(3), "Three", names=["A"])
    with pytest.raises(ValueError, match="no picture"):
        quorum_picture((), majorities(3), "None")
