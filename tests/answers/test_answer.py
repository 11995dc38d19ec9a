import json
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consensus_lab import Crash, Run, System, simulate
from consensus_lab.answers.answer import _systems, answer
from consensus_lab.protocols import MajorityVote, TieBreakVote
from consensus_lab.scene.scene import scene
from tests.scene.test_scene import check_scene
from tests.widgets.schedules import Coin, runs

SYSTEM = System(TieBreakVote, 4, {0: "red", 3: "blue"}, network="lossy", crashes=1, restarts=1, timeouts=None)
RUN = simulate(SYSTEM, seed=1)
SCENE = scene(RUN)
DATA = json.loads(json.dumps(SCENE["run"]))


def extend(at, event, run=DATA):
    reply = answer({"do": "extend", "run": run, "at": at, "event": event}, Coin)
    if "scene" in reply:
        check_scene(reply["scene"])
    return reply


def test_extend_shares_the_steps_before_and_marks_its_own():
    reply = extend(5, {"kind": "crash", "node": 1})["scene"]
    assert reply["steps"][:5] == [step | {} for step in SCENE["steps"][:5]]
    assert reply["steps"][5]["kind"] == "crash" and reply["steps"][5]["by"] == "reader" and len(reply["steps"]) == 6
    again = extend(6, {"kind": "restart", "node": 1}, reply["run"])["scene"]
    assert [step.get("by") for step in again["steps"]] == [None] * 5 + ["reader"] * 2
    went_on = answer({"do": "continue", "run": again["run"], "at": 7, "seed": 3})["scene"]
    assert went_on["steps"][:7] == again["steps"] and len(went_on["steps"]) > 7
    assert went_on["steps"][7].get("by") is None and went_on["seed"] == 3


@pytest.mark.parametrize("kind", ["deliver", "drop", "duplicate"])
def test_every_message_in_flight_can_be_handled(kind):
    for number, flight in enumerate(RUN.flights):
        if flight.sent <= 6 and (flight.end is None or flight.end > 6):
            step = extend(6, {"kind": kind, "msg": number})["scene"]["steps"][6]
            assert (step["kind"], step["node"]) == (kind, flight.envelope.receiver)


def test_on_a_lossy_network_a_message_arrives_twice():
    number = next(i for i, flight in enumerate(RUN.flights) if flight.fate == "deliver" and flight.end <= 6)
    assert extend(6, {"kind": "deliver", "msg": number})["scene"]["steps"][6]["kind"] == "deliver"


def test_timers_proposals_and_seeds():
    armed = next(k for k in range(len(RUN)) if RUN.configurations[k].timers(0))
    assert extend(armed, {"kind": "timeout", "node": 0, "name": "tie"})["scene"]["steps"][-1]["kind"] == "timeout"
    proposed = extend(2, {"kind": "propose", "node": 1, "value": "amber"})["scene"]
    assert ["amber", 2] in proposed["values"]
    assert answer({"do": "seed", "run": DATA, "seed": 1})["scene"]["run"] == SCENE["run"]


def test_a_coin_is_tossed_for_the_reader():
    run = Run(System(Coin, 2, {0: "red"}, timeouts=None))
    reply = extend(0, {"kind": "propose", "node": 0, "value": "red"}, scene(run)["run"])
    assert "It draws" in reply["scene"]["steps"][0]["say"] or "draws" in reply["scene"]["steps"][0]["say"]


@pytest.mark.parametrize(
    ("request_", "what"),
    [
        (None, "a request is an object"),
        ({}, "no such request: None"),
        ({"do": "erase"}, "no such request: 'erase'"),
        ({"do": "seed", "seed": 1}, "this is no run"),
        ({"do": "seed", "run": DATA, "seed": "x"}, "seed is 'x'"),
        ({"do": "continue", "run": DATA, "at": 99, "seed": 1}, "rewind"),
        ({"do": "extend", "run": DATA, "at": None}, "at is None"),
        ({"do": "extend", "run": DATA, "at": 1, "event": 3}, "no such event: None"),
        ({"do": "extend", "run": DATA, "at": 1, "event": {"kind": "explode"}}, "no such event: 'explode'"),
        ({"do": "extend", "run": DATA, "at": 1, "event": {"kind": "deliver", "msg": 999}}, "no message 999"),
        ({"do": "extend", "run": DATA, "at": 0, "event": {"kind": "deliver", "msg": 0}}, "no message 0 at step 0"),
        ({"do": "extend", "run": DATA, "at": 1, "event": {"kind": "crash", "node": 77}}, "no node 77"),
        ({"do": "extend", "run": DATA, "at": 1, "event": {"kind": "restart", "node": 1}}, "is up"),
        ({"do": "extend", "run": DATA, "at": 1, "event": {"kind": "timeout", "node": 1, "name": []}}, "no such timer"),
        (
            {"do": "extend", "run": DATA, "at": 1, "event": {"kind": "propose", "node": 1, "value": []}},
            "cannot be hashed",
        ),
        ({"do": "extend", "run": DATA | {"by_reader": 3}, "at": 1, "event": {"kind": "crash", "node": 9}}, "no node 9"),
    ],
)
def test_what_is_wrong_is_one_clear_line(request_, what):
    reply = answer(request_)
    assert set(reply) == {"error"} and what in reply["error"] and "\n" not in reply["error"]


