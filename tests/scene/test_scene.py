import json

import pytest
from hypothesis import given, settings

from consensus_lab import Crash, Drop, Propose, Restart, Run, System, simulate
from consensus_lab.model.events import bare
from consensus_lab.model.properties import CONSENSUS, Property
from consensus_lab.protocols import CheckThenAct, Coordinator, LockThenAct, MajorityVote, Memory, TieBreakVote
from consensus_lab.scene.moves import asked
from consensus_lab.scene.scene import scene
from tests.widgets.schedules import THREADS, Coin, runs, systems

KINDS = {"deliver", "propose", "drop", "duplicate", "timeout", "crash", "restart"}
TWO = {0: "red", 4: "blue"}


def check_scene(data):
    """Everything that the stage relies on."""
    assert json.loads(json.dumps(data)) == data
    n, steps, texts = len(data["names"]), data["steps"], dict(data["values"])
    assert len(data["nodes"]) == n and all(slot in range(5) for slot in texts.values())
    named = [slot for slot in texts.values() if slot < 4]
    assert len(named) == len(set(named))
    views = list(data["nodes"])
    for step in steps:
        assert step["kind"] in KINDS and step["node"] in range(n) and step["say"].strip() and step["text"]
        assert step["say"][-1] in ".”" and ".." not in step["say"] and "None" not in step["say"]
        for i, view in step.get("set", {}).items():
            assert view != views[int(i)]
            before = dict(data["nodes"][int(i)]["fields"])
            views[int(i)] = view
            assert all(name in before for name in dict(view["fields"]) if name != "decided")
        for view in views:
            check_view(view, n, texts)
    for k, step in enumerate(steps, 1):
        if step["kind"] in ("deliver", "drop"):
            sender, receiver, *_, end, fate = data["messages"][step["msg"]][:7]
            assert (receiver, end, fate) == (step["node"], k, step["kind"]) and sender != receiver
        elif step["kind"] == "duplicate":
            assert data["messages"][step["msg"]][4] == k
    for sender, receiver, label, value, sent, end, fate, *fields in data["messages"]:
        assert {sender, receiver} <= set(range(n)) and label.isidentifier() and (value is None or value in texts)
        assert 0 <= sent <= len(steps) and (end is None) == (fate is None) and (end is None or sent < end <= len(steps))
        assert all(isinstance(name, str) and isinstance(text, str) for name, text in (fields or [[]])[0])
    for verdict in data["properties"]:
        assert verdict["sign"] in ("ne", "cross", "none", "bang") and len(verdict["between"]) in (0, 2)
        assert verdict["broken"] is None or verdict["broken"] in range(len(steps) + 1) and verdict["why"]
    assert data["can"] is None or data["can"][0][0] == 0
    assert set(data["budgets"]) <= {"crash", "restart", "timeout"} and 0 not in data["budgets"].values()


def check_view(view, n, texts):
    assert view["state"] in ("undecided", "voted", "decided", "crashed") and view["words"]
    assert view["value"] is None or view["value"] in texts
    assert (view["state"] != "voted") or view["value"]
    if "tally" in view:
        assert len(view["tally"]) == n and all(vote is None or vote in texts for vote in view["tally"])
    assert all(isinstance(name, str) and isinstance(text, str) and text for name, text in view["fields"])
    for name, armed, due in view.get("timers", []):
        assert name and armed >= 0 and (due is None or due > armed)


@settings(max_examples=40, deadline=None)
@given(runs())
def test_any_schedule_of_any_protocol(run):
    data = scene(run)
    check_scene(data)
    assert Run.from_json(json.dumps(data["run"]), Coin) == run


@pytest.mark.parametrize("system", list(systems()), ids=str)
def test_simulations(system):
    for seed in range(2):
        lossy = {"loss": 0.1, "duplication": 0.1} if system.network.faulty else {}
        run = simulate(system, seed=seed, faults=[(1.0, Crash(0)), (2.0, Restart(0))], **lossy)
        check_scene(scene(run))


def says(run):
    return [step["say"] for step in scene(run)["steps"]]


