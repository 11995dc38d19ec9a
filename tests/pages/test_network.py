"""You are the network, on a page of its own, in a real browser, with the real Python to answer it."""

import pytest

from consensus_lab import System
from consensus_lab.protocols import BenOr, Coordinator, MajorityVote
from consensus_lab.widgets import Network
from tests.pages.alone import PYTHON, open_alone

SIGNS = {"open": "svg", "red only": ".sw[data-slot='0']", "blue only": ".sw[data-slot='1']", "stuck": ".cl-i"}


@pytest.fixture
def game(new_page, tmp_path):
    """Opens a page with one game against these opponents and waits for what it offers: (page, its list of moves)."""

    def game(*opponents, request=PYTHON, **options):
        one = opponents[0] if isinstance(opponents[0], dict) else list(opponents)
        page = new_page(**{"width": 892, "reduced_motion": "reduce", **options})
        open_alone(page, Network(one), tmp_path, request)
        moves = page.locator(".cl-moves")
        moves.locator("[data-lead]").first.wait_for()
        return page, moves

    return game


def tools(page, name):
    return page.locator(".cl-game > .cl-tools").get_by_role("button", name=name)


def wait_for(page, k, known=True):
    """Until the stage is at step `k`, and what can happen next has its signs."""
    page.wait_for_function("k => widget.game.stage.step === k && !widget.game.stage.playing", arg=k)
    if known:
        page.wait_for_function("widget.game.view && !document.querySelector('.cl-game.thinking')")


def do(page, moves, k, text):
    moves.locator("[data-move]", has_text=text).first.click()
    wait_for(page, k)


def state(page):
    return page.locator(".cl-game").get_attribute("data-state")


def score(page):
    return [page.locator(f".cl-number.{what} b").inner_text() for what in ("kept", "rounds")]


def test_each_move_says_where_it_leads_by_a_word_and_a_sign(game):
    page, moves = game(Coordinator)
    words = [row.inner_text().split("\n") for row in moves.locator("[data-lead]").all()]
    assert [row[-1] for row in words] == ["open", "open", "blue only", "red only", "stuck"]
    for row in moves.locator("[data-lead]").all():
        assert row.locator(f".cl-lead {SIGNS[row.inner_text().split(chr(10))[-1]]}").count() == 1


def test_a_move_is_made_scored_undone_and_begun_anew(game):
    page, moves = game(MajorityVote)
    do(page, moves, 1, "A proposes red")
    assert state(page) == "open" and score(page) == ["1", "0"]
    do(page, moves, 2, "B proposes blue")
    assert score(page) == ["2", "1"] and "Red and blue" in page.locator(".cl-standing").inner_text()
    tools(page, "Undo").click()
    wait_for(page, 1)
    assert score(page) == ["1", "0"]
    do(page, moves, 2, "A → C VoteFor red")
    assert page.locator(".cl-count b").inner_text() == "2" and page.locator(".cl-roads").is_hidden()  # one road
    tools(page, "Start again").click()
    wait_for(page, 0)
    assert score(page) == ["0", "0"] and tools(page, "Undo").is_disabled()
    assert page.evaluate("document.activeElement.textContent") == "Start again"


def test_to_click_a_message_is_to_deliver_it(game):
    page, moves = game(Coordinator)
    do(page, moves, 1, "A proposes red")
    page.locator(".cl-ring .msg").click()
    wait_for(page, 2)
    assert page.locator(".cl-insp").is_hidden() and state(page) == "decided"


def test_when_it_is_settled_the_step_is_named_and_the_score_stays(game):
    page, moves = game(MajorityVote)
    do(page, moves, 1, "A proposes red")
    do(page, moves, 2, "B proposes blue")
    do(page, moves, 3, "A → C VoteFor red")
    settled = "Step 3, taken by C (A → C VoteFor red), settled it: only red can be decided."
    assert page.locator(".cl-standing").inner_text() == settled and state(page) == "only"
    assert page.locator(".cl-standing .sw[data-slot='0']").count() == 1
    moves.locator("[data-move]").first.click()
    wait_for(page, 4)
    assert score(page) == ["2", "1"] and page.locator(".cl-number.best span").inner_text() == "2 events, 1 round"


def test_what_has_waited_longest_is_marked_and_grows_louder(game):
    page, moves = game(MajorityVote)
    loud = "document.querySelector('.cl-oldest').style.getPropertyValue('--loud')"
    do(page, moves, 1, "A proposes red")
    assert "The proposal of B, blue, has waited for 1 event" in page.locator(".cl-oldest").inner_text()
    before = float(page.evaluate(loud))
    do(page, moves, 2, "A → B Voted red")
    assert "waits 2" in moves.locator("[data-move]", has_text="B proposes").inner_text()
    assert float(page.evaluate(loud)) > before


