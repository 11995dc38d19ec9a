"""You are the network: what Python answers is true of the model, and words and scores follow from it."""

import json
from types import SimpleNamespace

import pytest

from consensus_lab import Deliver, Message, Node, ProtocolError, Run, System, explore
from consensus_lab.answers import random_choice
from consensus_lab.answers.answer import answer, answer_text
from consensus_lab.answers.network import one_round, standing
from consensus_lab.model.values import show
from consensus_lab.protocols import BenOr, Coordinator, MajorityVote, TieBreakVote
from consensus_lab.scene.moves import moves
from consensus_lab.scene.scene import scene
from consensus_lab.widgets import Network
from tests.scene.test_moves import offered as offers

PROTOCOLS = (Coordinator, MajorityVote, TieBreakVote, BenOr)


class Wake(Message):
    pass


class Flip(Node):
    """Everybody tosses a coin."""

    def propose(self, value):
        self.send((self.id + 1) % len(self.nodes), Wake())

    def receive(self, sender, message):
        if self.decided is None:
            self.decide(self.choose(frozenset({"red", "blue"})))


def system(cls, **faults):
    return System(cls, 3, {0: "red", 1: "blue"}, **({"crashes": 1, "timeouts": None} | faults))


def asked(do, run, at=None, protocol=None):
    return answer({"do": do, "run": scene(run)["run"], "at": len(run) if at is None else at}, protocol)


def played(run, *picks):
    """The run after the events with these places among those that can happen, and where it stood after each."""
    for pick in picks:
        run = run.then(run.system.events(run.last)[pick])
    return run


@pytest.mark.parametrize("cls", PROTOCOLS)
def test_every_move_that_the_stage_offers_has_its_leads_and_no_other_has(cls):
    run = one_round(Run(system(cls)))
    for k in (0, len(run)):
        told = [event for event, leads in asked("prospects", run, k)["prospects"]["moves"] if leads]
        offered = {(kind, number, text) for kind, number, text in offers(run, k, moves(run))}
        assert len(told) == len(offered)
        assert {(e["kind"], e.get("msg", e.get("node")), e.get("value", e.get("name", ""))) for e in told} == offered


def test_leads_are_those_of_the_whole_state_graph():
    """On a system small enough to see all of it, without faults."""
    small = system(MajorityVote, crashes=0, timeouts=0)
    graph, run = explore(small), Run(small)
    for _ in range(6):
        for (event, leads), (way, there) in zip(standing(run)["moves"], small.successors(run.last), strict=True):
            values, [(lead, value)] = graph.valency(there), leads
            if there.decisions:
                assert (lead, value) == ("decided", show(*set(there.decisions.values())))
            elif len(values) == 2:
                assert (lead, value) == ("open", None)
            else:
                assert (lead, value) == ("only", show(*values))
            assert (event["kind"] == "deliver") == isinstance(way, Deliver)
        run = run.then(small.events(run.last)[-1])


def test_an_event_that_a_coin_follows_is_one_move_with_all_its_leads():
    run = played(Run(System(Flip, 2, {0: "red"})), 0)
    assert standing(run)["moves"] == [[{"kind": "deliver", "msg": 0}, [["decided", "blue"], ["decided", "red"]]]]


@pytest.mark.parametrize("side", ["red", "blue"])
def test_the_adversary_orders_events_and_does_not_choose_how_a_coin_falls(monkeypatch, side):
    fall = SimpleNamespace(choice=lambda ways: next(way for way in ways if way.choices == (side,)))
    monkeypatch.setattr(random_choice, "random", SimpleNamespace(Random=lambda seed: fall))
    begun = played(Run(System(Flip, 2, {0: "red"})), 0)
    assert one_round(begun).events[-1].choices == (side,)


def test_a_run_is_settled_by_one_step_and_the_score_stops_before_it():
    run = played(Run(system(MajorityVote)), 0, 0)  # A proposes red, B blue
    red = next(e for e in run.system.events(run.last) if isinstance(e, Deliver) and e.node == 2)
    settled = run.then(red)
    before, after = standing(run), standing(settled)
    assert before["state"] == "open" and before["say"] == "Red and blue can still be decided." and before["kept"] == 2
    assert after["state"] == "only" and after["kept"] == 2
    assert after["say"] == "Step 3, taken by C (A → C VoteFor red), settled it: only red can be decided."
    longer = settled
    while not longer.decisions:
        longer = longer.then(next(e for e in longer.system.events(longer.last) if isinstance(e, Deliver)))
    end = standing(longer)
    assert end["state"] == "decided" and end["kept"] == 2 and end["say"].startswith(after["say"])
    assert end["say"].endswith("has decided red.")


def test_without_the_coordinator_everybody_is_stuck_and_it_is_said_who():
    end = one_round(one_round(Run(system(Coordinator))))
    found = standing(end)
    assert found["state"] == "stuck" and found["kept"] == 2 and found["moves"] == []
    gone = "Nobody can do without C. It crashed at step 3"
    assert found["say"] == f"{gone}, and A and B can never decide, whatever comes."


