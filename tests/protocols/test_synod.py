"""The synod: safe in every schedule, undecided only as long as somebody makes it so, and what it costs."""

from itertools import accumulate

import pytest

from consensus_lab import (
    Agreement,
    Crash,
    Deliver,
    Duplicate,
    Envelope,
    Partition,
    Propose,
    ProtocolError,
    Restart,
    Run,
    System,
    Timeout,
    constant,
    explore,
    simulate,
    sweep,
)
from consensus_lab.experiments.decision_cost import decision_cost
from consensus_lab.experiments.proposer_duel import duel
from consensus_lab.experiments.sweeps import rounds_to_decide
from consensus_lab.protocols import BackoffSynod, BroadcastSynod, Coordinator, EagerSynod, LeaderSynod, Synod
from consensus_lab.protocols.paxos.properties import OneValuePerBallot, P2c, ValueSafeAtBallot, witnessed
from consensus_lab.protocols.paxos.synod import Accept, Accepted, Decided, Prepare, Promise, within
from consensus_lab.valency.adversary import play
from consensus_lab.write_once import Running
from consensus_lab.write_once.examples import Order, OrderState, user_of_the_day

TWO = {0: "red", 1: "blue"}
THREE = {0: "red", 1: "blue", 2: "green"}
ASYNC = {"network": "lossy", "timeouts": None}
SAFETY = {"Agreement", "Validity"}


def safe(graph):
    return graph.complete and not SAFETY & graph.violations.keys()


# -- every schedule -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("faults, configurations", [({"crashes": 1}, 35_331), ({"crashes": 1, "restarts": 1}, 60_733)])
def test_two_rivals_with_two_ballots_each_are_safe_on_a_lossy_network_with_a_crash(faults, configurations):
    graph = explore(System(within(Synod, 2), 3, TWO, **ASYNC, **faults))
    assert safe(graph) and len(graph) == configurations


def test_the_search_is_not_in_vain():
    """Decisions in a second round, for another's value, after a crash: all of it happens in some schedule."""
    seen = set()
    for c in explore(System(within(Synod, 2), 3, TWO, network="lossy", timeouts=1, crashes=1)):
        values = set(c.decisions.values())
        seen |= {("decided", value) for value in values}
        seen |= {("crashed", value) for value in values if c.crashed}
        if any(c.nodes[i].fields[1] == ((2, 0), "blue") for i in range(3)):
            seen.add("adopted")
    assert seen == {(what, value) for what in ("decided", "crashed") for value in ("red", "blue")} | {"adopted"}


def test_three_rivals_are_safe():
    graph = explore(System(within(Synod, 1), 3, THREE, **ASYNC))
    assert safe(graph) and graph.valency(graph.system.initial()) == {"red", "blue", "green"}


def test_without_the_reductions_the_search_says_the_same():
    system = System(within(Synod, 1), 3, TWO, **ASYNC, crashes=1)
    whole, reduced = explore(system, reduce=False), explore(system)
    assert safe(whole) and safe(reduced) and len(whole) > len(reduced)
    assert whole.valency(system.initial()) == reduced.valency(system.initial())


def test_a_value_is_safe_at_its_ballot_when_a_node_restarts():
    system = System(witnessed(within(Synod, 1)), 3, TWO, **ASYNC, crashes=1, restarts=1)
    graph = explore(system, properties=[Agreement(), OneValuePerBallot(), P2c(), ValueSafeAtBallot()])
    assert graph.complete and not graph.violations


def test_the_record_of_all_votes_changes_nothing():
    """What the witnessed protocol reaches is what the synod reaches, with the record left out."""
    plain, recorded = (
        explore(System(cls, 3, TWO, **ASYNC), reduce=False) for cls in (within(Synod, 1), witnessed(within(Synod, 1)))
    )
    without = {tuple((*local[1:], local.fields[:-1]) for local in c.nodes) for c in recorded}
    assert without == {tuple((*local[1:], local.fields) for local in c.nodes) for c in plain}


# -- what it decides ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5])
def test_all_decide_by_simulation(n):
    for seed in range(5):
        run = simulate(System(Synod, n, {0: "red", n - 1: "blue"}), seed)
        assert len(run.decisions) == n and not run.violations


@pytest.mark.parametrize("seed", range(10))
def test_the_living_decide_though_a_minority_is_dead_and_messages_are_lost(seed):
    system = System(Synod, 5, {0: "red", 1: "blue", 2: "green"}, network="lossy")
    faults = [(0.0, Crash(3)), (seed % 4, Crash(4)), Partition(2.0, 20.0, [{0, 1}, {2}])]
    run = simulate(system, seed, loss=0.2, duplication=0.2, faults=faults, max_events=3_000)
    assert run.decisions.keys() & {0, 1, 2} and not run.violations.keys() & SAFETY


def test_without_a_majority_nobody_decides_and_nobody_is_wrong():
    faults = [(0.0, Crash(1)), (0.0, Crash(2)), (50.0, Restart(1))]
    run = simulate(System(Synod, 3, {0: "red"}), faults=faults, until=49.0)
    assert not run.decisions
    run = simulate(System(Synod, 3, {0: "red"}), faults=faults)
    assert run.decisions == {0: "red", 1: "red"}


