"""A run from elsewhere is data: whatever it says, it becomes a scene or one clear line, and soon."""

import copy
import json
import string
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consensus_lab import Crash, System, simulate
from consensus_lab.answers.answer import answer
from consensus_lab.model.run_json import as_object
from consensus_lab.protocols import MajorityVote
from consensus_lab.scene.scene import scene
from tests.model.test_run_json import damage
from tests.widgets.schedules import Coin, runs

RUN = simulate(System(MajorityVote, 3, {0: "red", 2: "blue"}, crashes=1), seed=1, faults=[(1.0, Crash(1))])
DATA = json.loads(json.dumps(as_object(RUN) | {"by_reader": [4]}))


def opened(run, protocol=None):
    reply = answer({"do": "open", "run": run}, protocol)
    assert set(reply) in ({"scene"}, {"error"})
    if "error" in reply:
        assert len(reply["error"]) < 1000 and "\n" not in reply["error"]
    return reply


def within(changes, part="system"):
    return DATA | {part: DATA[part] | changes}


@settings(max_examples=12, deadline=None)
@given(runs(longest=10))
def test_what_is_opened_is_the_very_run(run):
    assert opened(json.loads(run.to_json()), Coin)["scene"] == scene(run)


def test_what_the_sender_did_stays_marked():
    steps = opened(DATA)["scene"]["steps"]
    assert [k for k, step in enumerate(steps, 1) if step.get("by") == "reader"] == [4]


@pytest.mark.parametrize(
    ("run", "what"),
    [
        (None, "not an object"),
        ([], "not an object"),
        ("<script>alert(1)</script>", "not an object"),
        ({"__proto__": {"format": "consensus-lab run"}}, "its format is None"),
        (DATA | {"version": "1"}, "its version is '1'"),
        (within({"protocol": "os.system"}), "its protocol is 'os.system'"),
        (within({"protocol": "<img src=x onerror=alert(1)>"}), "its protocol is '<img"),
        (within({"protocol": {"__class__": "Popen"}}), "its protocol is {"),
        (within({"n": 31}), "31 nodes; the limit on a page is 30"),
        (within({"n": 10**15}), "the limit on a page is 30"),
        (within({"n": 10**400}), "a number beyond 2**53"),
        (within({"crashes": 2**60}), "a number beyond 2**53"),
        (within({"n": -1}), "-1 nodes"),
        (within({"names": ["A", "B", "C" * 201]}), "a text of 201 characters"),
        (within({"proposals": [[0, "x" * 100_000]]}), "a text of 100,000 characters"),
        (DATA | {"events": [["crash", 0.0, 1]] * 2001}, "2,001 events; the limit on a page is 2,000"),
        (within({"n": 30}) | {"events": [["crash", 0.0, 1]] * 700}, "700 events of 30 nodes are too much"),
        (DATA | {"events": [[0]] * 60_000}, "over 100,000 values"),
        (DATA | {"more": json.loads("[" * 900 + "]" * 900)}, "40 in each other"),
        (DATA | {"seed": float("inf"), "events": [["crash", float("nan"), 1]]}, "the seed is inf"),
        (DATA | {"events": [["deliver", 0.0, 0, 1, ["VoteFor", "violet"]]]}, "is in flight"),
    ],
)
def test_what_is_hostile_is_one_clear_line(run, what):
    assert what in opened(run)["error"]


ODD = st.sampled_from(
    [None, True, -1, 0, 31, 2**53, 2**70, 1e308, float("nan"), "", "red", "x" * 300, "__class__", [], {}, [[]] * 50,
     ["crash", 1, 0], ["propose", 9, 0, "red"], {"set": [[]]}, {"message": ["VoteFor", "red"]}]
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_whatever_is_changed_in_a_run_there_is_an_answer(data):
    tree = copy.deepcopy(DATA)
    damage(tree, data.draw, ODD)
    opened(tree)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(string.printable, max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8) | st.sampled_from([*DATA]), inner),
    max_leaves=20,
)


@settings(max_examples=100, deadline=None)
@given(JSON)
def test_whatever_it_is_there_is_an_answer(anything):
    opened(anything)


@pytest.mark.parametrize(("n", "events"), [(10, 2000), (30, 666)])
def test_the_largest_run_that_is_let_in_takes_bounded_time(n, events):
    flood = [["propose", 0.0, k % n, "red"] for k in range(events)]
    system = as_object(simulate(System(MajorityVote, n, {0: "red"}), max_events=0))["system"]
    began = time.process_time()
    assert "too many messages in flight" in opened(DATA | {"system": system, "events": flood})["error"]
    assert time.process_time() - began < 30, "a few seconds, on a machine with nothing else to do"
