"""A verdict says no more than it has seen, and its witnesses show what they are shown for."""

import pytest

from consensus_lab import Message, Node, Property, ProtocolError, verdict
from consensus_lab.protocols import MajorityVote, RotatingCoordinator
from tests.verdicts.published import AtomicCommit, FastPaxosMajorities, LowestStamp


class Enter(Message):
    pass


class Ball(Message):
    pass


class Door(Node):
    decides = False
    inside: frozenset = frozenset()

    def receive(self, sender, message):
        self.inside |= {sender}


class Guest(Node):
    decides = False

    def start(self):
        self.send(0, Enter())

    def receive(self, sender, message):
        pass


class AtMost(Property):
    def __init__(self, most):
        self.most = most

    def broken(self, configuration):
        inside = tuple(sorted(configuration.state(0)["inside"]))
        return (inside, f"{len(inside)} are inside") if len(inside) > self.most else None


class Pingpong(Node):
    """Two nodes pass a ball for ever, and nobody decides."""

    def propose(self, value):
        self.send(1 - self.id, Ball())

    def receive(self, sender, message):
        self.send(sender, Ball())


HOUSE = [Door, Guest, Guest]


def test_where_no_class_decides_a_verdict_is_refused_with_the_mend():
    with pytest.raises(ProtocolError, match=r"no class of it decides .* verdict\(\.\.\., properties=\[\.\.\.\]\)"):
        verdict(HOUSE)


def test_where_no_class_decides_it_is_given_on_properties_of_ones_own():
    broken, right = (verdict(HOUSE, properties=[AtMost(most)]) for most in (1, 2))
    assert broken.kind == "violates" and set(broken.run.violations) == {"AtMost"}
    assert "2 are inside" in str(broken) and right.kind == "holds" and right.run is None
    assert "AtMost" in right.explanation


@pytest.mark.parametrize("protocol", [FastPaxosMajorities, LowestStamp])
def test_a_disagreement_is_looked_for_hardest(protocol):
    found = verdict(protocol, 3)
    assert found.kind == "disagrees" and len(found.run) == 9 and set(found.run.violations) == {"Agreement"}


def test_where_the_bound_was_hit_the_headline_says_at_least():
    found = verdict(RotatingCoordinator, max_states=2_000)
    assert not found.complete and "AT LEAST RUNS FOREVER" in str(found) and "at least" in repr(found)
    assert "forces a decision nowhere" not in str(found)


def test_the_witness_of_a_block_is_the_window_in_doubt():
    found = verdict(AtomicCommit, 3, values=("commit", "abort"), validity=("abort",))
    assert found.kind == "blocks" and found.run.last.crashed == {0}
    assert {found.run.last.state(i)["vote"] for i in (1, 2)} == {"commit"}
    assert "times out (votes)" in found.explanation


def test_validity_may_be_told_away():
    kinds = [verdict(AtomicCommit, 3, values=("commit", "abort"), validity=asked).kind for asked in (True, False)]
    assert kinds == ["invalid", "blocks"]


def test_a_ball_that_is_passed_for_ever_runs_forever():
    found = verdict(Pingpong, 2)
    assert found.kind == "runs forever" and not found.run.last.crashed and found.run.system.events(found.run.last)


def test_a_verdict_is_no_truth_value():
    with pytest.raises(ProtocolError, match="kind == 'decides'"):
        assert verdict(MajorityVote, 2)


def test_one_value_is_enough():
    assert verdict(MajorityVote, 2, values=("go",), crashes=0).kind == "decides"


def test_the_bound_holds_for_many_nodes():
    assert not verdict(MajorityVote, 50).complete


@pytest.mark.parametrize("options, why", [
    ({"proposals": {0: "red"}}, "values="), ({"seed": 1}, "no such argument"), ({"values": ([1], [2])}, "values"),
    ({"values": "red"}, "values"), ({"values": 7}, "values"), ({"validity": "abort"}, "validity"),
    ({"rounds": "x"}, "rounds"), ({"max_states": 1.5}, "max_states"), ({"properties": AtMost(1)}, "properties"),
    ({"crashes": "x"}, "crashes"), ({"network": 3}, "network"),
])  # fmt: skip
def test_arguments_of_no_use_are_refused_in_words(options, why):
    with pytest.raises(ProtocolError, match=why):
        verdict(MajorityVote, 2, **options)
