"""Who wins the duel: the network where it orders everything, and the proposers where there is a clock and chance."""

import pytest

from consensus_lab import Deliver, Run, System, Timeout
from consensus_lab.experiments.proposer_duel import Standing, duel, outbid_run, outbidding_event, standings
from consensus_lab.protocols import BackoffSynod, EagerSynod, LeaderSynod, Synod
from consensus_lab.simulation.bounded_delay import BOUND


def test_every_ballot_of_the_duel_but_the_last_is_outbid_and_nothing_is_chosen():
    for ballots in (1, 2, 7):
        run = duel(ballots)
        delivered = sum(isinstance(event, Deliver) for event in run.events)
        assert standings(run)[-1] == Standing(ballots, ballots - 1, delivered, None)


def test_a_value_is_chosen_before_anybody_knows_and_stays_so():
    run = duel(1)
    while not run.decisions:
        run = run.then(Deliver(run.last.in_flight[0]))
    found = standings(run)
    first = next(k for k, standing in enumerate(found) if standing.chosen)
    assert first < len(run) and not run.configurations[first].decisions
    assert all(standing.chosen == "red" for standing in found[first:])


def test_at_the_start_nothing_has_been_done():
    assert standings(Run(System(Synod, 3, {0: "red"}))) == [Standing(0, 0, 0, None)]


def test_a_clock_alone_does_not_end_the_duel_of_two_that_answer_at_once():
    run = outbid_run(EagerSynod, most=150)
    assert len(run) >= 150 and standings(run)[-1].chosen is None and standings(run)[-1].outbid >= 15


@pytest.mark.parametrize("seed", range(12))
def test_a_random_wait_ends_the_duel_whatever_is_held_back_within_the_bound(seed):
    run = outbid_run(BackoffSynod, seed)
    assert standings(run)[-1].chosen is not None and len(run) < 200


def test_with_a_favorite_there_is_no_duel():
    run = outbid_run(LeaderSynod)
    assert standings(run)[-1].outbid == 0 and standings(run)[-1].ballots == 1
    assert run.times[-1] <= 5 * BOUND and not any(isinstance(event, Timeout) for event in run.events)


def test_who_spoils_has_early_what_begins_a_ballot_and_holds_back_the_latest():
    run = Run(System(BackoffSynod, 3, {0: "red", 1: "blue"}, timeouts=None))
    assert outbidding_event(run) == run.system.events(run.last)[0]
    run = run.then(*run.system.events(run.last)[:1])
    run = run.then(*run.system.events(run.last)[:1])
    assert type(outbidding_event(run).envelope.message).__name__ == "Prepare"
