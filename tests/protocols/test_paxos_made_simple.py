"""Lamport, "Paxos Made Simple" (2001), statement by statement.

https://lamport.azurewebsites.net/pubs/paxos-simple.pdf. A proposal there is a number and a value: here a ballot and
a value, and its issue is `Accept(ballot, value)`. What a statement says of all runs is checked in every configuration
of two rivals with three ballots between them, on a lossy network; the votes are those of a history variable.
"""

import pytest

from consensus_lab import Agreement, Crash, Deliver, Envelope, Propose, Restart, Run, System, Timeout, Validity, explore
from consensus_lab.experiments.proposer_duel import duel
from consensus_lab.model.properties import Property
from consensus_lab.protocols import BroadcastSynod, EagerSynod, LeaderSynod, PromiseOnly, Synod
from consensus_lab.protocols.paxos.properties import (
    OneValuePerBallot,
    P2c,
    ValueSafeAtBallot,
    asked,
    chosen,
    votes,
    witnessed,
)
from consensus_lab.protocols.paxos.synod import NO_BALLOT, Accept, Accepted, Decided, Prepare, Promise, within
from consensus_lab.protocols.paxos.synod_proposers import Refused

TWO = {0: "red", 1: "blue"}


class Higher(Property):
    """If (b, v) is chosen, then all that `later` finds in later ballots has value v."""

    def broken(self, configuration):
        for ballot, value in chosen(configuration):
            for node, at, other in self.later(configuration):
                if at > ballot and other != value:
                    return (node,), f"{ballot} chose {value}, and {at} has {other}"
        return None


class P2(Higher):
    def later(self, configuration):
        return [(0, *vote) for vote in chosen(configuration)]


class P2a(Higher):
    def later(self, configuration):
        return [(node, *vote) for node, cast in enumerate(votes(configuration)) for vote in cast]


class P2b(Higher):
    later = staticmethod(asked)


class OnlyChosenIsLearned(Property):
    def broken(self, configuration):
        values = {value for _, value in chosen(configuration)}
        wrong = [node for node, value in configuration.decisions.items() if value not in values]
        return (wrong, "learned, and not chosen") if wrong else None


class NumbersAreDisjoint(Property):
    def broken(self, configuration):
        ballots = [configuration.state(node)["ballot"] for node in configuration.system.nodes]
        wrong = [node for node, ballot in enumerate(ballots) if ballot and ballot[1] != node]
        return (wrong, "a number of another proposer") if wrong else None


EVERYTHING = (
    Agreement(), Validity(), OnlyChosenIsLearned(), NumbersAreDisjoint(),
    P2(), P2a(), P2b(), P2c(), OneValuePerBallot(), ValueSafeAtBallot(),
)  # fmt: skip


@pytest.fixture(scope="module")
def graph():
    system = System(witnessed(within(Synod, 2)), 3, TWO, network="lossy", timeouts=1)
    return explore(system, properties=EVERYTHING)


@pytest.fixture(scope="module")
def careless():
    """The same of the draft that asks for its own value whatever it is told: the statements can fail."""
    system = System(witnessed(within(PromiseOnly, 1)), 3, TWO, network="lossy", timeouts=None)
    return explore(system, properties=EVERYTHING)


def test_the_search_covers_every_schedule(graph):
    assert graph.complete and len(graph) == 40_597


# -- 2.1 The Problem ------------------------------------------------------------------------------------------


def test_2_1_only_a_value_that_has_been_proposed_may_be_chosen(graph):
    assert "Validity" not in graph.violations
    assert graph.valency(graph.system.initial()) == {"red", "blue"}


def test_2_1_only_a_single_value_is_chosen(graph, careless):
    assert "Agreement" not in graph.violations and "P2" not in graph.violations
    assert len(careless.violations["Agreement"]) == 10


def test_2_1_a_process_never_learns_that_a_value_has_been_chosen_unless_it_has_been(graph):
    assert "OnlyChosenIsLearned" not in graph.violations and any(c.decisions for c in graph)


# -- 2.2 Choosing a Value -------------------------------------------------------------------------------------


def test_p1_an_acceptor_must_accept_the_first_proposal_that_it_receives():
    run = _run().then(_deliver(0, 2, Prepare((1, 0))), _deliver(2, 0, Promise((1, 0), None)))
    run = run.then(_deliver(0, 1, Accept((1, 0), "red")))
    assert run.last.state(1)["accepted"] == ((1, 0), "red"), "B has heard of nothing before"


def test_p2_higher_numbered_proposals_that_are_chosen_have_the_chosen_value(graph, careless):
    assert "P2" not in graph.violations and len(careless.violations["P2"]) == 8
    assert any(len(chosen(c)) > 1 for c in graph), "a value is chosen again in a later ballot"


def test_p2a_higher_numbered_proposals_that_are_accepted_have_the_chosen_value(graph, careless):
    assert "P2a" not in graph.violations and len(careless.violations["P2a"]) == 7


