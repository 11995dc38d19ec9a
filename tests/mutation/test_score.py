"""A score says what a check catches, and names what it lets pass."""

import pytest

from consensus_lab import Agreement, Sometimes, System, explore, mutants, mutation_score
from consensus_lab.protocols import AcceptAlways, ForgetsPromise, ForgetsVote, MajorityVote, PromiseAgain, Synod
from consensus_lab.protocols.paxos.synod import within

DECIDES = Sometimes("somebody decides", lambda c: c.decisions, reads="decisions")


def check(protocol, *properties, **faults):
    system = System(within(protocol, 2), 3, {0: "red", 1: "blue"}, network="lossy", **faults)
    return explore(system, properties=[Agreement(), *properties])


def test_a_search_without_crashes_is_blind_to_what_is_forgotten():
    mistakes = [AcceptAlways, PromiseAgain, ForgetsPromise, ForgetsVote]
    blind = mutation_score(check, mistakes)
    seeing = mutation_score(lambda protocol: check(protocol, crashes=1, restarts=1), mistakes)
    assert {ForgetsPromise, ForgetsVote} <= set(blind.missed) and AcceptAlways not in blind.missed
    assert seeing.missed == (PromiseAgain,), "to promise twice in one ballot does no harm where ballots have one owner"


def test_a_search_that_asks_for_a_decision_sees_what_is_not_sent():
    silent = [mutant for mutant in mutants(Synod) if mutant.before == "self.send(sender, Accepted(ballot))"]
    assert mutation_score(check, silent).caught == ()
    (caught,) = mutation_score(lambda protocol: check(protocol, DECIDES), silent).caught
    assert caught.by == "somebody decides"


def test_the_run_that_catches_is_a_shortest_one():
    (caught,) = mutation_score(check, [AcceptAlways]).caught
    assert caught.by == "Agreement" and caught.events == len(check(AcceptAlways).violations["Agreement"])


def test_a_system_is_explored_with_the_mutant_in_it():
    system = System(MajorityVote, 3, {0: "red", 1: "blue"})
    score = mutation_score(system, mutants(MajorityVote))
    assert len(score.caught) + len(score.missed) == len(mutants(MajorityVote)) and 0 < score.share <= 1
    assert str(score).splitlines()[0] == f"caught {len(score.caught)} of {len(mutants(MajorityVote))}"
    with pytest.raises(ValueError, match="pass a function as the check"):
        mutation_score(system, mutants(Synod))


def test_nothing_to_catch():
    score = mutation_score(check, [])
    assert score.share == 1.0 and str(score) == "caught 0 of 0"


def test_a_check_has_to_pass_what_the_mutants_were_made_from():
    def impossible(protocol):
        return check(protocol, Sometimes("pigs fly", lambda c: False))

    with pytest.raises(ValueError, match="refuses Synod itself: pigs fly"):
        mutation_score(impossible, mutants(Synod)[:2])


def test_a_check_that_says_nothing_usable():
    with pytest.raises(ValueError, match="give the graph of explore"):
        mutation_score(lambda protocol: "fine", [AcceptAlways])
