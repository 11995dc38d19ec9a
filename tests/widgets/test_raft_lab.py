"""The playground for Raft: what it starts with, and what it asks Python."""

import pytest

from consensus_lab import Run
from consensus_lab.answers.answer import answer
from consensus_lab.answers.raft_lab import RULES, SPAN, alike, begin, recorded
from consensus_lab.model.run_json import as_object
from consensus_lab.protocols import Raft
from consensus_lab.scene.packed import unpack
from consensus_lab.scene.scene import scene
from consensus_lab.widgets import RaftLab


@pytest.fixture(scope="module")
def lab():
    return RaftLab()


@pytest.fixture(scope="module")
def entries(lab):
    return {entry["title"]: entry for entry in unpack(lab.payload["packed"])["entries"]}


def test_it_brings_raft_and_a_run_for_each_broken_rule(entries):
    assert list(entries) == list(RULES) and len(entries) == 12
    for title, entry in entries.items():
        ((run,),) = entry["seeds"]
        broken = [prop["name"] for prop in run["properties"] if prop["broken"] is not None]
        assert bool(broken) == (title != "Raft") and entry["about"]


def test_what_it_brings_is_small(lab):
    assert len(lab.payload["packed"]) < 60_000


def test_a_reader_may_stop_and_restart_servers_and_fire_timers_without_limit(entries):
    for entry in entries.values():
        assert entry["seeds"][0][0]["budgets"] == {"crash": None, "restart": None, "timeout": None}


@pytest.mark.parametrize("title", RULES)
def test_it_starts_anew_with_the_same_rule_broken(title):
    run = as_object(recorded()[title][0])
    reply = answer({"do": "raft", "run": run, "seed": 3, "servers": 5, "spread": True})
    assert reply["scene"]["protocol"] == RULES[title][0].__name__ and len(reply["scene"]["names"]) == 5
    assert reply["scene"]["steps"][-1]["t"] <= SPAN


def test_with_all_timers_alike_nobody_is_elected_and_with_random_ones_somebody_is():
    together, apart = (begin(Raft, 5, spread=spread) for spread in (False, True))
    assert not together.decisions and together.last.state(0)["term"] > 2
    assert len(apart.decisions) == 5


def test_timers_can_be_drawn_at_random_again():
    run = as_object(begin(Raft, 3, spread=False))
    reply = answer({"do": "raft", "run": run, "seed": 1, "servers": 3, "spread": True})
    assert reply["scene"]["protocol"] == "Raft"


def test_servers_that_are_cut_off_hear_nothing_while_it_runs():
    run = begin(Raft)
    leader = next(i for i in range(3) if run.last.state(i)["role"] == "leader")
    ends = {}
    for apart in ([], [leader]):
        reply = answer({"do": "continue", "run": as_object(run), "at": len(run), "seed": 2, "apart": apart})
        ends[len(apart)] = [step for step in reply["scene"]["steps"][len(run) :] if step["kind"] == "drop"]
    assert not ends[0] and ends[1]


def test_a_run_of_raft_that_goes_on_comes_to_an_end():
    start = as_object(Run(begin(Raft).system))
    for message in ({"do": "continue", "at": 0, "seed": 1}, {"do": "seed", "seed": 1}):
        reply = answer({"run": start, **message})
        assert 20 < len(reply["scene"]["steps"]) < 200


@pytest.mark.parametrize(
    "message, error",
    [
        ({"do": "raft", "seed": 1, "servers": 4, "spread": True}, "3 or 5"),
        ({"do": "raft", "seed": "x", "servers": 3, "spread": True}, "whole number"),
        ({"do": "continue", "at": 0, "seed": 1, "apart": [7]}, "no node 7"),
        ({"do": "continue", "at": 0, "seed": 1, "apart": "A"}, "give a list"),
    ],
)
def test_what_makes_no_sense_is_refused(message, error):
    assert error in answer({"run": as_object(Run(begin(Raft).system)), **message})["error"]


def test_it_is_for_raft_alone():
    from consensus_lab import System
    from consensus_lab.protocols import Synod

    run = as_object(Run(System(Synod, 3)))
    assert "for Raft" in answer({"do": "raft", "run": run, "seed": 1, "servers": 3, "spread": True})["error"]


def test_a_run_with_all_timers_alike_can_be_saved_and_opened():
    run = begin(Raft, 3, spread=False)
    assert Run.from_json(run.to_json()) == run and run.system.classes[0] is alike(Raft)


def test_messages_say_what_they_mean():
    said = " ".join(step["say"] for step in scene(begin(Raft))["steps"])
    for words in ("you have my vote in term 1", "append this entry after entry 0", "my log is yours up to entry 1"):
        assert words in said


def test_its_form_in_words(lab):
    assert repr(lab) == "RaftLab(Raft, and 11 ways to break it)"
    assert "A times out (election)" in lab.transcript and "<svg" in lab.picture.svg
