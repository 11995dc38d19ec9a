"""What each protocol of the book guarantees in every schedule, and what breaks it."""

import pytest

from consensus_lab import (
    Agreement,
    Crash,
    Deliver,
    Duplicate,
    Envelope,
    Propose,
    Run,
    System,
    Validity,
    explore,
    simulate,
)
from consensus_lab.protocols import CheckThenAct, Coordinator, LockThenAct, MajorityVote, Memory, TieBreakVote
from consensus_lab.protocols.voting.coordinator import bully
from consensus_lab.protocols.voting.majority import Voted, VoteFor

TWO = {0: "red", 1: "blue"}
THREE = {0: "red", 1: "blue", 2: "green"}
NETWORKS = ("reliable", "lossy")


def names(graph):
    return set(graph.violations)


# -- the coordinator ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("n, proposals", [(1, {0: "red"}), (2, TWO), (3, TWO), (3, THREE), (4, THREE)])
def test_the_coordinator_decides_in_every_schedule(n, proposals):
    graph = explore(System(Coordinator, n, proposals))
    assert graph.complete and not graph.violations and not graph.stuck
    assert graph.valency(graph.system.initial()) == set(proposals.values())


def test_the_first_value_that_the_coordinator_hears_is_final():
    system = System(Coordinator, 3, TWO)
    graph = explore(system)
    run = Run(system).then(Propose(0, "red"), Propose(1, "blue"))
    assert graph.valency(run.last) == {"red", "blue"}
    (blue,) = [envelope for envelope in run.last.in_flight if envelope.sender == 1]
    assert graph.valency(run.then(Deliver(blue)).last) == {"blue"}


def test_the_coordinator_is_safe_even_when_messages_are_lost_and_copied_and_nodes_crash():
    graph = explore(System(Coordinator, 3, TWO, network="lossy", crashes=2))
    assert graph.complete and names(graph) == {"Termination"}


def test_one_crash_of_the_coordinator_blocks_everybody():
    graph = explore(System(Coordinator, 3, TWO, crashes=1))
    assert names(graph) == {"Termination"}
    witness = graph.violations["Termination"]
    assert Crash(bully(range(3))) in witness.events and witness.last.crashed == {2}
    assert witness.violations["Termination"].nodes == (0, 1)


def test_a_crash_of_any_other_node_blocks_nobody():
    for run in explore(System(Coordinator, 3, {0: "red"}, crashes=1)).stuck:
        assert Crash(2) in run.events


def test_the_bully_is_the_biggest():
    assert bully(range(5)) == 4


def test_a_coordinator_that_restarts_has_forgotten_and_may_break_agreement():
    graph = explore(System(Coordinator, 3, TWO, crashes=1, restarts=1))
    assert "Agreement" in names(graph)  # its value is not durable


# -- majority voting ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("n, proposals", [(2, TWO), (3, TWO), (3, THREE)])
def test_majority_voting_never_disagrees_and_never_makes_up_a_value(network, n, proposals):
    graph = explore(System(MajorityVote, n, proposals, network=network))
    assert graph.complete and names(graph) <= {"Termination"}
    assert graph.valency(graph.system.initial()) == set(proposals.values())


def test_majority_voting_never_disagrees_when_a_node_crashes():
    graph = explore(System(MajorityVote, 3, TWO, crashes=1))
    assert graph.complete and names(graph) == {"Termination"}


def test_an_odd_number_of_nodes_with_two_candidates_always_decides():
    graph = explore(System(MajorityVote, 3, TWO))
    assert graph.complete and not graph.violations


def test_two_nodes_split_the_vote_in_six_events():
    graph = explore(System(MajorityVote, 2, TWO))
    assert len(graph.violations["Termination"]) == 6  # two proposals; each VoteFor and each Voted arrives once
    votes = [graph.stuck[0].last.state(i)["vote"] for i in range(2)]
    assert votes == ["red", "blue"]


def test_four_nodes_split_two_against_two():
    graph = explore(System(MajorityVote, 4, TWO))
    assert graph.complete and names(graph) == {"Termination"}
    for run in graph.stuck:
        votes = [run.last.state(i)["vote"] for i in range(4)]
        assert sorted(votes) == ["blue", "blue", "red", "red"]
    assert graph.stuck


def test_three_candidates_split_an_odd_vote():
    graph = explore(System(MajorityVote, 3, THREE))
    assert {tuple(run.last.state(i)["vote"] for i in range(3)) for run in graph.stuck} == {("red", "blue", "green")}


def test_one_crash_splits_an_odd_vote():
    graph = explore(System(MajorityVote, 3, TWO, crashes=1))
    witness = graph.violations["Termination"]
    assert sum(isinstance(event, Crash) for event in witness.events) == 1


