"""The verdict of every protocol of the book, and of some that it does not mention."""

import pytest

from consensus_lab import (
    Agreement,
    Crash,
    Deliver,
    ProtocolError,
    System,
    Termination,
    Timeout,
    Validity,
    explore,
    verdict,
)
from consensus_lab.protocols import (
    AlwaysRed,
    BenOr,
    CheckThenAct,
    Coordinator,
    FirstHeard,
    ImpatientCoordinator,
    LockThenAct,
    MajorityVote,
    Memory,
    RotatingCoordinator,
    TieBreakVote,
)
from tests.verdicts.invented import INVENTED, AskAgain, Mute, Waverer

BOOK = {
    "coordinator": (Coordinator, 3, {}, "blocks"),
    "coordinator, no crash": (Coordinator, 3, {"crashes": 0}, "decides"),
    "majority": (MajorityVote, 3, {}, "blocks"),
    "majority, no crash": (MajorityVote, 3, {"crashes": 0}, "decides"),
    "majority, even, no crash": (MajorityVote, 2, {"crashes": 0}, "blocks"),
    "majority of 4, no crash": (MajorityVote, 4, {"crashes": 0}, "blocks"),
    "tie-break": (TieBreakVote, 3, {}, "disagrees"),
    "tie-break of 4": (TieBreakVote, 4, {}, "disagrees"),
    "first heard": (FirstHeard, 3, {}, "disagrees"),
    "constant": (AlwaysRed, 3, {}, "invalid"),
    "rotating, naive": (ImpatientCoordinator, 3, {}, "disagrees"),
    "rotating": (RotatingCoordinator, 3, {}, "runs forever"),
    "Ben-Or": (BenOr, 3, {}, "runs forever"),
    "check then act": ([Memory, CheckThenAct, CheckThenAct], 3, {"crashes": 0}, "disagrees"),
    "lock then act": ([Memory, LockThenAct, LockThenAct], 3, {"crashes": 0}, "decides"),
    "lock then act, a crash": ([Memory, LockThenAct, LockThenAct], 3, {}, "blocks"),
}


def check(found, crashes):
    """The run of a finding shows what the finding says."""
    run = found.run
    assert run.system is found.system
    assert sum(isinstance(event, Crash) for event in run.events) <= crashes
    last = run.last
    match found.kind:
        case "disagrees":
            assert Agreement().broken(last)
        case "invalid":
            assert Validity().broken(last)
        case "blocks":
            assert Termination().undecided(last) and last.proposed
        case "runs forever":
            assert Termination().undecided(last) and last.proposed


@pytest.mark.parametrize("name", BOOK)
def test_the_verdict_of_each_protocol_of_the_book(name):
    protocol, n, options, kind = BOOK[name]
    found = verdict(protocol, n, **options)
    assert found.kind == kind
    assert [finding.kind for finding in found.findings][0] == kind
    if kind == "decides":
        assert found.run is None
    else:
        for finding in found.findings:
            check(finding, options.get("crashes", 1))


@pytest.mark.parametrize("protocol", INVENTED, ids=lambda protocol: protocol.__name__)
def test_the_verdict_names_the_flaw_of_a_protocol_it_has_never_seen(protocol):
    found = verdict(protocol)
    assert found.kind == protocol.kind
    for finding in found.findings:
        check(finding, 1)


def test_a_blocked_run_is_as_short_as_the_shortest_that_explore_finds():
    found = verdict(MajorityVote)
    graph = explore(System(MajorityVote, 3, found.system.proposals, crashes=1))
    assert len(found.run) == len(graph.stuck[0])
    assert "Termination" in found.run.violations


def test_a_disagreement_is_as_short_as_the_shortest_that_explore_finds():
    found = verdict(TieBreakVote)
    graph = explore(System(TieBreakVote, 3, found.system.proposals, timeouts=None))
    assert len(found.run) == len(graph.violations["Agreement"])


def test_an_even_vote_blocks_without_a_crash_and_the_text_says_so():
    found = verdict(MajorityVote, 2, crashes=1)
    assert found.kind == "blocks" and not found.run.last.crashed
    assert "Nobody has to crash" in found.explanation


def test_the_text_names_the_node_and_the_messages_that_raced():
    text = verdict(MajorityVote).explanation
    assert "C crashes" in text and "“A → C VoteFor red”" in text and "“B → C VoteFor blue”" in text


def test_a_retransmission_without_end_does_not_hide_that_a_node_is_gone():
    found = verdict(AskAgain)
    assert found.kind == "blocks" and found.run.last.crashed == {2}


def test_a_protocol_that_never_decides_is_told_that_there_is_no_schedule():
    found = verdict(Mute)
    assert found.kind == "blocks" and not found.run.last.crashed


def test_a_fair_cycle_comes_back_to_where_it_began_and_owes_nobody_anything():
    found = verdict(Waverer, 2, crashes=0)
    assert found.kind == "runs forever" and found.cycle
    prefix, run = found.prefix, found.run
    assert run.events == prefix.events + found.cycle
    assert run.last == prefix.last
    assert run.rewind(len(prefix)).last == prefix.last
    around = run.configurations[len(prefix) :]
    always = set(around[0].in_flight).intersection(*(c.in_flight for c in around))
    assert always <= {event.envelope for event in found.cycle if isinstance(event, Deliver)}
    assert any(isinstance(event, Timeout) for event in found.cycle)
    assert not run.decisions


def test_a_cycle_that_starves_a_message_is_not_taken_for_fair():
    class Patient(Waverer):
        """Node 1 still changes its mind all the time, but is asked once and answers yes whatever its mind."""

        def receive(self, sender, message):
            self.willing = True
            super().receive(sender, message)

    assert verdict(Patient, 2, crashes=0).kind == "decides"


def test_an_unending_run_is_undecided_for_as_many_rounds_as_asked():
    short, long = (verdict(BenOr, rounds=rounds, max_states=1_000) for rounds in (2, 6))
    assert len(long.run) > len(short.run)
    assert not long.run.decisions and not short.run.decisions
    assert "probability 1" in long.explanation and "100 of 100" in long.explanation


def test_a_bound_that_was_hit_is_said():
    assert "and there are more" in verdict(RotatingCoordinator, max_states=2_000).covered
    few = verdict(MajorityVote, 3, crashes=0, max_states=500)
    assert few.kind == "unknown" and few.run is None and "max_states" in few.explanation
    assert "every schedule" in verdict(Coordinator).covered


def test_it_is_the_same_every_time_and_readable():
    first, second = verdict(Coordinator), verdict(Coordinator)
    assert str(first) == str(second) and first.run == second.run
    assert repr(first) == "<verdict: Coordinator, 3 nodes, reliable network blocks>"
    assert "BLOCKS" in str(first) and "C crashes" in str(first)
    assert max(map(len, str(first).splitlines())) <= 120


@pytest.mark.parametrize("bad, why", [
    ({"values": ()}, "values"), ({"values": ("red", "red")}, "values"), ({"max_states": 0}, "max_states"),
    ({"rounds": 0}, "rounds"), ({"n": 0}, "no nodes"), ({"crashes": -1}, "crashes"),
])  # fmt: skip
def test_bad_arguments_are_named(bad, why):
    with pytest.raises(ProtocolError, match=why):
        verdict(MajorityVote, **bad)