def test_p2b_higher_numbered_proposals_that_are_issued_have_the_chosen_value(graph, careless):
    assert "P2b" not in graph.violations and len(careless.violations["P2b"]) == 7


def test_p2c_a_majority_has_accepted_nothing_lower_numbered_or_last_accepted_this_value(graph, careless):
    assert "P2c" not in graph.violations and len(careless.violations["P2c"]) == 7


def test_p2c_makes_the_value_safe_so_that_none_other_can_still_be_chosen(graph, careless):
    assert not {"ValueSafeAtBallot", "OneValuePerBallot"} & graph.violations.keys()
    assert len(careless.violations["ValueSafeAtBallot"]) == 6, "it sees the harm first"


def test_p1a_an_acceptor_accepts_unless_it_has_promised_a_higher_number():
    run = _run().then(_deliver(0, 2, Prepare((1, 0))), _deliver(2, 0, Promise((1, 0), None)))
    promised = run.then(Propose(1, "blue"), _deliver(1, 2, Prepare((1, 1))))
    for before, accepts in ((run, True), (promised, False)):
        after = before.then(_deliver(0, 2, Accept((1, 0), "red")))
        assert (after.last.state(2)["accepted"] == ((1, 0), "red")) == accepts


def test_2_2_a_prepare_request_below_a_promise_can_be_ignored():
    run = _run().then(Propose(1, "blue"), _deliver(1, 2, Prepare((1, 1))))
    after = run.then(_deliver(0, 2, Prepare((1, 0))))
    assert after.last.nodes == run.last.nodes and set(after.last.in_flight) < set(run.last.in_flight)


def test_2_2_an_acceptor_remembers_its_highest_promise_and_vote_even_if_it_fails_and_restarts():
    assert set(Synod.durable) == {"promised", "accepted"}
    run = _until_accepted(System(Synod, 3, TWO, crashes=1, restarts=1)).then(Crash(2), Restart(2))
    assert run.last.state(2)["promised"] == (1, 0) and run.last.state(2)["accepted"] == ((1, 0), "red")


def test_2_2_a_proposer_can_abandon_a_proposal_and_forget_all_about_it():
    system = System(Synod, 3, TWO, crashes=1, restarts=1, timeouts=1)
    run = Run(system).then(Propose(0, "red"), _deliver(0, 2, Prepare((1, 0))), Crash(0), Restart(0))
    assert run.last.state(0)["ballot"] is None
    after = run.then(_deliver(2, 0, Promise((1, 0), None)))
    assert after.last.nodes == run.last.nodes


def test_2_2_phase_1a_a_proposer_selects_a_number_and_asks_a_majority_to_prepare():
    run = Run(System(Synod, 3, TWO)).then(Propose(0, "red"))
    assert [(e.receiver, e.message) for e in run.last.in_flight] == [(1, Prepare((1, 0))), (2, Prepare((1, 0)))]
    assert run.last.state(0)["promises"] == {(0, None)}, "its own acceptor is the first to promise"


def test_2_2_phase_1b_an_acceptor_promises_and_tells_its_highest_numbered_vote():
    run = _until_accepted(System(Synod, 3, TWO)).then(Propose(1, "blue"), _deliver(1, 2, Prepare((1, 1))))
    assert Envelope(2, 1, Promise((1, 1), ((1, 0), "red"))) in run.last.in_flight
    assert run.last.state(2)["promised"] == (1, 1)


def test_2_2_phase_2a_a_majority_of_promises_and_then_the_highest_numbered_value_or_any():
    free = _run().then(_deliver(0, 2, Prepare((1, 0))))
    assert free.last.state(0)["proposal"] is None, "one promise is not enough"
    free = free.then(_deliver(2, 0, Promise((1, 0), None)))
    assert Envelope(0, 2, Accept((1, 0), "red")) in free.last.in_flight
    bound = _until_accepted(System(Synod, 3, TWO)).then(Propose(1, "blue"), _deliver(1, 2, Prepare((1, 1))))
    bound = bound.then(_deliver(2, 1, Promise((1, 1), ((1, 0), "red"))))
    assert Envelope(1, 2, Accept((1, 1), "red")) in bound.last.in_flight


def test_2_2_phase_2a_of_several_values_the_highest_numbered():
    node = Synod()
    node.promises = frozenset({(0, ((2, 0), "red")), (1, ((1, 1), "blue")), (2, None)})
    assert node.pick() == "red"


def test_2_2_phase_2b_an_acceptor_accepts_and_answers():
    run = _until_accepted(System(Synod, 3, TWO))
    assert Envelope(2, 0, Accepted((1, 0))) in run.last.in_flight