def test_a_copy_of_a_vote_counts_once():
    system = System(MajorityVote, 3, {0: "red"}, network="lossy")
    vote = Envelope(0, 1, Voted("red"))
    run = Run(system).then(Propose(0, "red"), Duplicate(vote), *[Deliver(vote)] * 3)
    assert run.last.state(1) == {"vote": None, "ballots": frozenset({(0, "red")}), "decided": None}
    run = run.then(Deliver(Envelope(0, 1, VoteFor("red"))))
    assert run.decisions == {1: "red"}  # its own vote is the second of three


def test_a_node_votes_once():
    system = System(MajorityVote, 3, TWO)
    run = Run(system).then(Propose(0, "red"), Propose(1, "blue"), Deliver(Envelope(0, 1, VoteFor("red"))))
    assert [run.last.state(i)["vote"] for i in range(3)] == ["red", "blue", None]


@pytest.mark.parametrize("n", [2, 3, 4, 5])
def test_a_single_candidate_always_wins_by_simulation(n):
    for seed in range(10):
        run = simulate(System(MajorityVote, n, {n - 1: "red"}), seed)
        assert run.decisions == dict.fromkeys(range(n), "red") and not run.violations


# -- the tie-break --------------------------------------------------------------------------------------------


def test_the_tie_break_settles_a_split_vote_when_everybody_is_heard():
    graph = explore(System(TieBreakVote, 2, TWO))
    assert graph.complete and "Agreement" not in names(graph) and not graph.stuck


def test_the_tie_break_settles_the_vote_by_its_clock_when_a_node_is_dead():
    for seed in range(20):
        run = simulate(System(TieBreakVote, 4, TWO), seed, faults=[(0.0, Crash(3))])
        assert set(run.decisions) == {0, 1, 2} and len(set(run.decisions.values())) == 1


def test_the_tie_break_disagrees_when_a_vote_is_only_slow():
    graph = explore(System(TieBreakVote, 3, TWO, timeouts=1))
    assert {"Agreement"} <= names(graph) and "Validity" not in names(graph)
    witness = graph.violations["Agreement"]
    assert not any(isinstance(event, Crash) for event in witness.events)
    assert len(set(witness.decisions.values())) == 2
    assert len(witness) == len(explore(System(TieBreakVote, 3, TWO, timeouts=2)).violations["Agreement"])


def test_the_tie_break_agrees_as_long_as_no_timer_fires():
    graph = explore(System(TieBreakVote, 3, TWO, timeouts=0))
    assert graph.complete and not graph.violations


@pytest.mark.parametrize("votes, favorite", [
    ({(0, "red"), (1, "blue")}, "blue"), ({(0, "red"), (1, "blue"), (2, "red")}, "red"), ({(0, 10), (1, 9)}, 9),
])  # fmt: skip
def test_the_favorite_has_most_votes_and_is_first_in_the_alphabet(votes, favorite):
    node = TieBreakVote()
    node.ballots = frozenset(votes)
    assert node.favorite() == favorite


# -- threads and a shared memory ------------------------------------------------------------------------------


def threads(kind, count=2, **options):
    users = dict(enumerate(("Ada", "Grace", "Mary")[:count], 1))
    return System([Memory, *[kind] * count], proposals=users, **options)


def test_check_then_act_is_a_race():
    graph = explore(threads(CheckThenAct))
    assert graph.complete and names(graph) == {"Agreement"}
    witness = graph.violations["Agreement"]
    assert set(witness.decisions.values()) == {"Ada", "Grace"}
    reads = [event for event in witness.events if isinstance(event, Deliver) and event.node == 0][:2]
    assert {event.envelope.sender for event in reads} == {1, 2}, "both check before either acts"


@pytest.mark.parametrize("count", [2, 3])
def test_with_a_lock_every_schedule_agrees_and_ends(count):
    graph = explore(threads(LockThenAct, count))
    assert graph.complete and not graph.violations
    assert graph.valency(graph.system.initial()) == set(graph.system.proposals.values())


def test_with_a_lock_nobody_is_let_in_before_the_other_is_out():
    for c in explore(threads(LockThenAct), reduce=False):
        memory = c.state(0)
        assert memory["holder"] is None or memory["holder"] not in memory["waiting"]


def test_a_thread_that_dies_with_the_lock_blocks_the_other():
    graph = explore(threads(LockThenAct, crashes=1))
    assert names(graph) == {"Termination"}
    holders = {run.last.state(0)["holder"] for run in graph.stuck if run.last.crashed != {0}}
    assert holders & {1, 2}


def test_a_single_thread_needs_no_lock():
    graph = explore(threads(CheckThenAct, 1))
    assert graph.complete and not graph.violations


@pytest.mark.parametrize("kind", [CheckThenAct, LockThenAct])
def test_threads_only_return_what_somebody_proposed(kind):
    graph = explore(threads(kind), reduce=False, properties=[Agreement(), Validity()])
    assert graph.complete and names(graph) == ({"Agreement"} if kind is CheckThenAct else set())