def test_a_vote_and_a_majority():
    run = simulate(System(MajorityVote, 5, TWO), seed=3, faults=[(1.2, Crash(2))])
    told = says(run)
    assert told[0] == "A proposes red, votes for it, and tells everyone."
    assert "D hears from A: “I voted red”. It now counts 1 of 5 for red." in told
    assert "B hears from E: “vote for blue!” It votes blue and tells everyone." in told
    assert "B hears from A: “vote for red!” But it has already voted blue." in told
    assert "C crashes and takes no further step. What it sent to A, B, D, and E is still on its way." in told
    heard = "A hears from D: “I voted red”. It now counts 3 of 5 for red, a majority, and decides red."
    assert heard in told
    late = (
        "D hears from C, which has crashed: “I voted red”. It now counts 3 of 5 for red, a majority, and decides red."
    )
    assert told[-1] == late + " Now every node that is up has decided."


def test_a_split_vote():
    told = says(simulate(System(MajorityVote, 2, {0: "red", 1: "blue"}), seed=1))
    assert told[-1].endswith("No value has a majority, nothing is left to happen, and nobody has decided.")


def test_ones_own_vote_can_make_the_majority():
    told = says(simulate(System(MajorityVote, 3, {0: "red"}), seed=1))
    assert (
        "C hears from A: “vote for red!” It votes red, now counts 2 of 3 for it, decides it, and tells everyone."
        in told
    )
    alone = says(simulate(System(MajorityVote, 1, {0: "red"}), seed=1))
    assert alone == [
        "A proposes red, votes for it, now counts 1 of 1 for it, and decides it. Now every node has decided."
    ]


def late_vote():
    system = System(TieBreakVote, 5, TWO, network="lossy", crashes=1, timeouts=None)
    runs = (simulate(system, seed=seed, faults=[(1.6, Crash(2))], loss=0.06) for seed in range(100))
    return next(run for run in runs if "Agreement" in run.violations)


def test_a_tie_break_and_a_late_vote():
    run = late_vote()
    told, data = says(run), scene(run)
    broken = data["properties"][0]
    assert broken["sign"] == "ne" and "But A and D decided red." in told[broken["broken"] - 1]
    assert any("for red and 2 for blue, and starts to wait for" in say for say in told)
    assert any(
        "gives up waiting for" in say and "It has heard 2 for red and 2 for blue, and decides blue." in say
        for say in told
    )
    assert any(say.startswith("The network loses ") for say in told)
    timers = [
        timer for step in data["steps"] for view in step.get("set", {}).values() for timer in view.get("timers", [])
    ]
    assert timers and all(due == pytest.approx(armed + 2, abs=0.002) for _, armed, due in timers)


def test_timers_without_a_clock_may_fire_at_any_moment():
    system = System(TieBreakVote, 3, {0: "red", 2: "blue"}, timeouts=None)
    run = simulate(system, seed=1)
    armed = next(k for k in range(len(run)) if run.configurations[k].timers(0))
    early = run.rewind(armed).then(
        *[e for e in system.events(run.configurations[armed]) if type(e).__name__ == "Timeout"][:1]
    )
    before = [view for step in scene(early)["steps"] for view in step.get("set", {}).values() if view.get("timers")]
    assert before[-1]["timers"][0][2] is None


def test_a_restart_tells_what_is_forgotten_and_what_is_kept():
    run = simulate(System(MajorityVote, 3, {0: "red"}), seed=1, faults=[(5.0, Crash(2)), (6.0, Restart(2))])
    assert says(run)[-1] == "C restarts. It has kept its decision and has forgotten its vote and its ballots."
    view = scene(run)["steps"][-2]["set"]["2"]
    assert (view["state"], view["value"], view["words"]) == ("crashed", "red", "crashed") and view["tally"][0] == "red"


def test_the_network_copies_and_loses():
    system = System(MajorityVote, 2, {0: "red", 1: "blue"}, network="lossy")
    run = Run(system).then(Propose(0, "red"))
    told = says(run.then(Drop(run.last.in_flight[0])))
    assert told[-1] == "The network loses A’s message to B: “vote for red!”"