def test_budgets_bind_the_reader():
    once = extend(5, {"kind": "crash", "node": 1})["scene"]["run"]
    assert "budget is used up" in extend(6, {"kind": "crash", "node": 2}, once)["error"]
    reliable = scene(simulate(System(MajorityVote, 3, {0: "red"}), seed=1))["run"]
    assert "reliable network" in extend(1, {"kind": "drop", "msg": 0}, reliable)["error"]
    assert "budget" in extend(1, {"kind": "crash", "node": 0}, reliable)["error"]


ANYTHING = st.one_of(st.none(), st.integers(-1, 30), st.text(max_size=3), st.just([]), st.just({}), st.booleans())


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(st.sampled_from(["kind", "node", "msg", "name", "value"]), ANYTHING), st.data())
def test_any_request_is_answered(event, data):
    if data.draw(st.booleans()):
        event["kind"] = data.draw(
            st.sampled_from(["deliver", "drop", "duplicate", "crash", "restart", "timeout", "propose"])
        )
    assert set(extend(data.draw(ANYTHING), event)) <= {"scene", "error"}


@settings(max_examples=30, deadline=None)
@given(runs(longest=12), st.data())
def test_a_run_can_be_carried_on_from_any_step(run, data):
    request = {"do": "continue", "run": scene(run, valencies=False)["run"], "seed": 1}
    reply = answer(request | {"at": data.draw(st.integers(0, len(run)))}, Coin)
    check_scene(reply["scene"])


def test_the_class_of_the_caller_comes_first():
    class MajorityVote(Coin):
        pass

    run = simulate(System(MajorityVote, 2, {0: "red"}), seed=1, faults=[(9.0, Crash(0))])
    steps = answer({"do": "seed", "run": scene(run)["run"], "seed": 1}, MajorityVote)["scene"]["steps"]
    assert "rounds" in json.dumps(steps)


def requests_about(run):
    """A request of each kind, in the middle of the run and at its end."""
    data, middle = scene(run, valencies=False)["run"], len(run) // 2
    for at in (middle, len(run)):
        waiting = (i for i, flight in enumerate(run.flights) if flight.sent <= at < (flight.end or len(run) + 1))
        yield {"do": "extend", "run": data, "at": at, "event": {"kind": "deliver", "msg": next(waiting, 0)}}
        yield {"do": "extend", "run": data, "at": at, "event": {"kind": "crash", "node": 0}}
        yield {"do": "continue", "run": data, "at": at, "seed": at}
    yield {"do": "extend", "run": data, "at": middle, "event": {"kind": "propose", "node": 0, "value": 1}}
    yield {"do": "extend", "run": data, "at": middle, "event": {"kind": "propose", "node": 0, "value": True}}
    yield {"do": "seed", "run": data, "seed": 1}


@settings(max_examples=25, deadline=None)
@given(runs(), st.randoms(use_true_random=False))
def test_an_answer_does_not_depend_on_what_was_asked_before(run, rng):
    asked, cold = list(requests_about(run)), []
    for request in asked:
        _systems.clear()
        cold.append(answer(request, Coin))
    for number in rng.sample(range(len(asked)), len(asked)):
        assert json.dumps(answer(asked[number], Coin)) == json.dumps(cold[number])


def test_systems_are_kept_for_the_next_request_but_few_and_none_of_another_class():
    _systems.clear()
    for n in range(2, 12):
        answer({"do": "seed", "run": scene(Run(System(MajorityVote, n, {0: "red"})))["run"], "seed": 1})
    assert [system.n for system in _systems.values()] == [8, 9, 10, 11]

    def defined_anew():
        class Anew(MajorityVote):
            pass

        return Anew

    for cls in (defined_anew(), defined_anew()):
        answer({"do": "seed", "run": scene(Run(System(cls, 2)))["run"], "seed": 1}, cls)
        assert list(_systems.values())[-1].classes[0] is cls


def test_an_answer_about_200_events_takes_a_few_times_as_long_as_the_replay_of_its_run():
    system = System(MajorityVote, 11, {i: "red" if i % 2 else "blue" for i in range(11)}, network="lossy")
    run = simulate(system, seed=1, loss=0.1).rewind(200)
    data = json.loads(json.dumps(scene(run, valencies=False)["run"]))
    at = next(i for i, flight in enumerate(run.flights) if flight.end is None)
    request = {"do": "extend", "run": data, "at": 200, "event": {"kind": "deliver", "msg": at}}

    def least(work):
        def once():
            before = process_time()
            assert work()
            return process_time() - before

        return min(once() for _ in range(7))

    replay = least(lambda: Run.from_json(json.dumps(data)))
    assert least(lambda: "scene" in answer(request)) < 8 * replay
