"""Derive it: all that a page has of the drafts is what a search finds, and every run in it can really happen."""

import json

import pytest

from consensus_lab import Run
from consensus_lab.answers.answer import answer
from consensus_lab.answers.derive import BY_NAME, checked, found, shown
from consensus_lab.experiments.synod_derivation import DETOURS, DRAFTS, draft_of, mends_of
from consensus_lab.protocols import SharedBallots, Synod, VoteAsBefore
from consensus_lab.scene.packed import pack, unpack
from consensus_lab.widgets import Derive

every_draft = pytest.mark.parametrize("draft", [*DRAFTS, *DETOURS], ids=lambda draft: draft.protocol.__name__)


@pytest.fixture(scope="module")
def payload():
    return Derive().payload


def test_it_is_small(payload):
    assert len(json.dumps(payload)) < 40_000


def test_it_has_every_draft_and_every_wrong_turn_with_its_mends(payload):
    assert payload["steps"] == [draft.protocol.__name__ for draft in DRAFTS]
    assert {draft["name"] for draft in payload["drafts"]} == set(BY_NAME) == set(unpack(payload["packed"]))
    for draft in payload["drafts"]:
        assert set(draft["mends"]) == {mend.protocol.__name__ for mend in mends_of(BY_NAME[draft["name"]].protocol)}


def test_the_right_mend_has_no_place_of_its_own(payload):
    drafts = {draft["name"]: draft for draft in payload["drafts"]}
    steps = payload["steps"]
    places = {drafts[name]["mends"].index(right) for name, right in zip(steps, steps[1:])}
    assert len(places) > 1


@every_draft
def test_every_refuted_draft_brings_a_run_that_replays_and_breaks_what_it_is_said_to(payload, draft):
    brought = unpack(payload["packed"])[draft.protocol.__name__]
    assert brought == json.loads(json.dumps(shown(draft)))
    if draft.breaks:
        run = Run.from_object(brought["scene"]["run"])
        assert run.system.classes[0] is draft.protocol and draft.breaks in run.check(draft.properties)
        (broken,) = [chip for chip in brought["scene"]["properties"] if chip["name"] == draft.breaks]
        assert broken["broken"] == len(run)
    else:
        assert brought["scene"] is None and draft.protocol is Synod


def test_only_the_synod_holds(payload):
    kinds = {draft["name"]: draft["found"]["kind"] for draft in payload["drafts"]}
    assert {name for name, kind in kinds.items() if kind == "holds"} == {"Synod"}
    assert {name for name, kind in kinds.items() if kind == "stuck"} == {"OneRound", "VoteAsBefore"}


def test_a_search_made_anew_finds_what_is_recorded(payload):
    recorded = {draft["name"]: draft["found"] for draft in payload["drafts"]}
    for name in ("OneRound", "ManyRounds", "VoteAsBefore", "AskFirst"):
        assert answer({"do": "draft", "name": name}) == {"draft": recorded[name]}


@pytest.mark.parametrize("name", ["Paxos", None, ["Synod"]])
def test_a_search_for_another_protocol_is_refused(name):
    assert "there is no draft" in answer({"do": "draft", "name": name})["error"]


def test_what_is_checked_is_said():
    assert checked(draft_of(Synod)) == (
        "3 nodes, lossy network, A proposes red, B proposes blue, at most one crash, timers fire whenever they like, "
        "2 ballots a node"
    )
    assert found(draft_of(VoteAsBefore))["breaks"] == "Majority possible"


def test_the_code_of_the_first_draft_is_whole_and_of_the_others_a_diff():
    assert all(line[:1] in (" ", "") for line in shown(DRAFTS[0])["code"].splitlines())
    assert {line[0] for line in shown(DRAFTS[1])["code"].splitlines()} == {"@", "+", "-", " "}
    assert shown(draft_of(SharedBallots))["code"] == draft_of(SharedBallots).diff()


def test_what_is_packed_is_unpacked():
    assert unpack(pack({"a": [1, None, "é≠"]})) == {"a": [1, None, "é≠"]}


def test_the_still_form_tells_all_of_it():
    data, _ = Derive()._repr_mimebundle_()
    assert data["text/plain"] == "Derive(6 drafts and 14 wrong turns)"
    assert 'data-needs="packed stage"' in data["text/html"]
    transcript = data["text/html"].partition("<pre>")[2]
    assert all(f"{draft.title}: " in transcript for draft in (*DRAFTS, *DETOURS))
    assert transcript.count("holds in all 35,331 configurations") == 2  # as a mend of the fifth draft, and as the sixth
