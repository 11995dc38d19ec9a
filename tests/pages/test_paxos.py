"""The chapter on Paxos in the built book: its widgets and its exam, with the page's own Python."""

import re

import pytest

from consensus_lab.exercises import synod_exam
from tests.browser import pages
from tests.pages.test_exercise import SLOW, check, exercise_of, headline, write

WRONG = synod_exam.starter.replace("durable = ()", 'durable = ("promised", "accepted")')  # and no condition anywhere
KEPT, BROKEN = "Accept(ballot, value) if ballot >= self.promised:", "Accept(ballot, value):"


@pytest.fixture(scope="module")
def solution(site):
    """The folded solution of the exam, as the chapter has it."""
    from tests.notebooks.test_solutions import folded_solutions

    return folded_solutions()["synod_exam"]


@pytest.fixture(scope="module")
def page(chromium, live_site):
    """The chapter, where Python answers; it starts once for all tests of this file."""
    with pages(chromium) as new_page:
        page = new_page()
        page.set_default_timeout(SLOW)
        page.goto(f"{live_site}/book/paxos.html")
        yield page


def headline_of(exercise, code):
    write(exercise, code)
    check(exercise)
    return headline(exercise)


def test_the_exam_is_failed_with_a_wrong_answer_that_plays_its_run_and_passed_with_a_right_one(page, solution):
    exercise = exercise_of(page, synod_exam.title)
    assert headline_of(exercise, WRONG) == "Agreement is broken"
    stage = exercise.locator(".cl-scene .cl-stage")
    stage.locator("[data-do=end]").click()
    stage.locator(".cl-chip.broken", has_text="Agreement").wait_for()
    assert solution.count(KEPT) == 1
    assert headline_of(exercise, solution.replace(KEPT, BROKEN)) == "Agreement is broken"
    assert headline_of(exercise, solution) == "Passed"
    assert exercise.locator(".cl-lines .holds").count() == len(synod_exam.cases)


def test_the_derivation_and_the_duel_are_answered_by_the_pages_own_python(page):
    derive, duel = page.locator(".cl-derive"), page.locator(".cl-duel")
    derive.scroll_into_view_if_needed()
    derive.locator("[data-guess=stuck]").click()
    derive.get_by_role("button", name="Search again, now").click()
    derive.get_by_text(re.compile("492 configurations in .* the same as recorded")).wait_for()
    duel.scroll_into_view_if_needed()
    duel.get_by_role("button", name="After a random wait").click()
    moves = duel.locator(".cl-moves")
    moves.locator("[data-move]", has_text="B proposes blue").click()
    moves.locator("[data-move]", has_text="B → C Prepare").click()
    moves.locator("[data-move]", has_text="C → B Promise").wait_for()
    duel.get_by_role("button", name="Let time pass").click()
    moves.locator("[data-move]", has_text="C → B Promise").click()
    moves.locator("[data-lead=decided]").first.click()
    duel.locator(".cl-standing", has_text="Nobody knows it yet").wait_for()
