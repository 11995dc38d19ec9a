"""The exam of the chapter on Paxos: whatever is left out of its solution, the checker has a run for it."""

import pytest

from tests.notebooks.test_solutions import folded_solutions, grade

OMISSIONS = [
    ("Prepare(ballot) if ballot > self.promised:", "Prepare(ballot):"),
    ("Accept(ballot, value) if ballot >= self.promised:", "Accept(ballot, value):"),
    ("max(votes)[1]", "min(votes)[1]"),
    ("max(votes)[1] if votes else self.wish", "self.wish"),
    ('durable = ("promised", "accepted")', 'durable = ("accepted",)'),
    ('durable = ("promised", "accepted")', 'durable = ("promised",)'),
]


@pytest.mark.parametrize("old, new", OMISSIONS, ids=[f"{old} as {new}" for old, new in OMISSIONS])
def test_what_is_left_out_of_the_solution_breaks_agreement(old, new):
    solution = folded_solutions()["synod_exam"]
    assert solution.count(old) == 1
    outcome = grade("synod_exam", solution.replace(old, new))
    assert outcome.headline == "Agreement is broken" and outcome.runs["Agreement is broken"].violations
