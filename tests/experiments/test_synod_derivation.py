"""The derivation of the synod: what comes of each draft and of each wrong turn, and the shortest run that shows it."""

import ast

import pytest

from consensus_lab import Agreement, Crash, Deliver, Propose, Restart, Run, System, explore, verdict
from consensus_lab.experiments.synod_derivation import DETOURS, DRAFTS, draft_of, mends_of
from consensus_lab.protocols import (
    AcceptAlways,
    AdoptAny,
    AskFirst,
    ForgetsPromise,
    ForgetsVote,
    ManyRounds,
    OneRound,
    PromiseAgain,
    PromiseAndAdopt,
    PromiseOnly,
    SharedBallots,
    SharedRounds,
    Synod,
    VoteAsBefore,
)
from consensus_lab.protocols.paxos.properties import OneValuePerBallot, P2c, ValueSafeAtBallot, witnessed
from consensus_lab.protocols.paxos.synod import NO_BALLOT, Accept, Promise, within

TWO = {0: "red", 1: "blue"}
LENGTHS = {  # events of the shortest run that breaks Agreement; of OneRound and VoteAsBefore, one that gets stuck
    "OneRound": 5, "ManyRounds": 6, "AskFirst": 10, "PromiseOnly": 10, "PromiseAndAdopt": 12, "Synod": None,
    "HalfIsEnough": 2, "GiveUp": 5, "VoteAsBefore": 3, "AskAnyone": 6, "AskEverybody": 14,
    "AdoptAny": 13, "AdoptEarliest": 13, "AdoptMostCommon": 13, "ForgetsVote": 12, "ForgetsPromise": 12,
    "AcceptAlways": 10, "SharedBallots": 10, "TwoThenOneSynod": 6, "HalvesSynod": 10,
}  # fmt: skip
COUNTS = {  # configurations
    "OneRound": 492, "ManyRounds": 1_299, "AskFirst": 16_021, "PromiseOnly": 777, "PromiseAndAdopt": 12_671,
    "Synod": 35_331, "AdoptAny": 13_163, "ForgetsVote": 4_777, "AcceptAlways": 5_747,
}  # fmt: skip

every_draft = pytest.mark.parametrize("draft", [*DRAFTS, *DETOURS], ids=lambda draft: draft.protocol.__name__)


@every_draft
def test_a_draft_breaks_as_the_derivation_says_and_in_no_shorter_run(draft):
    run = draft.counterexample
    assert (run and len(run)) == LENGTHS[draft.protocol.__name__]
    assert (draft.breaks is None) == (run is None)
    assert draft.graph.complete
    if run is None:
        assert not draft.graph.violations.keys() & {"Agreement", "Validity"}
    else:
        assert draft.breaks in run.check(draft.properties) and run.system.classes[0] is draft.protocol


@pytest.mark.parametrize("name", COUNTS)
def test_a_search_of_a_draft_has_this_many_configurations(name):
    (draft,) = [draft for draft in (*DRAFTS, *DETOURS) if draft.protocol.__name__ == name]
    assert len(draft.graph) == COUNTS[name]


@every_draft
def test_a_counterexample_can_be_kept_and_read_back(draft):
    if draft.counterexample:
        assert Run.from_json(draft.counterexample.to_json()) == draft.counterexample


@pytest.mark.parametrize("protocol, kind", [(OneRound, "blocks"), (Synod, "runs forever")])
def test_the_verdict_is_the_one_that_the_derivation_is_about(protocol, kind):
    assert verdict(protocol, max_states=1_000).kind == kind


def test_the_drafts_lead_from_one_round_to_the_synod():
    assert [draft.protocol for draft in DRAFTS] == [
        OneRound, ManyRounds, AskFirst, PromiseOnly, PromiseAndAdopt, Synod
    ]  # fmt: skip
    assert [draft.mends for draft in DRAFTS] == [None, *(draft.protocol for draft in DRAFTS[:-1])]


def test_at_each_draft_there_are_wrong_mends_and_a_right_one():
    for draft, following in zip(DRAFTS, DRAFTS[1:]):
        mends = mends_of(draft.protocol)
        assert following in mends and len(mends) >= 2
    assert draft_of(AdoptAny) in mends_of(PromiseOnly)


def test_a_draft_differs_from_the_one_before_by_few_lines():
    for draft in DRAFTS[1:]:
        changed = [line for line in draft.diff().splitlines() if line[:1] in "+-" and line[1:].strip()]
        assert 0 < len(changed) <= 36, draft.protocol


def test_the_last_diff_is_what_goes_on_disk():
    added = [line for line in DRAFTS[-1].diff().splitlines() if line.startswith("+")]
    assert added[2:] == ['+    durable = ("promised", "accepted")'] and added[0] == "+class Synod(Node):"


def test_the_diff_of_a_wrong_mend_shows_the_method_that_it_changes():
    diff = draft_of(AdoptAny).diff()
    assert "-        return self.wish" in diff and "self.choose(" in diff and "def receive" not in diff
    assert draft_of(AdoptAny).diff(against=PromiseAndAdopt).count("\n+") == 3


