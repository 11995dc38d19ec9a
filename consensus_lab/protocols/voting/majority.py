"""Majority voting: no node is special, and a value with more than half of the votes wins.

Safe, because a node votes once and two values cannot both have more than half. It can end in a split vote: with an
even number of nodes when nothing has gone wrong, and with an odd number when one of them crashes.
"""

from consensus_lab.model.node import Message, Node


class VoteFor(Message):
    """For all: vote for this value, if you have not voted."""

    value: object

    says = "vote for {value}!"


class Voted(Message):
    """For all: the sender's vote, its only one."""

    value: object

    says = "I voted {value}"


class MajorityVote(Node):
    """Vote for the first value heard. A value with more than half the votes wins."""

    vote: object = None
    ballots: frozenset = frozenset()  # (node, value) for every vote heard; a set, so that a copy counts once

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
