"""Mutants differ in one place, behave otherwise, and see all that the original sees."""

import pytest

from consensus_lab import Message, Node, ProtocolError, System, explore, mutants
from consensus_lab.protocols import MajorityVote, Raft, Synod
from consensus_lab.protocols.paxos.synod import within


class Say(Message):
    value: object


class Base(Node):
    best: int = 0

    def receive(self, sender, message):
        self.best = max(self.best, message.value)


def counting(limit):
    class Counting(Base):
        heard: int = 0

        def propose(self, value):
            self.broadcast(Say(value))

        def receive(self, sender, message):
            super().receive(sender, message)
            if self.heard < limit and sender != self.id:
                self.heard += 1

    return Counting


def lines(protocol, **options):
    return [str(mutant) for mutant in mutants(protocol, **options)]


def test_each_operator_is_at_work():
    found = lines(Synod)
    for line in (
        "receive: case Prepare(ballot) if ballot > self.promised:  →  case Prepare(ballot):",
        "receive: case Prepare(ballot) if ballot > self.promised:  →  case Prepare(ballot) if ballot >= self.promised:",
        "receive: self.promised = ballot  →  (left out)",
        "receive: self.promised, self.accepted = (ballot, (ballot, value))  →  self.accepted = (ballot, value)",
        "receive: self.send(sender, Accepted(ballot))  →  (left out)",
        "pick: return max(voted)[1] if voted else self.wish  →  return min(voted)[1] if voted else self.wish",
        "chosen: return len(self.votes) >= self.majority  →  return len(self.votes) >= self.majority - 1",
        "durable: accepted  →  (left out)",
        "receive: case Accepted(ballot) if ballot == self.ballot and self.proposal is not None:  →  "
        "case Accepted(ballot) if ballot == self.ballot:",
    ):
        assert line in found


def test_every_mutant_is_another_protocol():
    system = System(MajorityVote, 3, {0: "red", 1: "blue"}, network="lossy", crashes=1, restarts=1, timeouts=2)
    original = {configuration: list(system.successors(configuration)) for configuration in explore(system)}
    for mutant in mutants(MajorityVote):
        other = system.replace(protocol=[mutant.protocol] * 3)
        try:
            assert any(list(other.successors(configuration)) != found for configuration, found in original.items())
        except ProtocolError:
            pass  # it raises where the original does not


def test_what_changes_nothing_is_left_out():
    """Of a node that sends to itself alone, nobody can tell whether it hears from others."""

    class Alone(counting(1)):
        def propose(self, value):
            self.send(self.id, Say(value))

    system = System(Alone, 2, {0: 3, 1: 4})
    assert lines(Alone, system=system, most=1)  # cut off: whoever may differ beyond stays
    kept = lines(Alone, system=system)
    assert "receive: if self.heard < limit and sender != self.id:  →  if self.heard < limit:" in kept
    assert "receive: if self.heard < limit and sender != self.id:  →  if sender != self.id:" not in kept


def test_a_mutant_sees_the_closure_and_the_super_class_of_the_original():
    counting_two = counting(2)
    small = System(counting_two, 2, {0: 1, 1: 2})
    (mutant,) = [
        m
        for m in mutants(counting_two, system=small, most=1)
        if m.after == "if self.heard <= limit and sender != self.id:"
    ]

    def most_heard(protocol):
        graph = explore(System(protocol, 4, {i: i + 1 for i in range(4)}))
        states = [configuration.state(0) for configuration in graph]
        return max(state["heard"] for state in states), max(state["best"] for state in states)

    assert most_heard(counting_two) == (2, 4) and most_heard(mutant.protocol) == (3, 4)


def test_a_loop_keeps_its_step():
    assert not [mutant for mutant in mutants(Raft) if "applied" in mutant.before]


def test_the_original_is_left_as_it_is():
    before = len(explore(System(within(Synod, 1), 3, {0: "red"}, network="lossy")))
    assert mutants(Synod) and len(explore(System(within(Synod, 1), 3, {0: "red"}, network="lossy"))) == before


def test_bad_input():
    with pytest.raises(ProtocolError, match="pass a Node class"):
        mutants(MajorityVote.__name__)
    names = {"Node": Node}
    exec("class Typed(Node):\n    def receive(self, sender, message):\n        self.decide(1)", names)
    with pytest.raises(ProtocolError, match="has no node of class Synod; pass a system="):
        mutants(Synod, system=System(MajorityVote, 2))
    with pytest.raises(ProtocolError, match="source of Typed.receive cannot be found"):
        mutants(names["Typed"])
