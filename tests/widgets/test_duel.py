"""The duel: what Python answers, and what a page has recorded."""

import json

import pytest

from consensus_lab import Run, System
from consensus_lab.answers.answer import answer
from consensus_lab.answers.duel import duel_scene
from consensus_lab.experiments.proposer_duel import duel, standings
from consensus_lab.protocols import BackoffSynod, Coordinator, Synod
from consensus_lab.scene.moves import asked
from consensus_lab.scene.packed import unpack
from consensus_lab.widgets import Duel

PROPOSE = {"kind": "propose", "node": 0, "value": "red"}


def start(protocol):
    return duel_scene(Run(System(protocol, 3, {0: "red", 1: "blue"}, timeouts=None)), protocol is not Synod)


def go(scene, event, clock, seed=1, at=None):
    at = len(scene["steps"]) if at is None else at
    return answer({"do": "duel", "run": scene["run"], "at": at, "event": event, "clock": clock, "seed": seed})


@pytest.fixture(scope="module")
def payload():
    return Duel().payload


def test_it_is_small(payload):
    assert len(json.dumps(payload)) < 40_000


def test_every_mode_brings_a_run_that_shows_how_it_ends(payload):
    found = {}
    for mode, how in zip(payload["modes"], unpack(payload["packed"]), strict=True):
        run = Run.from_object(how["run"])
        assert how["duel"]["standings"][-1][:3] == list(standings(run)[-1][:3])
        found[mode["name"]] = how["duel"]["chosen"] is not None
    assert list(found.values()) == [False, False, True, True]


def test_the_reader_does_an_event_and_the_clock_the_rest():
    scene = go(start(BackoffSynod), PROPOSE, clock=True)["scene"]
    assert [step["t"] for step in scene["steps"]] == [0.1] and scene["steps"][0]["by"] == "reader"
    while scene["steps"][-1]["kind"] != "timeout":
        scene = go(scene, None, clock=True)["scene"]
    assert all("by" not in step for step in scene["steps"][1:]) and "timeout" not in scene["next"]


def test_by_hand_timers_are_the_readers_own():
    scene = go(start(Synod), PROPOSE, clock=False)["scene"]
    assert scene["next"]["timeout"] and scene["steps"][0]["t"] == 0.5
    scene = go(scene, {"kind": "timeout", "node": 0, "name": "retry"}, clock=False)["scene"]
    assert scene["duel"]["standings"][-1][:3] == [2, 0, 0]


def test_the_moves_that_end_the_duel_are_known_and_do_end_it():
    scene = duel_scene(duel(3), False)
    assert scene["duel"]["chosen"] is None and len(scene["duel"]["ends"]) == 2
    for event in scene["duel"]["ends"]:
        over = go(scene, event, clock=False)["scene"]["duel"]
        assert over["chosen"]["step"] == len(duel(3)) + 1 and over["ends"] == []
        assert over["chosen"]["say"].startswith("Red was chosen at step 20: with ")
        assert "a majority has accepted it in ballot 3A. " in over["chosen"]["say"]
        assert "Nobody knows it yet" in over["chosen"]["say"]


def test_no_other_move_ends_it():
    run = duel(3)
    ending = duel_scene(run, False)["duel"]["ends"]
    for event in run.system.events(run.last):
        assert (standings(run.then(event))[-1].chosen is not None) == (asked(run, event) in ending)


def test_how_long_the_oldest_message_has_waited_is_told():
    scene = go(start(Synod), PROPOSE, clock=False)["scene"]
    scene = go(scene, {"kind": "propose", "node": 1, "value": "blue"}, clock=False)["scene"]
    assert [row[3] for row in scene["duel"]["standings"]] == [0, 0, 1]


def test_an_earlier_step_can_be_gone_on_from():
    scene = duel_scene(duel(2), False)
    again = go(scene, {"kind": "propose", "node": 1, "value": "blue"}, clock=False, at=1)["scene"]
    assert len(again["steps"]) == 2 and again["steps"][0]["text"] == scene["steps"][0]["text"]


@pytest.mark.parametrize("change, error", [
    ({"seed": "x"}, "seed is 'x'"), ({"at": 99}, "rewind(99)"), ({"event": {"kind": "bribe"}}, "no such event: 'bri"),
    ({"event": {"kind": "timeout", "node": 0, "name": "retry"}}, "retry"), ({"run": []}, "run"),
])  # fmt: skip
def test_what_makes_no_sense_is_refused_in_one_line(change, error):
    message = {"do": "duel", "run": start(BackoffSynod)["run"], "at": 0, "event": PROPOSE, "clock": True, "seed": 1}
    reply = answer(message | change)
    assert error in reply["error"] and "\n" not in reply["error"]


def test_a_duel_is_of_the_synod():
    run = duel_scene(duel(1), False)["run"] | {}
    run["system"] = run["system"] | {"protocol": "Coordinator"}
    run["events"] = []
    assert "a duel is between proposers of the synod" in go({"run": run, "steps": []}, None, False)["error"]
    assert Coordinator.__name__ in go({"run": run, "steps": []}, None, False)["error"]


def test_the_still_form():
    data, _ = Duel()._repr_mimebundle_()
    assert data["text/plain"].startswith("Duel('Whenever you say', ")
    assert 'data-needs="network packed stage"' in data["text/html"] and "A times out (retry)" in data["text/html"]