def test_the_coordinator():
    told = says(simulate(System(Coordinator, 3, {0: "red", 1: "blue"}), seed=1))
    assert told[0] == "A proposes red and asks C: “please initialize to red”."
    assert told[2] == "C hears from A: “please initialize to red”. It takes red, decides it, and tells everyone."
    assert told[3] == "C hears from B: “please initialize to blue”. But it has already decided red."


def test_threads_and_a_memory():
    told = says(simulate(System([Memory, CheckThenAct, CheckThenAct], **THREADS), seed=1))
    assert told[0] == "Thread 1 proposes Ada and asks memory: “what is it?”"
    assert told[4] == "Thread 1 hears from memory: “it is none”. It answers: “set it to Ada”."
    assert (
        told[7] == "Memory hears from thread 2: “set it to Grace”. It takes Grace instead of Ada and answers: “done”."
    )
    assert told[-1].endswith("Now thread 1 and thread 2 have decided.")
    data = scene(simulate(System([Memory, LockThenAct, LockThenAct], **THREADS), seed=1))
    assert data["nodes"][0]["fields"] == [["value", "none"], ["holder", "none"], ["waiting", "none"]]
    assert data["steps"][2]["set"]["0"]["fields"] == [["holder", "thread 1"]], "what has changed, and no more"
    assert data["values"] == [["Ada", 0], ["Grace", 1]] and data["nodes"][0]["words"] == "empty"


def test_palette():
    named = System(MajorityVote, 6, {0: "teal", 1: "blue", 2: "red", 3: "x", 4: "y", 5: "teal"})
    assert dict(scene(Run(named))["values"]) == {"teal": 2, "blue": 1, "red": 0, "x": 3, "y": 4}


def test_numbers_and_truth_values_are_values_too():
    data = scene(simulate(System(MajorityVote, 2, {0: 0, 1: True}), seed=1))
    assert [text for text, _ in data["values"]] == ["0", "True"]
    assert data["steps"][0]["set"]["0"]["value"] == "0"


def test_a_property_of_ones_own():
    class Hurry(Property):
        def broken(self, configuration):
            return ((0,), "A has voted") if configuration.state(0)["vote"] else None

    data = scene(simulate(System(MajorityVote, 2, {0: "red"}), seed=1), properties=[*CONSENSUS, Hurry()])
    assert data["properties"][-1] | {"sign": "bang", "broken": 1} == data["properties"][-1]
    assert data["steps"][0]["say"].endswith("Hurry is broken: A has voted.")


def test_what_can_still_be_decided_is_said_where_it_changes():
    data = scene(simulate(System(MajorityVote, 2, {0: "red", 1: "blue"}), seed=1))
    assert data["can"] == [[0, ["red", "blue"]], [1, ["red"]], [2, []]]


def test_budgets():
    assert scene(Run(System(MajorityVote, 2)))["budgets"] == {}
    most = System(MajorityVote, 2, network="lossy", crashes=1, restarts=None, timeouts=2)
    assert scene(Run(most))["budgets"] == {"crash": 1, "restart": None, "timeout": 2}


def test_size():
    """A widget of three runs of thirty events stays under 40 KB."""
    sizes = [len(json.dumps(scene(run), ensure_ascii=False, separators=(",", ":")).encode()) for run in
             [late_vote(), *(simulate(System(MajorityVote, 5, TWO), seed=seed) for seed in (1, 2))]]  # fmt: skip
    assert sum(sizes) < 40 * 1024


def test_an_event_is_known_by_its_name_and_value():
    """A row of moves, and a request of a reader, find the step that did the same without reading its sentence."""
    run = late_vote()
    steps = scene(run)["steps"]
    for k, (event, step) in enumerate(zip(run.events, steps)):
        known = {name: step[name] for name in ("kind", "node", "msg", "value", "name") if name in step}
        assert known == {"node": event.node} | asked(run.rewind(k), bare(event))
    assert {"propose", "timeout", "deliver", "drop", "crash"} <= {step["kind"] for step in steps}
