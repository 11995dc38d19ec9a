"""The package's contract, as a reader of its front page types it."""

import pytest

from consensus_lab import Run, simulate

CONTRACT = """
from consensus_lab import Message, Node, System, simulate, explore

class VoteFor(Message):
    value: str

class Voted(Message):
    value: str

class MajorityVote(Node):
    \"""Vote for the first value heard. A value with more than half the votes wins.\"""
    vote: str | None = None
    ballots: frozenset[tuple[int, str]] = frozenset()

    def propose(self, value):
        self.broadcast(VoteFor(value))

    def receive(self, sender, message):
        match message:
            case VoteFor(value) if self.vote is None:
                self.vote = value
                self.broadcast(Voted(value))
            case Voted(value):
                self.ballots |= {(sender, value)}
                if sum(v == value for _, v in self.ballots) >= self.majority:
                    self.decide(value)

system = System(MajorityVote, n=4, proposals={0: "red", 1: "blue"})
run = simulate(system, seed=7)
run.decisions
graph = explore(system)
graph.complete, len(graph)
graph.stuck
graph.violations
graph.valency(system.initial())
"""
WORLD = {"__name__": __name__}
exec(CONTRACT, WORLD)
VoteFor, Voted, MajorityVote = WORLD["VoteFor"], WORLD["Voted"], WORLD["MajorityVote"]


@pytest.fixture(scope="module")
def system():
    return WORLD["system"]


@pytest.fixture(scope="module")
def graph():
    return WORLD["graph"]


def test_some_seeds_decide_and_some_split_the_vote(system):
    runs = [simulate(system, seed) for seed in range(20)]
    assert WORLD["run"] == runs[7]
    assert {frozenset(run.decisions.values()) for run in runs} == {
        frozenset(), frozenset({"red"}), frozenset({"blue"})
    }  # fmt: skip
    for run in runs:
        assert len(run.decisions) in (0, 4)
        assert run.violations.keys() == (set() if run.decisions else {"Termination"})


def test_every_schedule_is_covered(graph):
    assert graph.complete
    assert len(graph) > 1000


def test_the_split_votes_are_stuck_and_come_shortest_first(graph):
    assert graph.stuck
    lengths = [len(run) for run in graph.stuck]
    assert lengths == sorted(lengths)
    for run in graph.stuck:
        assert isinstance(run, Run)
        assert not run.system.events(run.last)
        assert len(run.decisions) < 4


def test_only_termination_is_violated_and_by_a_shortest_run(graph):
    assert graph.violations.keys() == {"Termination"}
    assert len(graph.violations["Termination"]) == len(graph.stuck[0])


def test_the_initial_configuration_is_bivalent(graph, system):
    assert graph.valency(system.initial()) == frozenset({"red", "blue"})


def test_messages_of_two_classes_are_never_equal():
    assert VoteFor("red") != Voted("red")
    assert len({VoteFor("red"), Voted("red"), VoteFor("red")}) == 2


def test_messages_are_immutable():
    with pytest.raises(AttributeError):
        VoteFor("red").value = "blue"


def test_a_run_has_what_the_contract_names(system):
    run = simulate(system, seed=7)
    assert run.system is system
    assert len(run.events) == len(run.times) == len(run.configurations) - 1
    assert run.configurations[0] == system.initial()
    assert list(run.times) == sorted(run.times)
    assert Run.from_json(run.to_json(), MajorityVote) == run
    assert str(run).count("\n") >= len(run.events)


def test_a_configuration_has_what_the_contract_names(system):
    run = simulate(system, seed=7)
    middle = run.configurations[len(run) // 2]
    assert set(middle.state(0)) == {"vote", "ballots", "decided"}
    assert middle.in_flight and middle.crashed == frozenset()
    assert hash(middle) == hash(run.rewind(len(run) // 2).last)
    envelope = middle.in_flight[0]
    assert {envelope.sender, envelope.receiver} <= {0, 1, 2, 3}
    assert isinstance(envelope.message, (VoteFor, Voted))
