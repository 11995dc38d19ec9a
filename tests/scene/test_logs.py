"""Logs in a scene: what is in them at each step, what is committed, what is lost, and what clients wait for."""

import json

import pytest

from consensus_lab import Crash, Deliver, Propose, Restart, Run, System, simulate
from consensus_lab.model.node import Message, Node
from consensus_lab.protocols import MajorityVote
from consensus_lab.scene.look import Look
from consensus_lab.scene.rooms.logs.reading import Logs, has_log
from consensus_lab.scene.scene import scene
from tests.scene.test_scene import check_scene
from tests.widgets.copying import Asking, Copied, Copy, Copying, Set

LOSSY = {"network": "lossy", "crashes": None, "restarts": None}


def deliver(run, kind, sender, receiver):
    waiting = [e for e in run.last.in_flight if (type(e.message), e.sender, e.receiver) == (kind, sender, receiver)]
    return run.then(Deliver(waiting[-1]))


def proposed(*commands, protocol=Copying):
    """Node A has these commands in its log, and nobody else has."""
    run = Run(System(protocol, 3, {0: "red"}, **LOSSY))
    for command in commands:
        run = run.then(Propose(0, command))
    return run


def shown(data, k, i):
    """The words of the log of a server after k steps, by index, as the page puts them together."""
    views = [data["nodes"][i], *(step["set"][str(i)] for step in data["steps"][:k] if str(i) in step.get("set", {}))]
    logs = []
    for base, keep, first, rest, *_ in data["logs"]["versions"]:
        logs.append((first, ([] if base is None else logs[base][1][:keep]) + rest))
    first, numbers = logs[views[-1]["log"]]
    return {at: data["logs"]["entries"][number][1] for at, number in enumerate(numbers, first) if number is not None}


def check_logs(data):
    part, steps, n = data["logs"], len(data["steps"]), len(data["names"])
    entries, rows, values = range(len(part["entries"])), range(len(data["tags"]["rows"])), dict(data["values"])
    assert all(row is None or row in rows for row in data["tags"]["messages"])
    assert len(data["tags"]["messages"]) == len(data["messages"])
    for row, text, value in part["entries"]:
        assert (row is None or row in rows) and text and (value is None or value in values)
    for number, (base, keep, first, rest, *known) in enumerate(part["versions"]):
        assert (base is None and keep == 0) or 0 <= base < number
        assert all(index >= first for index in (known or [[]])[0])
        assert first >= 1 and all(entry is None or entry in entries for entry in rest)
    for index, number, step in part["committed"]:
        assert index >= 1 and number in entries and 0 <= step <= steps
    for step, node, index, number, committed in part["lost"]:
        assert 1 <= step <= steps and node in part["servers"] and index >= 1 and number in entries
        assert committed in (False, True)
    for node, text, _, first, last, answer in part["calls"]:
        assert node in range(n) and text and 1 <= first <= steps and (last is None) == (answer is None)
        assert last is None or first < last <= steps


def test_every_log_at_every_step():
    commands = {3: Set("x", 1), 4: Set("x", 2)}
    system = System([*[Copying] * 3, Asking, Asking], proposals=commands, **LOSSY)
    faults = [(1.5, Crash(1)), (3.0, Restart(1)), (3.5, Propose(0, "red")), (5.0, Propose(0, "blue"))]
    for seed in range(4):
        run = simulate(system, seed=seed, faults=faults, loss=0.1, duplication=0.1)
        data = scene(run, valencies=False)
        check_scene(data)
        check_logs(data)
        look = Look(run)
        for k in range(len(run) + 1):
            for i in range(3):
                log = look.fields(k, i)["log"]
                assert list(shown(data, k, i).values()) == [look.rooms["logs"].logs.words(entry) for _, entry in log]


def test_a_protocol_without_logs_has_no_such_part():
    data = scene(simulate(System(MajorityVote, 3, {0: "red"}), seed=1), valencies=False)
    assert not {"logs", "tags"} & data.keys() and not has_log(MajorityVote)


def test_an_entry_is_committed_when_a_server_knows_it():
    run = deliver(deliver(proposed("red"), Copy, 0, 1), Copied, 1, 0)
    data = scene(run, valencies=False)
    assert data["logs"]["committed"] == [[1, 0, 3]]
    assert data["steps"][-1]["say"].endswith("Entry 1 (red) is committed: 2 of 3 servers have it.")
    view = data["steps"][-1]["set"]["0"]
    assert (view["commit"], view["role"], view["words"]) == (1, "leader", "leader")
    assert data["steps"][1]["set"]["1"]["commit"] == 0, "B has it, and does not know"


def test_what_a_restart_forgets_is_lost():
    run = deliver(deliver(proposed("red"), Copy, 0, 1), Copied, 1, 0)
    data = scene(run.then(Crash(0), Restart(0)), valencies=False)
    assert data["logs"]["lost"] == [[5, 0, 1, 0, True]]
    assert data["steps"][-1]["say"].endswith("Entry 1 (red), which was committed, is lost.")


def test_what_another_log_replaces_is_lost():
    run = deliver(proposed("red", "amber"), Copy, 0, 1).then(Propose(2, "blue"))
    data = scene(deliver(run, Copy, 2, 1), valencies=False)
    words = [entry[1] for entry in data["logs"]["entries"]]
    lost = [(node, index, words[number], sure) for _, node, index, number, sure in data["logs"]["lost"]]
    assert lost == [(1, 1, "red", False), (1, 2, "amber", False)]
    assert "It drops entries 1 to 2, appends entry 1 (blue), and sends Copied" in data["steps"][-1]["say"]