def test_2_2_an_acceptor_may_tell_a_proposer_to_abandon_its_proposal():
    run = Run(System(EagerSynod, 3, TWO)).then(Propose(0, "red"), Propose(1, "blue"))
    run = run.then(_deliver(1, 2, Prepare((1, 1))), _deliver(0, 2, Prepare((1, 0))))
    refused = Refused((1, 0), (1, 1))
    assert Envelope(2, 0, refused) in run.last.in_flight
    assert run.then(_deliver(2, 0, refused)).last.state(0)["ballot"] == (2, 0)


# -- 2.3 Learning a Chosen Value ------------------------------------------------------------------------------


def test_2_3_acceptors_can_tell_every_learner():
    run = Run(System(BroadcastSynod, 3, {0: "red"})).then(Propose(0, "red"))
    run = _all(_all(_all(run, Prepare), Promise), Accept)
    told = {(e.sender, e.receiver) for e in run.last.in_flight if type(e.message).__name__ == "Vote"}
    assert {(1, 0), (1, 2), (2, 0), (2, 1)} <= told


def test_2_3_acceptors_can_tell_a_distinguished_learner_that_tells_the_others():
    run = _until_accepted(System(Synod, 3, TWO)).then(_deliver(2, 0, Accepted((1, 0))))
    told = {e.receiver for e in run.last.in_flight if e.message == Decided("red")}
    assert run.decisions == {0: "red"} and told == {1, 2}


def test_2_3_to_learn_what_was_chosen_a_learner_can_have_a_proposer_issue_a_proposal():
    run = _until_accepted(System(Synod, 3, TWO, crashes=1)).then(Crash(0), Propose(1, "blue"))
    for kind in (Prepare, Promise, Accept, Accepted):
        run = _all(run, kind, of=1)
    assert run.decisions == {1: "red"}, "A has crashed, and nobody had learned it"


# -- 2.4 Progress ---------------------------------------------------------------------------------------------


def test_2_4_two_proposers_can_keep_issuing_proposals_none_of_which_is_ever_chosen():
    assert not duel(12).decisions


def test_2_4_a_distinguished_proposer_is_the_only_one_to_try():
    run = Run(System(LeaderSynod, 3, TWO)).then(Propose(0, "red"), Propose(1, "blue"))
    assert not any(isinstance(envelope.message, Prepare) for envelope in run.last.in_flight)


# -- 2.5 The Implementation -----------------------------------------------------------------------------------


def test_2_5_different_proposers_choose_their_numbers_from_disjoint_sets(graph):
    assert "NumbersAreDisjoint" not in graph.violations


def test_2_5_a_proposer_begins_with_a_higher_number_than_any_it_has_used_even_after_a_restart():
    system = System(Synod, 3, TWO, crashes=1, restarts=1)
    run = Run(system).then(Propose(0, "red"), Crash(0), Restart(0))
    node = run.last.state(0)
    assert node["ballot"] is None and node["promised"] == (1, 0) > NO_BALLOT
    again = system.step(run.last, Propose(0, "red"))
    assert again.state(0)["ballot"] == (2, 0)


def test_2_5_an_acceptor_records_its_response_before_it_sends_it():
    """In one step it does both, so whoever has the answer knows that the promise and the vote outlive a crash."""
    run = _until_accepted(System(Synod, 3, TWO, crashes=1, restarts=1)).then(Crash(2), Restart(2))
    assert Envelope(2, 0, Accepted((1, 0))) in run.last.in_flight
    assert run.last.state(2)["accepted"] == ((1, 0), "red")


def test_2_5_a_majority_must_be_up_and_the_others_need_not():
    run = Run(System(Synod, 3, TWO, crashes=2, timeouts=1)).then(Crash(1), Propose(0, "red"))
    for kind in (Prepare, Promise, Accept, Accepted):
        run = _all(run, kind)
    assert run.decisions == {0: "red"}
    run = Run(System(Synod, 3, TWO, crashes=2, timeouts=1)).then(Crash(1), Crash(2), Propose(0, "red"))
    assert not run.then(Timeout(0, "retry")).decisions and not run.last.state(0)["proposal"]


# -- scenes ---------------------------------------------------------------------------------------------------


def _run():
    """A has proposed red in ballot (1, 0)."""
    return Run(System(Synod, 3, TWO)).then(Propose(0, "red"))


def _until_accepted(system):
    """A and C have accepted red in ballot (1, 0), and A has not heard of it."""
    run = Run(system).then(Propose(0, "red"), _deliver(0, 2, Prepare((1, 0))), _deliver(2, 0, Promise((1, 0), None)))
    return run.then(_deliver(0, 2, Accept((1, 0), "red")))


def _all(run, kind, of=None):
    """Deliver all messages of a kind to nodes that are up, or those that node `of` sends or receives."""
    live = [e for e in run.last.in_flight if isinstance(e.message, kind) and e.receiver not in run.last.crashed]
    return run.then(*(Deliver(e) for e in live if of is None or of in (e.sender, e.receiver)))


def _deliver(sender, receiver, message):
    return Deliver(Envelope(sender, receiver, message))
