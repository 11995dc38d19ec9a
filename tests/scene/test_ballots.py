"""Ballots in a scene: promises, votes and quorums, of the synod, its drafts and its mistakes."""

import json
import re

import pytest

from consensus_lab import Crash, Deliver, Propose, Restart, Run, System, Timeout, simulate
from consensus_lab.experiments.synod_derivation import DETOURS, DRAFTS
from consensus_lab.protocols import MajorityVote, Synod
from consensus_lab.protocols.paxos.synod import NO_BALLOT, Accept, Accepted, Decided, Prepare, Promise
from consensus_lab.protocols.paxos.synod_learners import BroadcastSynod
from consensus_lab.protocols.paxos.synod_mistakes import SharedBallots
from consensus_lab.protocols.paxos.synod_proposers import BackoffSynod, EagerSynod, LeaderSynod
from consensus_lab.protocols.paxos.synod_quorums import AllThenOneSynod, GridSynod, WeightedSynod
from consensus_lab.scene.look import Look
from consensus_lab.scene.rooms.ballots.reading import Ballots
from consensus_lab.scene.scene import scene
from tests.scene.test_scene import check_scene

TWO = {0: "red", 1: "blue"}


def deliver(run, kind, *pairs):
    """The run, and then the messages of a kind from one node to another, for each of `pairs`."""
    for pair in pairs:
        waiting = [e for e in run.last.in_flight if isinstance(e.message, kind) and (e.sender, e.receiver) == pair]
        run = run.then(Deliver(waiting[-1]))
    return run


def alone(protocol=Synod, n=3):
    """A proposes red, and everything is still on its way."""
    return Run(System(protocol, n, {0: "red"}, crashes=1, restarts=1, timeouts=None)).then(Propose(0, "red"))


def quorums(run):
    data = scene(run, valencies=False)
    ballots, rows = data["ballots"], data["tags"]["rows"]
    return [(step, rows[row][0], kind, nodes, value) for step, row, kind, nodes, value in ballots["quorums"]]


def grants(run):
    """(tag, node, step, heard, value) for each promise and vote."""
    data = scene(run, valencies=False)
    ballots, rows = data["ballots"], data["tags"]["rows"]
    return [(rows[row][0], *rest) for row, *rest in ballots["grants"]]


def check_ballots(data):
    """Everything that the room relies on."""
    part, n, steps = data["ballots"], len(data["names"]), len(data["steps"])
    tags, values = data["tags"], dict(data["values"])
    rows = range(len(tags["rows"]))
    assert set(part["acceptors"]) <= set(range(n)) and {grant[1] for grant in part["grants"]} <= set(part["acceptors"])
    assert len(tags["messages"]) == len(data["messages"]) and len(part["opened"]) == len(rows)
    assert all(row is None or row in rows for row in tags["messages"])
    assert len({tag for tag, _ in tags["rows"]}) == len(rows)
    assert all(owner is None or owner in range(n) for _, owner in tags["rows"])
    for row, node, step, heard, value in part["grants"]:
        assert row in rows and node in range(n) and 1 <= step <= steps and (value is None or value in values)
        assert heard is None or step <= heard <= steps
    for step, row, kind, nodes, value in part["quorums"]:
        assert row in rows and step <= steps and set(nodes) <= set(range(n))
        assert (value is None) == (kind == "prepared")
        heard = [g for g in part["grants"] if g[0] == row and g[1] in nodes and (g[4] is None) == (value is None)]
        assert all(any(g[1] == node and g[2] <= step for g in heard) for node in nodes)
    assert part["says"] == sorted(part["says"], key=lambda one: one[:2])
    for view in [*data["nodes"], *(view for step in data["steps"] for view in step.get("set", {}).values())]:
        for key in ("floor", "ballot"):
            assert view.get(key, 0) in rows
        assert "flag" not in view or view["flag"][0] in rows and view["flag"][1] in values


@pytest.mark.parametrize("draft", [*DRAFTS, *DETOURS], ids=lambda draft: draft.protocol.__name__)
def test_every_draft_and_every_mistake(draft):
    data = scene(draft.counterexample or simulate(draft.system(), seed=1), valencies=False)
    check_scene(data)
    check_ballots(data)
    told = " ".join(step["say"] for step in data["steps"])
    assert not re.search(" sets (?!its timer|value)", told), "each field has words of its own"


