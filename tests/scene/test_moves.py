"""What the stage offers as next is what the model says can happen, at every step."""

import json

from hypothesis import given, settings

from consensus_lab import Crash, Deliver, Propose, Restart, Run, System, Timeout, simulate
from consensus_lab.answers.answer import answer
from consensus_lab.model.values import show
from consensus_lab.protocols import MajorityVote, TieBreakVote
from consensus_lab.scene.moves import moves
from consensus_lab.scene.scene import scene
from tests.widgets.schedules import Coin, runs

KINDS = {"propose": Propose, "deliver": Deliver, "timeout": Timeout, "crash": Crash, "restart": Restart}
VOTE = System(MajorityVote, 3, {0: "red", 2: "blue"}, crashes=1, restarts=1)
SPLIT = System(TieBreakVote, 4, {0: "red", 3: "blue"}, network="lossy", crashes=1, restarts=1, timeouts=None)


def offered(run, k, moves):
    """(kind, number, text) of what is offered after `k` steps."""
    told = {row[0] for row in moves.get("deliver", ())}
    in_flight = [f.sent <= k and (f.end is None or k < f.end) for f in run.flights]
    flying = [("deliver", number, "") for number, here in enumerate(in_flight) if here and number not in told]
    rows = [(kind, *row) for kind, listed in moves.items() for row in listed]
    now = [row for row in rows if row[2] <= k and (row[3] is None or k <= row[3])]
    return flying + [(kind, number, "".join(text)) for kind, number, _, _, *text in now]


def in_words(event):
    """An event of the model, without its choices, as an offer names it; a delivery by its envelope."""
    match event:
        case Deliver(envelope):
            return "deliver", envelope, ""
        case Propose(node, what) | Timeout(node, what):
            return type(event).__name__.lower(), node, show(what)
    return type(event).__name__.lower(), event.node, ""


@settings(max_examples=60, deadline=None)
@given(runs(longest=20))
def test_offered_is_exactly_what_can_happen(run):
    rows = moves(run)
    for k, configuration in enumerate(run.configurations):
        here = offered(run, k, rows)
        now = [(kind, run.flights[n].envelope if kind == "deliver" else n, text) for kind, n, text in here]
        assert len(now) == len(set(now))
        assert set(now) == {in_words(event) for event in run.system.events(configuration)}
        assert all(run.flights[n].sent <= k for kind, n, _ in here if kind == "deliver")


def test_every_offer_is_taken_when_it_is_asked_for():
    for run in (simulate(VOTE, seed=3), simulate(SPLIT, seed=1)):
        data = scene(run)
        for k in (0, 3, 9, len(run)):
            reply = answer({"do": "moves", "run": data["run"], "at": k})
            offers = offered(run.rewind(k), k, reply["next"])
            assert set(offers) == set(offered(run, k, moves(run)))
            for kind, number, text in offers:
                event = {"kind": kind, "msg" if kind == "deliver" else "node": number}
                event |= {{"propose": "value", "timeout": "name"}[kind]: text} if text else {}
                step = answer({"do": "extend", "run": data["run"], "at": k, "event": event})["scene"]["steps"][k]
                assert (step["kind"], step["by"]) == (kind, "reader")


def test_a_used_budget_is_no_longer_offered():
    run = simulate(VOTE, seed=3).rewind(4).then(Crash(1))
    data = scene(run)
    assert data["budgets"] == {"crash": 1, "restart": 1}
    crash = [("crash", i, "") for i in range(3)]
    assert [offer for offer in offered(run, 4, moves(run)) if offer[0] == "crash"] == crash
    after = offered(run, 5, moves(run))
    assert ("restart", 1, "") in after and not any(kind == "crash" for kind, *_ in after)


def test_choices_are_one_offer_and_a_planned_value_keeps_its_type():
    run = Run(System(Coin, 2, {0: 7}, timeouts=None))
    assert moves(run)["propose"] == [[0, 0, None, "7"]]
    reply = answer({"do": "extend", "run": scene(run)["run"], "at": 0,
                    "event": {"kind": "propose", "node": 0, "value": "7"}}, Coin)  # fmt: skip
    assert reply["scene"]["run"]["events"][0][3] == 7


def test_a_run_too_long_offers_nothing(monkeypatch):
    monkeypatch.setattr("consensus_lab.scene.moves.MOST_WORK", 10)
    assert moves(simulate(VOTE, seed=3)) is None


def test_offers_come_back_from_json():
    rows = moves(simulate(SPLIT, seed=1))
    assert json.loads(json.dumps(rows)) == rows