def test_a_node_that_restarts_keeps_its_promise_and_its_vote():
    run = Run(System(Synod, 3, TWO, crashes=1, restarts=1)).then(Propose(0, "red"))
    run = run.then(_deliver(0, 2, Prepare((1, 0))), _deliver(2, 0, Promise((1, 0), None)))
    run = run.then(_deliver(0, 2, Accept((1, 0), "red")), Crash(2), Restart(2))
    state = run.last.state(2)
    assert (state["promised"], state["accepted"]) == ((1, 0), ((1, 0), "red"))


def test_a_proposer_may_have_to_propose_the_value_of_another():
    run = Run(System(Synod, 3, TWO)).then(Propose(0, "red"))
    run = run.then(_deliver(0, 2, Prepare((1, 0))), _deliver(2, 0, Promise((1, 0), None)))
    run = run.then(_deliver(0, 2, Accept((1, 0), "red")), Propose(1, "blue"), _deliver(1, 2, Prepare((1, 1))))
    run = run.then(_deliver(2, 1, Promise((1, 1), ((1, 0), "red"))))
    assert run.last.state(1)["wish"] == "blue" and run.last.state(1)["proposal"] == "red"


def test_a_value_is_chosen_before_anybody_knows():
    graph = explore(System(within(Synod, 2), 3, TWO, network="lossy", timeouts=1))
    run = Run(graph.system).then(Propose(0, "red"))
    run = run.then(_deliver(0, 2, Prepare((1, 0))), _deliver(2, 0, Promise((1, 0), None)))
    assert graph.valency(run.last) == {"red", "blue"}
    run = run.then(_deliver(0, 2, Accept((1, 0), "red")))
    assert not run.decisions and graph.valency(run.last) == {"red"}


def test_a_copy_of_a_vote_counts_once():
    run = Run(System(Synod, 5, {0: "red"}, network="lossy")).then(Propose(0, "red"))
    for node in (1, 2):
        run = run.then(_deliver(0, node, Prepare((1, 0))), _deliver(node, 0, Promise((1, 0), None)))
    run = run.then(_deliver(0, 1, Accept((1, 0), "red")))
    vote = Envelope(1, 0, Accepted((1, 0)))
    run = run.then(Duplicate(vote), Deliver(vote), Deliver(vote))
    assert not run.decisions and run.last.state(0)["votes"] == {0, 1}


def test_what_comes_late_is_no_harm():
    run = simulate(System(Synod, 3, TWO, network="lossy"), seed=1)
    for envelope in run.last.in_flight:
        run = run.then(Deliver(envelope))
    assert not run.violations and len(set(run.decisions.values())) == 1


def test_a_client_that_comes_late_gets_the_value_that_was_decided():
    run = simulate(System(Synod, 3, TWO), faults=[(0.0, Propose(0, "red")), (30.0, Propose(1, "blue"))])
    assert set(run.decisions.values()) == {"red"} and run.last.state(1)["wish"] is None


# -- the two problems of the first chapter, unchanged ---------------------------------------------------------


@pytest.mark.parametrize("down", range(3))
def test_all_servers_spotlight_the_same_user_though_one_has_crashed(down):
    running = Running(System(Synod, 3), seed=3)
    running.crash(down)
    here, there = (running.write_once(node) for node in range(3) if node != down)
    picks = iter(("Ada", "Grace"))
    assert user_of_the_day(here, lambda: next(picks)) == user_of_the_day(there, lambda: next(picks)) == "Ada"


def test_the_user_of_the_day_outlives_the_server_that_picked():
    running = Running(System(Synod, 3), seed=3)
    first = user_of_the_day(running.write_once(0), lambda: "Ada")
    running.crash(0)
    assert first == user_of_the_day(running.write_once(2), lambda: "Grace") == "Ada"


@pytest.mark.parametrize("seed", range(5))
def test_an_order_is_shipped_or_canceled_and_never_both_though_a_node_crashes(seed):
    running = Running(System(Synod, 3), seed=seed)
    here, there = (Order(running.write_once(node)) for node in (0, 1))
    here.try_ship()
    there.try_cancel()
    running.crash(2)
    assert here.state() is there.state() is not OrderState.PENDING


# -- a duel ---------------------------------------------------------------------------------------------------


def test_two_proposers_outbid_each_other_for_as_long_as_one_likes():
    run = duel(9)
    assert not run.decisions and run.last.state(2)["promised"] == (9, 0)


@pytest.mark.parametrize("ballots", [4, 9])
def test_after_any_number_of_ballots_of_a_duel_either_can_still_win(ballots):
    run = duel(ballots)
    ahead = (ballots - 1) % 2
    behind, system = 1 - ahead, run.system
    one = _third_node_accepts(run, ahead)
    later = (ballots + 1, behind)
    other = run.then(Timeout(behind, "retry"), _deliver(behind, 2, Prepare(later)))
    other = _third_node_accepts(other.then(_deliver(2, behind, Promise(later, None))), behind)
    assert [end.decisions for end in (one, other)] == [
        {ahead: system.proposals[ahead]}, {behind: system.proposals[behind]}
    ]  # fmt: skip