def test_terms_are_tags_of_messages_and_of_entries():
    class Later(Copying):
        term: int = 3

    data = scene(proposed("red", protocol=Later), valencies=False)
    assert data["tags"] == {"rows": [["T3", 2]], "messages": [0, 0]} and data["logs"]["entries"] == [[0, "red", "red"]]
    assert data["nodes"][0]["term"] == 0


def test_what_a_candidate_is_called():
    class Electing(Copying):
        role: str = "candidate"
        votes: frozenset = frozenset({0, 2})

    assert scene(Run(System(Electing, 3)), valencies=False)["nodes"][0]["words"] == "candidate, 2 votes"


def test_the_machine_in_words():
    run = deliver(deliver(proposed(Set("y", 2), Set("x", 1)), Copy, 0, 1), Copied, 1, 0)
    data = scene(run, valencies=False)
    assert data["steps"][-1]["set"]["0"]["machine"] == "x = 1, y = 2" and data["nodes"][0]["machine"] == "empty"
    assert "It applies entries 1 to 2 (x = 1, y = 2)" in data["steps"][-1]["say"]
    assert shown(data, 2, 0) == {1: "set y 2", 2: "set x 1"}


@pytest.mark.parametrize(
    "state, words",
    [
        (None, "empty"),
        (41, "41"),
        (("red", frozenset()), "red"),
        ((frozenset({("x", 1)}), frozenset({(3, 1, 1)})), "x = 1"),
    ],
)
def test_machines_and_their_sessions(state, words):
    logs = Look(Run(System(Copying, 3))).rooms["logs"].logs
    assert logs.machine({"state": state}) == words and logs.machine({}) is None


def test_a_call_lasts_from_the_command_to_its_answer():
    system = System([*[Copying] * 3, Asking], proposals={3: Set("x", 1)}, **LOSSY)
    run = Run(system).then(Propose(3, Set("x", 1)))
    assert scene(run, valencies=False)["logs"]["calls"] == [[3, "set x 1", "Set x 1", 1, None, None]]
    assert scene(run, valencies=False)["steps"][0]["set"]["3"]["words"] == "asks for set x 1"
    run = run.then(Deliver(run.last.in_flight[0]))
    run = run.then(Deliver(next(e for e in run.last.in_flight if e.receiver == 3)))
    data = scene(run, valencies=False)
    assert data["logs"]["calls"] == [[3, "set x 1", "Set x 1", 1, 3, "done"]]
    assert data["steps"][-1]["set"]["3"]["words"] == "has 1 answer"


class Vote(Message):
    ballot: tuple


class Slots(Node):
    """A log by slots, where what is chosen may come after a gap."""

    log: tuple = ()
    accepted: tuple = ()
    applied: int = 0
    promised: tuple = (0, 0)

    def propose(self, value):
        self.promised, self.applied = (1, self.id), 1
        ballot = (1, self.id)
        self.log, self.accepted = ("red", None, "blue"), ((ballot, "red"), None, None, None, (ballot, value))
        self.send((self.id + 1) % 3, Vote((1, self.id)))

    def receive(self, sender, message):
        self.promised = message.ballot


def test_a_log_by_slots_has_gaps_and_ballots():
    data = scene(Run(System(Slots, 3, {0: "amber", 1: "red", 2: "blue"})).then(Propose(0, "amber")), valencies=False)
    assert shown(data, 1, 0) == {1: "red", 3: "blue", 5: "amber"}
    assert data["logs"]["versions"][-1][4] == [1, 3], "what is chosen, also after the gap"
    assert data["logs"]["entries"] == [[0, "red", "red"], [None, "blue", "blue"], [0, "amber", "amber"]]
    assert data["steps"][0]["set"]["0"]["commit"] == 1 and data["steps"][0]["set"]["0"]["term"] == 0
    assert data["tags"]["rows"] == [["1A", 0]] and "ballots" not in data, "a row a ballot would be of one slot only"


def test_what_is_no_longer_kept_is_not_lost():
    class Compacting(Copying):
        gone: int = 0

        def dropped(self):
            return self.gone

        def restart(self):
            self.gone, self.log = 1, self.log[1:]

        durable = ("log", "commit", "gone")

    run = deliver(deliver(proposed("red", "blue", protocol=Compacting), Copy, 0, 1), Copied, 1, 0)
    data = scene(run.then(Crash(0), Restart(0)), valencies=False)
    assert shown(data, len(run), 0) == {1: "red", 2: "blue"} and not data["logs"]["lost"]
    assert shown(data, len(run) + 2, 0) == {2: "blue"}


def test_a_scene_of_many_events_stays_small():
    system = System([*[Copying] * 3, Asking], proposals={3: Set("x", 1)}, **LOSSY)
    faults = [(float(t), Propose(3, Set("x", t))) for t in range(1, 40)]
    run = simulate(system, seed=1, faults=faults)
    data = scene(run, valencies=False)
    assert len(run) > 150 and len(json.dumps(data["logs"])) < 60 * len(run)
    assert isinstance(Look(run).rooms["logs"].logs, Logs) and data["logs"]["lines"] == 5