def test_a_protocol_that_can_disagree_is_told_so():
    run = Run(system(TieBreakVote))
    while not run.decisions:
        run = one_round(run)
    assert "And yet" in standing(run)["say"] and standing(run)["say"].endswith("this protocol can disagree.")


def test_a_round_is_full_when_all_that_waited_at_its_beginning_has_happened():
    run = Run(system(Coordinator, crashes=0))
    first = standing(run)
    assert (first["rounds"], first["round"], first["oldest"]["waits"]) == (0, [0, 2], 0)
    a_proposes, b_proposes = run.system.events(run.last)
    run = run.then(a_proposes)
    half = standing(run)
    assert (half["rounds"], half["round"]) == (0, [1, 2])
    assert half["oldest"] == {"event": {"kind": "propose", "node": 1, "value": "blue"}, "waits": 1}
    whole = standing(run.then(b_proposes))
    assert (whole["rounds"], whole["round"]) == (1, [0, 2])  # two requests wait now
    assert whole["oldest"] == {"event": {"kind": "deliver", "msg": 0}, "waits": 1}


def test_what_waits_at_a_crashed_node_holds_up_no_round():
    run = Run(system(Coordinator))
    a_proposes, b_proposes = run.system.events(run.last)[:2]
    run = run.then(a_proposes, b_proposes)
    assert standing(run.then(run.system.events(run.last)[-1]))["oldest"] is None


def test_the_hint_is_a_move_that_the_stage_offers():
    run = Run(system(MajorityVote))
    for _ in range(4):
        hint = asked("hint", run)["hint"]
        assert hint["event"] in [event for event, _ in standing(run)["moves"]] and hint["why"]
        run = played(run, [event for event, _ in standing(run)["moves"]].index(hint["event"]))
    while run.system.events(run.last):
        run = played(run, 0)
    assert asked("hint", run)["hint"] is None


@pytest.mark.parametrize("cls", [Coordinator, MajorityVote, TieBreakVote])
def test_against_a_deterministic_protocol_the_adversary_comes_to_an_end(cls):
    run = Run(system(cls))
    for _ in range(4):
        reply = asked("adversary", run)
        run = Run.from_json(json.dumps(reply["scene"]["run"]))
    assert reply["prospects"]["state"] in ("stuck", "decided")


def test_against_a_vote_that_is_never_forced_the_adversary_goes_on():
    run = Run(system(BenOr))
    for rounds in (1, 2, 3):
        run = one_round(run)
        found = standing(run)
        assert (found["state"], found["rounds"], found["kept"]) == ("open", rounds, len(run))


def test_a_page_answers_as_a_kernel_does_also_for_a_protocol_of_its_own():
    source = (
        "from consensus_lab import Message, Node\n\nclass Say(Message):\n    value: object\n\n"
        "class Loud(Node):\n    def propose(self, value):\n        self.broadcast(Say(value))\n\n"
        "    def receive(self, sender, message):\n        self.decide(message.value)\n"
    )
    names = {"__name__": "chapter"}
    exec(source, names)
    widget = Network([names["Loud"]])
    data = widget.payload["opponents"][0]["stage"]["entries"][0]["seeds"][0][0]["run"]
    for do in ("prospects", "hint", "adversary"):
        text = json.dumps({"do": do, "run": data, "at": 0})
        reply, _ = widget.request(text, [])
        assert json.loads(answer_text(text, source)) == json.loads(reply) and "error" not in reply


@pytest.mark.parametrize("at", [-1, 1, "0", None, True])
def test_a_request_about_no_step_is_refused(at):
    run = scene(Run(system(Coordinator)))["run"]
    assert list(answer({"do": "prospects", "run": run, "at": at})) == ["error"]


def test_the_widget_has_its_opponents_a_small_page_and_a_stable_name():
    widget = Network(list(PROTOCOLS))
    assert repr(widget) == "Network('Coordinator', 'Majority vote', 'Tie-break', 'Ben-Or')" == repr(Network())
    assert len(json.dumps(widget.payload)) < 40_000
    for opponent in widget.payload["opponents"]:
        assert opponent["prospects"]["state"] == "open" and opponent["about"]
    data, _ = widget._repr_mimebundle_()
    assert 'data-widget="network" data-needs="stage"' in data["text/html"]
    assert "C crashes" in widget.transcript and "adversary" in widget.picture.alt


def test_opponents_can_be_systems_and_have_names_of_their_own():
    duel = System(MajorityVote, 2, {0: "red", 1: "blue"})
    assert repr(Network({"Two <b>voters</b>": duel})) == "Network('Two <b>voters</b>')"
    assert repr(Network([duel])) == "Network('Majority Vote')"
    assert "<b>" not in Network({"Two <b>voters</b>": duel})._repr_mimebundle_()[0]["text/html"]


REFUSED = [([], "nobody to play against"), ([Node], "receive"), (7, "no protocol")]


@pytest.mark.parametrize(("opponents", "words"), REFUSED)
def test_what_is_no_opponent_is_refused(opponents, words):
    with pytest.raises(ProtocolError, match=words):
        Network(opponents)