def test_the_adversary_keeps_the_synod_undecided_by_a_fair_run():
    run = play(System(Synod, 3, TWO, timeouts=None), rounds=4)
    assert not run.decisions and not any(isinstance(event, Crash) for event in run.events)


def test_the_duel_is_fair():
    """Each message arrives before the ballot after the next, and nobody crashes: it can go on for ever."""
    run = duel(9)
    starts = [isinstance(event, (Propose, Timeout)) for event in run.events]
    ballot = [0, *accumulate(starts)]  # which ballot a step belongs to
    for flight in run.flights:
        assert ballot[flight.sent] == 9 if flight.end is None else ballot[flight.end] <= ballot[flight.sent] + 1
    assert {event.node for event in run.events} == {0, 1, 2}


def test_one_that_gives_way_ends_the_duel():
    run = duel(9)
    after = simulate(run.system, after=run)
    assert len(after.decisions) == 3 and not after.violations


def test_bidding_higher_at_once_can_go_on_for_ever():
    run = simulate(System(EagerSynod, 3, TWO), delay=constant(1), max_events=600)
    assert not run.decisions and run.last.state(2)["promised"] > (40, 0)


@pytest.mark.parametrize("protocol", [EagerSynod, BackoffSynod, LeaderSynod, BroadcastSynod])
def test_no_way_to_make_progress_costs_safety(protocol):
    graph = explore(System(within(protocol, 1), 3, TWO, **ASYNC))
    assert safe(graph) and graph.valency(graph.system.initial()) == {"red", "blue"}


def test_the_others_take_over_when_the_distinguished_proposer_is_dead():
    for seed in range(5):
        run = simulate(System(LeaderSynod, 3, TWO), seed, faults=[(0.0, Crash(2))])
        assert run.decisions.keys() == {0, 1} and not run.violations


def test_a_distinguished_proposer_needs_one_round_and_bidding_at_once_never_ends():
    result = sweep(rounds_to_decide, {"strategy": ["leader", "eager", "backoff"]}, seeds=25)
    assert result.at(strategy="leader").counts["round  1"] == 25
    assert result.at(strategy="eager").counts["undecided"] == 25
    assert result.at(strategy="backoff").counts["undecided"] == 0


def test_the_chance_of_being_undecided_falls_geometrically():
    """Of the runs that are undecided after k rounds, about the same share is undecided after k + 1."""
    (tally,) = sweep(rounds_to_decide, {"strategy": ["eager"], "spread": [0.25]}, seeds=400)
    undecided = [tally.share(*[o for o in tally.counts if o > f"round {k:2}"]) for k in range(2, 9)]
    ratios = [after.share / before.share for before, after in zip(undecided, undecided[1:])]
    assert all(0.5 < ratio < 0.9 for ratio in ratios), ratios


@pytest.mark.parametrize("options", [{"strategy": "luck"}, {"proposers": 4}, {"proposers": 0}])
def test_an_experiment_that_makes_no_sense_is_refused(options):
    with pytest.raises(ProtocolError, match="one of patience|of 3 nodes"):
        rounds_to_decide(0, **options)


# -- what it costs --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("n", [3, 5, 7])
def test_messages_and_delays_of_the_good_case(n):
    synod, broadcast, coordinator = (decision_cost(cls, n) for cls in (Synod, BroadcastSynod, Coordinator))
    assert (synod.messages, synod.first, synod.last) == (5 * (n - 1), 4.0, 5.0)
    assert (broadcast.messages, broadcast.last) == (3 * (n - 1) + n * (n - 1), 4.0)
    assert (coordinator.messages, coordinator.last) == (n, 2.0)


def test_when_every_acceptor_tells_every_learner_a_crash_of_the_proposer_keeps_nobody_from_learning():
    accepted = _until_accepted(Synod), _until_accepted(BroadcastSynod)
    ends = [simulate(run.system, after=run.then(Crash(0))) for run in accepted]
    assert [end.decisions for end in ends] == [{}, {1: "red", 2: "red"}]


def _until_accepted(protocol):
    """Everybody has accepted red in the only ballot, and nobody has heard of it yet."""
    run = Run(System(protocol, 3, {0: "red"}, crashes=1)).then(Propose(0, "red"))
    for kind in (Prepare, Promise, Accept):
        sent = [envelope for envelope in run.last.in_flight if isinstance(envelope.message, kind)]
        run = run.then(*map(Deliver, sent))
    assert not any(isinstance(envelope.message, Decided) for envelope in run.last.in_flight)
    return run


def _third_node_accepts(run, proposer):
    state = run.last.state(proposer)
    run = run.then(_deliver(proposer, 2, Accept(state["ballot"], state["proposal"])))
    return run.then(_deliver(2, proposer, Accepted(state["ballot"])))


def _deliver(sender, receiver, message):
    return Deliver(Envelope(sender, receiver, message))
