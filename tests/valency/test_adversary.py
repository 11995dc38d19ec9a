"""The adversary keeps what can be kept undecided, fairly; and tells where each event leads."""

import pytest

from consensus_lab import Crash, Deliver, Envelope, Propose, ProtocolError, Run, System, Timeout, explore
from consensus_lab.protocols import BenOr, Coordinator, MajorityVote, RotatingCoordinator, TieBreakVote
from consensus_lab.protocols.voting.coordinator import Initialize
from consensus_lab.valency.adversary import hint, play, prospects, queue

TORN = {0: "red", 1: "blue"}


@pytest.mark.parametrize("protocol", [Coordinator, MajorityVote])
def test_it_crashes_the_node_that_is_about_to_settle_it(protocol):
    run = play(System(protocol, 3, TORN, crashes=1))
    assert run.last.crashed == {2}
    assert not run.decisions and "Termination" in run.violations


def test_without_a_crash_it_can_only_put_off_what_has_to_be_decided():
    run = play(System(Coordinator, 3, TORN))
    assert run.decisions
    assert run.events[:2] == (Propose(0, "red"), Propose(1, "blue"))


@pytest.mark.parametrize("protocol, rounds", [(BenOr, 6), (RotatingCoordinator, 6)])
def test_what_never_forces_a_decision_goes_on_for_as_many_rounds_as_asked(protocol, rounds):
    system = System(protocol, 3, TORN, timeouts=None)
    run = play(system, rounds)
    assert not run.decisions
    begin, played = 0, 0
    for step in range(1, len(run) + 1):  # a round: all that waited at its beginning has happened
        if all(since > begin for since in queue(run.rewind(step)).values()):
            played, begin = played + 1, step
    assert played == rounds


def test_it_plays_on_from_where_the_reader_has_stopped():
    system = System(BenOr, 3, TORN)
    begun = Run(system).then(Propose(1, "blue"))
    run = play(system, 2, start=begun)
    assert run.events[:1] == begun.events and len(run) > 1


def test_it_plays_the_same_every_time():
    system = System(TieBreakVote, 3, TORN, timeouts=None, crashes=1)
    assert play(system, 4) == play(system, 4)


def test_a_hint_is_the_first_event_that_it_would_play_with_a_reason():
    system = System(MajorityVote, 3, TORN, crashes=1)
    run = Run(system)
    move = hint(run)
    assert move.event == play(system, 1).events[0]
    assert "waited longest" in move.reason
    assert hint(run.last).event == move.event


def test_following_its_hints_keeps_two_decisions_possible_until_the_crash():
    system = System(MajorityVote, 3, TORN, crashes=1)
    graph, run = explore(system), Run(system)
    while (move := hint(run)) and not isinstance(move.event, Crash):
        run = run.then(move.event)
        assert graph.valency(run.last) == {"red", "blue"}
    assert move and run.then(move.event).last.crashed == {2}


def test_there_is_no_hint_once_somebody_has_decided():
    system = System(Coordinator, 3, {2: "red"})
    assert hint(Run(system).then(Propose(2, "red"))) is None


@pytest.mark.parametrize("protocol", [Coordinator, MajorityVote, TieBreakVote])
def test_prospects_are_the_valencies_that_explore_finds(protocol):
    system = System(protocol, 3, TORN, crashes=1, timeouts=None)
    graph = explore(system, reduce=False)
    run = Run(system)
    for _ in range(4):
        found = prospects(run.last)
        assert [prospect.event for prospect in found] == list(system.events(run.last))
        for event, valency, stuck in found:
            exact = graph.valency(system.step(run.last, event))
            assert valency == exact or (valency is None and protocol is TieBreakVote)
            assert stuck is None or stuck or exact
        run = run.then(found[0].event)


def test_the_prospects_of_a_race_are_red_blue_and_stuck():
    system = System(Coordinator, 3, TORN, crashes=1)
    torn = Run(system).then(Propose(0, "red"), Propose(1, "blue")).last
    seen = {prospect.event: prospect[1:] for prospect in prospects(torn)}
    assert seen[Deliver(Envelope(0, 2, Initialize("red")))] == ({"red"}, False)
    assert seen[Deliver(Envelope(1, 2, Initialize("blue")))] == ({"blue"}, False)
    assert seen[Crash(2)] == (frozenset(), True)


def test_a_prospect_that_is_out_of_sight_is_said_to_be_unknown_or_open():
    system = System(BenOr, 3, TORN)
    for prospect in prospects(system.initial()):
        assert prospect.valency in (None, {"red", "blue"}) and not prospect.stuck


def test_what_waits_is_in_the_order_in_which_it_came_and_a_timer_armed_anew_is_last():
    system = System(RotatingCoordinator, 3, TORN, timeouts=None)
    run = Run(system).then(Propose(0, "red"), Propose(1, "blue"), Timeout(0, "patience"))
    waiting = list(queue(run))
    assert waiting.index(Timeout(0, "patience")) > waiting.index(Timeout(1, "patience"))


def test_a_game_of_no_rounds_is_refused():
    with pytest.raises(ProtocolError, match="rounds"):
        play(System(Coordinator, 3, TORN), 0)
