"""Exercises that a program grades: in the page, in a notebook, or anywhere else.

>>> from consensus_lab.exercises import off_by_one
>>> from consensus_lab.protocols import MajorityVote
>>> off_by_one.check(MajorityVote).passed
True
"""

from consensus_lab.exercises.checker import Case, Exercise, Outcome, Reachable, can_decide
from consensus_lab.exercises.consensus import compare_and_set, keep_promise, something_to_show
from consensus_lab.exercises.paxos import pick_a_value, synod_exam, two_votes
from consensus_lab.exercises.replication import pay_once
from consensus_lab.exercises.voting import give_in, off_by_one, tie_break

EXERCISES = (
    keep_promise, compare_and_set, something_to_show, off_by_one, tie_break, give_in, pick_a_value, two_votes,
    synod_exam, pay_once,
)  # fmt: skip
CATALOG = {exercise.name: exercise for exercise in EXERCISES}

__all__ = [
    "CATALOG", "Case", "Exercise", "Outcome", "Reachable", "can_decide", "compare_and_set", "give_in", "keep_promise",
    "off_by_one", "pay_once", "pick_a_value", "something_to_show", "synod_exam", "tie_break", "two_votes",
]  # fmt: skip