@pytest.mark.parametrize("protocol", [EagerSynod, BackoffSynod, LeaderSynod, BroadcastSynod, WeightedSynod])
def test_faults_and_other_ways(protocol):
    for seed in range(3):
        system = System(protocol, 3, TWO, network="lossy", crashes=1, restarts=1, timeouts=None)
        run = simulate(system, seed=seed, faults=[(1.5, Crash(2)), (3.0, Restart(2))], loss=0.1, duplication=0.1)
        data = scene(run, valencies=False)
        check_scene(data)
        check_ballots(data)


def test_a_protocol_without_ballots_has_no_such_part():
    data = scene(simulate(System(MajorityVote, 3, TWO), seed=1), valencies=False)
    assert "ballots" not in data and not any("floor" in view or "flag" in view for view in data["nodes"])


def test_a_promise_is_granted_before_it_is_heard_of():
    run = deliver(alone(), Prepare, (0, 1))
    assert grants(run) == [("1A", 0, 1, 1, None), ("1A", 1, 2, None, None)] and not quorums(run)
    run = deliver(run, Promise, (1, 0))
    assert ("1A", 1, 2, 3, None) in grants(run) and quorums(run) == [(3, "1A", "prepared", [0, 1], None)]


def test_a_value_is_chosen_before_anybody_knows():
    run = deliver(deliver(deliver(alone(), Prepare, (0, 1)), Promise, (1, 0)), Accept, (0, 1))
    assert quorums(run)[1:] == [(4, "1A", "chosen", [0, 1], "red")] and not run.decisions
    told = scene(run, valencies=False)
    assert told["steps"][-1]["say"].endswith(
        "With that, red is chosen: A and B have accepted it in 1A, though nobody knows it yet."
    )
    assert told["ballots"]["says"][-1] == [4, 0, "red is chosen, and nobody knows", "red"]
    run = deliver(run, Accepted, (1, 0))
    assert quorums(run)[2:] == [(5, "1A", "known", [0, 1], "red")]
    assert scene(run, valencies=False)["steps"][-1]["say"].endswith("Now A knows that red is chosen.")


def test_a_value_stays_chosen_when_the_acceptors_vote_again():
    run = deliver(deliver(deliver(alone(), Prepare, (0, 1)), Promise, (1, 0)), Accept, (0, 1))
    run = run.then(Timeout(0, "retry"))
    for kind, way in ((Prepare, (0, 2)), (Promise, (2, 0))):
        run = deliver(run, kind, way)
    formed = [(tag, kind) for _, tag, kind, *_ in quorums(run)]
    assert formed == [("1A", "prepared"), ("1A", "chosen"), ("2A", "prepared")]
    words = scene(run, valencies=False)["ballots"]["says"]
    assert [0, "red is chosen, and nobody knows", "red"] in [one[1:] for one in words]


def test_floor_and_flag_and_what_a_restart_leaves_of_them():
    run = deliver(deliver(deliver(alone(), Prepare, (0, 1)), Promise, (1, 0)), Accept, (0, 1))
    data = scene(run.then(Crash(1), Restart(1)), valencies=False)
    assert (
        data["steps"][-1]["set"]["1"] | {"floor": 0, "flag": [0, "red"], "words": "accepted red"}
        == (data["steps"][-1]["set"]["1"])
    )
    forgetful = next(draft.protocol for draft in DETOURS if draft.protocol.__name__ == "ForgetsVote")
    run = deliver(deliver(deliver(alone(forgetful), Prepare, (0, 1)), Promise, (1, 0)), Accept, (0, 1))
    after = scene(run.then(Crash(1), Restart(1)), valencies=False)["steps"][-1]
    assert "flag" not in after["set"]["1"] and after["set"]["1"]["floor"] == 0
    assert after["say"] == "B restarts. It has kept its promise and has forgotten its last vote."


def test_a_wish_is_no_vote():
    step = scene(alone(), valencies=False)["steps"][0]
    view = step["set"]["0"]
    assert (view["state"], view["value"], view["words"], view["ballot"]) == ("undecided", None, "wants red", 0)
    assert "mark" not in step and step["say"].startswith("A proposes red, opens ballot 1A, promises to take part, ")