def test_the_hint_marks_the_adversarys_move_and_says_why(game):
    page, moves = game(Coordinator)
    do(page, moves, 1, "A proposes red")
    do(page, moves, 2, "B proposes blue")
    tools(page, "Hint").click()
    moves.locator("[data-hint=true]").wait_for()
    assert moves.locator("[data-hint=true]").inner_text().split("\n")[0] == "C"
    assert "Without C nobody can ever tell" in page.locator(".cl-why").inner_text()
    page.keyboard.press("Enter")  # the move has the focus
    wait_for(page, 3)
    assert state(page) == "stuck" and "Nobody can do without C" in page.locator(".cl-standing").inner_text()
    assert page.locator(".cl-number.best span").inner_text() == "stuck forever after 2 events, 1 round"


def test_the_adversary_plays_until_its_end_and_that_is_not_your_score(game):
    page, _ = game(Coordinator)
    tools(page, "Let the adversary play").click()
    page.get_by_text("Nobody will ever decide.").wait_for()
    wait_for(page, 3)
    assert state(page) == "stuck" and page.locator(".cl-number.best").is_hidden()
    assert tools(page, "Let the adversary play").count() == 1


def test_where_it_can_go_on_forever_it_plays_round_after_round_until_it_is_stopped(game):
    page, moves = game(BenOr)
    page.locator(".cl-speed input").fill("3")
    tools(page, "Let the adversary play").click()
    page.wait_for_function("widget.game.stage.step > 8", timeout=60_000)  # beyond its second round
    tools(page, "Stop").click()
    k = page.evaluate("widget.game.stage.step")
    wait_for(page, k)
    assert state(page) == "open" and not page.evaluate("widget.game.auto")
    moves.locator("[data-move]").first.click()
    wait_for(page, k + 1, known=False)


def test_opponents_are_changed_and_the_best_of_each_outlives_a_reload(game):
    page, moves = game(Coordinator, MajorityVote)
    do(page, moves, 1, "A proposes red")
    page.get_by_role("button", name="Majority vote").click()
    moves.locator("[data-lead]").first.wait_for()
    assert page.locator(".cl-meta").inner_text().startswith("MajorityVote")
    assert page.locator(".cl-number.best").is_hidden()
    page.reload()
    page.locator(".cl-number.best").wait_for()
    assert page.locator(".cl-number.best span").inner_text() == "1 event, 0 rounds"


def test_without_python_the_start_has_its_signs_and_a_click_says_what_is_missing(game):
    page, moves = game(Coordinator, request="null")
    assert moves.locator("[data-lead]").count() == 5
    moves.locator("[data-move]").first.click()
    page.get_by_text("Open the chapter in a notebook to change it.").wait_for()
    tools(page, "Hint").click()
    page.get_by_text("There is no Python here to play against.").wait_for()


def test_the_keyboard_is_enough(game):
    page, moves = game(Coordinator)
    moves.locator("button").first.focus()
    page.keyboard.press("Enter")
    wait_for(page, 1)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    wait_for(page, 2)
    page.keyboard.press("Backspace")
    wait_for(page, 1)


def test_names_are_never_markup(game):
    evil = "<img src=x onerror=alert(1)>"
    page, moves = game({evil: System(Coordinator, 2, {0: evil, 1: "blue"}, names=["A<b>", "B"])})
    do(page, moves, 1, evil)
    assert page.locator("#here img, #here h3 b, .cl-foes b").count() == 0
    assert evil in page.locator(".cl-standing").inner_text() and evil in page.locator(".cl-foes").inner_text()


def test_what_was_there_before_comes_back(game):
    page, _ = game(Coordinator)
    page.evaluate("widget.destroy()")
    assert page.locator("#here").inner_text() == "What was there before"


@pytest.mark.parametrize("options", [{}, {"width": 390, "color_scheme": "dark"}, {"width": 320}], ids=str)
def test_it_fits_and_can_be_read(game, axe, options):
    page, moves = game(Coordinator, MajorityVote, **options)
    assert axe(page) == []
    do(page, moves, 1, "A proposes red")
    do(page, moves, 2, "B proposes blue")
    tools(page, "Hint").click()
    moves.locator("[data-hint=true]").wait_for()
    assert axe(page) == []
    do(page, moves, 3, "A → C Initialize red")
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
