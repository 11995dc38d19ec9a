"""A network that keeps time: what is held back arrives when it is due, and timers fire by the clock."""

import pytest

from consensus_lab import Deliver, Propose, ProtocolError, Run, System, Timeout
from consensus_lab.protocols import BackoffSynod, Coordinator, Synod
from consensus_lab.protocols.paxos.synod_proposers import EagerSynod, LeaderSynod, Refused
from consensus_lab.simulation.bounded_delay import BOUND, TICK, due, early, wait

RIVALS = {0: "red", 1: "blue"}


def start(protocol=Synod, proposals=RIVALS):
    return Run(System(protocol, 3, proposals, timeouts=None))


def test_a_proposal_and_a_message_can_be_held_back_for_the_bound_and_no_longer():
    run = start(proposals={0: "red"})
    assert due(run) == (BOUND, Propose(0, "red"))
    run = wait(run)
    assert run.times == (BOUND,)
    time, event = due(run)
    assert time == 2 * BOUND and isinstance(event, Deliver) and event.envelope.sender == 0


def test_what_is_had_early_takes_a_tick():
    run = early(start(), Propose(1, "blue"))
    assert run.events == (Propose(1, "blue"),) and run.times == (TICK,)
    run = early(run, Deliver(run.last.in_flight[0]))
    assert run.times == (TICK, 2 * TICK)


def test_what_is_due_comes_before_what_is_had_early():
    run = wait(early(start(), Propose(0, "red")))  # blue, at 2.0; what red has sent is due at 2.1
    last = run.last.in_flight[-1]
    assert last.sender == 1
    run = early(run, Deliver(last))
    assert [event.envelope.sender for event in run.events[2:]] == [0, 0, 1] and run.times[-1] == BOUND + TICK


def test_what_has_happened_because_it_was_due_does_not_happen_again():
    run = wait(early(start(), Propose(0, "red")))
    first = run.last.in_flight[0]
    run = early(run, Deliver(first))
    assert run.events.count(Deliver(first)) == 1 and run.events[-1] == Deliver(first)


def test_a_timer_fires_when_it_is_due():
    run = start(proposals={0: "red"})
    run = early(run, Propose(0, "red"))
    while not isinstance(run.events[-1], Timeout):
        run = wait(run)
        if len(run) > 20:
            break
    decided_before = bool(run.decisions)
    assert decided_before or run.times[-1] == pytest.approx(TICK + Synod.patience)


def test_time_never_goes_back_and_every_run_can_be_replayed():
    run = start(BackoffSynod)
    for _ in range(40):
        run = wait(run, seed=3)
    assert list(run.times) == sorted(run.times)
    assert Run.from_json(run.to_json()) == run


def test_the_same_seed_tosses_the_same_coins():
    def waits(seed):
        run = start(BackoffSynod)
        for _ in range(60):
            run = wait(run, seed)
        return [choice for event in run.events for choice in getattr(event, "choices", ())]

    assert waits(1) == waits(1) and len({tuple(waits(seed)) for seed in range(6)}) > 1


def test_nothing_is_due_when_nothing_is_left():
    run = start(Coordinator, {2: "red"})
    for _ in range(9):
        run = wait(run)
    assert due(run) is None and wait(run) is run and len(run.decisions) == 3


def test_what_cannot_happen_is_refused():
    with pytest.raises(ProtocolError):
        early(start(), Timeout(0, "retry"))


@pytest.mark.parametrize("protocol", [EagerSynod, BackoffSynod, LeaderSynod])
def test_the_bound_holds_in_every_run(protocol):
    run = start(protocol)
    for _ in range(60):
        run = wait(run)
    for flight in run.flights:
        sent = run.times[flight.sent - 1]
        end = run.times[flight.end - 1] if flight.end else run.times[-1]
        assert end - sent <= BOUND + TICK
    assert protocol is LeaderSynod or any(isinstance(f.envelope.message, Refused) for f in run.flights)