def test_a_message_shows_its_ballot_and_the_value_it_is_about():
    run = deliver(deliver(deliver(alone(), Prepare, (0, 1)), Promise, (1, 0)), Accept, (0, 1))
    run = deliver(run.then(Propose(2, "blue")), Prepare, (2, 1))
    data = scene(run, valencies=False)
    told = [(label, value) for _, _, label, value, *_ in data["messages"]]
    assert ("Prepare", None) in told and ("Accept", "red") in told and ("Accepted", "red") in told
    assert told[-1] == ("Promise", "red"), "it tells of a vote for red"
    assert data["messages"][-1][-1] == [["ballot", "1C"], ["accepted", "1A red"]]
    assert "C → B Prepare 1C" in [step["text"] for step in data["steps"]]


def test_an_ignored_message_is_told_with_its_reason():
    run = alone().then(Propose(1, "blue"))
    run = deliver(deliver(run, Prepare, (1, 2)), Prepare, (0, 2))
    assert scene(run, valencies=False)["steps"][-1]["say"].endswith("But it has promised 1B.")


def test_what_a_proposer_was_told_of_votes():
    run = deliver(deliver(deliver(alone(), Prepare, (0, 1)), Promise, (1, 0)), Accept, (0, 1))
    run = deliver(deliver(run.then(Propose(2, "blue")), Prepare, (2, 1)), Promise, (1, 2))
    told = scene(run, valencies=False)["steps"][-1]["say"]
    assert "It has been told of 1A red, settles on red, accepts it, and tells everyone." in told


def test_quorums_are_those_of_the_protocol():
    run = deliver(alone(AllThenOneSynod), Prepare, (0, 1), (0, 2))
    run = deliver(run, Promise, (1, 0))
    assert not quorums(run)
    run = deliver(run, Promise, (2, 0))
    assert [(kind, nodes) for *_, kind, nodes, _ in quorums(run)] == [
        ("prepared", [0, 1, 2]), ("chosen", [0]), ("known", [0])
    ]  # fmt: skip
    run = deliver(deliver(alone(GridSynod, 4), Prepare, (0, 2), (0, 1)), Promise, (2, 0))
    assert not quorums(run), "two nodes, but no row"
    assert [kind for *_, kind, _, _ in quorums(deliver(run, Promise, (1, 0)))] == ["prepared"]


def test_every_learner_may_be_the_first_to_know():
    run = deliver(deliver(alone(BroadcastSynod), Prepare, (0, 1)), Promise, (1, 0))
    run = deliver(run, Accept, (0, 1))
    vote = type(run.last.in_flight[-1].message)
    run = deliver(run, vote, (0, 2), (1, 2))
    data = scene(run, valencies=False)
    assert data["ballots"]["says"][-1][2] == "red is chosen, and C knows"


def test_a_ballot_that_two_nodes_share_belongs_to_none():
    run = next(draft for draft in DETOURS if draft.protocol is SharedBallots).counterexample
    data = scene(run, valencies=False)
    assert data["tags"]["rows"] == [["1", None]] and data["ballots"]["says"][-1][2] == "blue and red are both chosen"


def test_names_that_are_words_stand_apart_from_the_round():
    run = simulate(System(Synod, 2, {0: "red"}, names=["Ada", "Bob"]), seed=1)
    assert scene(run, valencies=False)["tags"]["rows"] == [["1 Ada", 0]]


def test_ballots_may_be_plain_numbers():
    class Numbered(Synod):
        promised: int = 0

        def begin(self):
            self.enter(self.promised - self.promised % 3 + 3 + self.id)
            self.broadcast(Prepare(self.ballot))

    data = scene(simulate(System(Numbered, 3, TWO), seed=1), valencies=False)
    check_ballots(data)
    assert data["tags"]["rows"] == [["3", 0], ["4", 1]]


def test_no_ballot_is_no_row():
    assert Look(Run(System(Synod, 3, TWO))).display("promised", NO_BALLOT) == "none"


def test_a_decision_is_not_of_a_ballot():
    run = deliver(deliver(alone(), Prepare, (0, 1)), Promise, (1, 0))
    run = deliver(deliver(run, Accept, (0, 1)), Accepted, (1, 0))
    data = scene(run, valencies=False)
    rows = [row for row, message in zip(data["tags"]["messages"], data["messages"]) if message[2] == "Decided"]
    assert rows == [None, None] and any(isinstance(e.message, Decided) for e in run.last.in_flight)


def test_following_takes_time_in_step_with_the_run():
    run = simulate(System(EagerSynod, 5, TWO), seed=3)
    assert Ballots(run, Look(run).text).rows and len(json.dumps(scene(run, valencies=False)["ballots"])) < 150 * len(
        run
    )
