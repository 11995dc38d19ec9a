"""A hunt finds known mistakes from the system alone, always the same run, and says what it looked at in vain."""

from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import pytest

from consensus_lab import Agreement, ProtocolError, Run, Sometimes, System, Termination, explore, hunt
from consensus_lab.hunting.hunt import look
from consensus_lab.hunting.shrinking import shrunk
from consensus_lab.protocols import AcceptAlways, ForgetsVote, MajorityVote, Synod, TieBreakVote
from consensus_lab.protocols.raft.mistakes import AppendsBlindly, ElectsByHalf, VotesBlindly
from consensus_lab.protocols.raft.properties import FIGURE_3, witnessed

TWO = {0: "red", 1: "blue"}
TIE = System(TieBreakVote, 3, TWO, timeouts=2)
SYNOD = {"network": "lossy", "crashes": 1, "restarts": 1, "timeouts": 2}


@pytest.mark.parametrize("protocol", [AcceptAlways, ForgetsVote])
def test_broken_synods_are_found_from_the_system_alone(protocol):
    found = hunt(System(protocol, 3, TWO, **SYNOD), seconds=600, schedules=4_000, properties=[Agreement()])
    assert found.property == "Agreement" and found.run.violations["Agreement"].step == len(found.run)


@pytest.mark.parametrize("protocol", [ElectsByHalf, VotesBlindly, AppendsBlindly])
def test_broken_rafts_are_found_from_the_system_alone(protocol):
    faults = {"network": "lossy", "crashes": 2, "restarts": 2, "timeouts": None}
    system = System(witnessed(protocol), 3, {0: "x", 1: "y"}, **faults)
    found = hunt(system, seconds=600, schedules=400, properties=FIGURE_3)
    assert found and found.property in found.run.check(FIGURE_3)


def test_a_right_protocol_is_hunted_in_vain_and_that_is_said():
    found = hunt(System(Synod, 3, TWO, **SYNOD), seconds=600, schedules=60, properties=[Agreement()])
    assert found.run is None and not found and found.schedules == 60 and found.events > 600
    assert str(found).startswith("Nothing was found in 60 schedules with ") and "were not looked at" in str(found)


def test_the_run_is_nearly_as_short_as_the_shortest():
    shortest = len(explore(TIE).violations["Agreement"])
    assert shortest <= len(hunt(TIE, seconds=600, schedules=100).run) <= shortest + 1


def test_no_event_of_what_was_found_can_be_left_out():
    found = hunt(System(AcceptAlways, 3, TWO, **SYNOD), seconds=600, schedules=4_000, properties=[Agreement()])
    events = list(found.run.events)
    for k in range(len(events)):
        fewer = events[:k] + events[k + 1 :]
        try:
            assert not Run(found.run.system, fewer).violations.get("Agreement")
        except ProtocolError:
            pass  # what follows needs this event


def test_a_schedule_that_is_stuck_breaks_termination():
    found = hunt(System(MajorityVote, 4, TWO), seconds=600, schedules=200, properties=[Termination()])
    assert found.property == "Termination" and found.run.violations["Termination"]


def test_the_same_seed_finds_the_same_run_on_one_worker_and_on_many():
    options = {"seconds": 600, "schedules": 400, "properties": [Agreement()]}
    alone = hunt(TIE, **options)
    with ThreadPoolExecutor(3) as threads, ProcessPoolExecutor(2) as processes:
        for executor in (threads, processes):
            assert hunt(TIE, executor=executor, **options) == alone
    assert hunt(TIE, seed=1, **options).run != alone.run


def test_every_schedule_that_is_drawn_can_happen():
    system = System(Synod, 3, TWO, **SYNOD)
    for number in range(20):
        _, _, events = look(system, (), 5, range(number, number + 1))
        assert events > 0
    found, _, _ = look(System(AcceptAlways, 3, TWO, **SYNOD), (Agreement(),), 0, range(4_000))
    run = Run(System(AcceptAlways, 3, TWO, **SYNOD), found[1])
    assert run.violations["Agreement"].step == len(run), "it ends with the event that breaks the property"


def test_shrinking_drops_what_has_nothing_to_do_with_it():
    found, _, _ = look(TIE, (Agreement(),), 0, range(200))
    short = shrunk(TIE, found[1], Agreement())
    assert len(short) < len(found[1]) and Run(TIE, short).violations["Agreement"].step == len(short)


def test_time_is_kept():
    assert hunt(System(Synod, 3, TWO, **SYNOD), seconds=0).schedules == 0


@pytest.mark.parametrize(
    "options, what",
    [
        ({"seconds": "long"}, "pass a number of seconds"),
        ({"seconds": -1}, "pass a number of seconds"),
        ({"schedules": 0}, "pass a whole number above 0"),
        ({"properties": [Agreement]}, "no Property that one schedule can break"),
        ({"properties": [Sometimes("pigs fly", lambda c: False)]}, "no Property that one schedule can break"),
    ],
)
def test_bad_input(options, what):
    with pytest.raises(ProtocolError, match=what):
        hunt(TIE, **options)
    with pytest.raises(ProtocolError, match="pass a System"):
        hunt(TieBreakVote)