def test_a_mend_that_calls_what_it_mends_is_shown_as_it_is():
    assert all(line[0] in "+@" for line in draft_of(AcceptAlways).diff().splitlines())


@every_draft
def test_the_source_of_a_draft_is_a_class(draft):
    (definition,) = ast.parse(draft.source()).body
    assert definition.name == draft.protocol.__name__


# -- draft by draft -------------------------------------------------------------------------------------------


def test_one_round_never_decides_two_ways():
    for network in ("reliable", "lossy"):
        graph = explore(System(OneRound, 3, TWO, network=network, crashes=1))
        assert graph.complete and set(graph.violations) == {"Termination"}
        assert graph.valency(graph.system.initial()) == {"red", "blue"}


def test_one_round_is_stuck_once_the_vote_is_split():
    run = draft_of(OneRound).counterexample
    assert {run.last.state(i)["voted"] for i in (0, 1)} == {(1, 0), (1, 1)} and run.last.crashed == {2}


def test_two_rounds_that_do_not_look_back_each_have_their_majority():
    run = draft_of(ManyRounds).counterexample
    voted = {c.state(i)["voted"] for c in run.configurations for i in (0, 1, 2)}
    assert set(run.decisions.values()) == {"red", "blue"} and voted == {NO_BALLOT, (1, 0), (1, 1)}


def test_a_round_that_asked_first_is_overturned_by_an_old_one_that_was_still_running():
    run = draft_of(AskFirst).counterexample
    both_ask = [c for c in run.configurations if c.state(0)["proposal"] and c.state(1)["proposal"]]
    assert not both_ask[0].decisions, "both have heard a majority, and neither of a vote, before anybody has decided"
    assert {both_ask[0].state(i)["proposal"] for i in (0, 1)} == {"red", "blue"}


def test_a_promise_alone_is_told_of_a_vote_and_asks_for_something_else():
    run = draft_of(PromiseOnly).counterexample
    heard = [e.envelope.message for e in run.events if isinstance(e, Deliver)]
    told = [m for m in heard if isinstance(m, Promise) and m.accepted]
    assert told and all(Accept(m.ballot, m.accepted[1]) not in heard for m in told)


def test_a_vote_that_never_changes_is_safe_and_stuck_for_ever():
    system = System(VoteAsBefore, 3, TWO, network="lossy", crashes=1, timeouts=1)
    run = Run(system).then(Propose(0, "red"), Propose(1, "blue"), Crash(2))
    assert [run.last.state(i)["value"] for i in (0, 1)] == ["red", "blue"]
    graph = explore(system)
    assert graph.complete and graph.valency(run.last) == set() and "Agreement" not in graph.violations


@pytest.mark.parametrize("protocol, kept", [
    (PromiseAndAdopt, set()), (ForgetsPromise, {"accepted"}), (ForgetsVote, {"promised"})
])  # fmt: skip
def test_with_less_on_disk_than_both_a_restart_breaks_agreement(protocol, kept):
    assert set(protocol.durable) == kept
    run = draft_of(protocol).counterexample
    assert [type(event) for event in run.events if isinstance(event, (Crash, Restart))] == [Crash, Restart]
    without = explore(System(within(protocol, 1), 3, TWO, network="lossy", timeouts=None, crashes=1))
    assert without.complete and "Agreement" not in without.violations, "it takes a restart"


def test_nothing_else_has_to_be_on_disk():
    graph = explore(System(within(Synod, 1), 3, TWO, network="lossy", timeouts=None, crashes=2, restarts=2))
    assert graph.complete and not graph.violations.keys() & {"Agreement", "Validity"}
    assert set(Synod.durable) == {"promised", "accepted"}


def test_shared_ballots_and_repeated_promises_are_harmless_one_by_one():
    for protocol in (SharedRounds, PromiseAgain):
        graph = explore(System(within(protocol, 2), 3, TWO, network="lossy", timeouts=None))
        assert graph.complete and "Agreement" not in graph.violations
        assert graph.valency(graph.system.initial()) == {"red", "blue"}
    assert draft_of(SharedBallots).counterexample


# -- the invariant sees it coming -----------------------------------------------------------------------------


@pytest.mark.parametrize("protocol, unsafe, p2c, agreement", [
    (PromiseOnly, 6, 7, 10), (AdoptAny, 9, 10, 13), (AcceptAlways, 6, 7, 10), (ForgetsPromise, 4, 9, 12),
    (ForgetsVote, 8, 9, 12),
])  # fmt: skip
def test_a_value_is_unsafe_at_its_ballot_before_two_are_chosen(protocol, unsafe, p2c, agreement):
    draft = draft_of(protocol)
    options = draft.options | {"network": "lossy"} | ({"timeouts": 1} if draft.rounds == 2 else {})
    system = System(witnessed(within(protocol, draft.rounds)), 3, TWO, **options)
    graph = explore(system, properties=[Agreement(), P2c(), ValueSafeAtBallot(), OneValuePerBallot()])
    assert {name: len(run) for name, run in graph.violations.items()} == {
        "ValueSafeAtBallot": unsafe, "P2c": p2c, "Agreement": agreement
    }  # fmt: skip
