"""The duel, on a page of its own, in a real browser, with the real Python to answer it."""

import pytest

from consensus_lab.widgets import Duel
from tests.pages.alone import PYTHON, open_alone


@pytest.fixture(scope="module")
def widget():
    return Duel()


@pytest.fixture
def game(new_page, tmp_path, widget):
    """Opens a page with the duel and waits for what it offers: (page, its list of moves)."""

    def game(request=PYTHON, **options):
        page = new_page(**{"width": 892, "reduced_motion": "reduce", **options})
        open_alone(page, widget, tmp_path, request)
        moves = page.locator(".cl-moves")
        moves.locator("[data-move]").first.wait_for()
        return page, moves

    return game


def wait_for(page, k):
    page.wait_for_function("k => widget.game.stage?.step === k && !widget.game.stage.playing", arg=k)


def do(page, moves, k, text):
    moves.locator("[data-move]", has_text=text).first.click()
    wait_for(page, k)


def tool(page, name):
    return page.locator(".cl-game > .cl-tools").get_by_role("button", name=name)


def score(page):
    return [page.locator(".cl-number b.num").nth(i).inner_text() for i in (0, 1)]


def pick(page, mode):
    page.get_by_role("button", name=mode).click()
    page.locator(".cl-moves [data-move]", has_text="A proposes").wait_for()


def test_a_ballot_is_outbid_by_hand_and_a_value_chosen_ends_the_duel(game):
    page, moves = game()
    do(page, moves, 1, "A proposes red")
    do(page, moves, 2, "A → C Prepare")
    do(page, moves, 3, "C → A Promise")
    assert score(page) == ["0", "2"]
    chosen = moves.locator("[data-lead=decided]")
    assert chosen.count() == 2 and "chosen" in chosen.first.inner_text()
    do(page, moves, 4, "B proposes blue")
    do(page, moves, 5, "B → C Prepare")
    assert score(page) == ["1", "3"] and page.locator(".cl-standing").inner_text() == "Nothing is chosen yet."
    assert page.locator(".cl-number.best span").inner_text() == "1 ballot outbid"
    assert "has waited for 4 events" in page.locator(".cl-oldest").inner_text()
    do(page, moves, 6, "C → B Promise")
    do(page, moves, 7, "B → C Accept")
    assert "Blue was chosen at step 7" in page.locator(".cl-standing").inner_text()
    assert "Nobody knows it yet" in page.locator(".cl-standing").inner_text()
    assert moves.locator("[data-lead]").count() == 0
    tool(page, "Undo").click()
    wait_for(page, 6)
    assert page.locator(".cl-standing").inner_text() == "Nothing is chosen yet."


def test_with_a_clock_time_passes_and_backoff_wins(game):
    page, moves = game()
    pick(page, "After a random wait")
    assert moves.locator("[data-move]", has_text="Timer").count() == 0
    for k in range(1, 60):
        tool(page, "Let time pass").click()
        page.wait_for_function("k => widget.game.stage?.step >= k && !widget.game.stage.playing", arg=k)
        if page.evaluate("widget.game.chosen"):
            break
    assert "was chosen at step" in page.locator(".cl-standing").inner_text()
    assert float(page.locator(".cl-number b.num").nth(2).inner_text()) > 4


def test_what_the_clock_does_before_the_readers_event_is_shown_with_it(game):
    page, moves = game()
    pick(page, "After a random wait")
    do(page, moves, 1, "A proposes red")
    tool(page, "Let time pass").click()
    wait_for(page, 2)  # B has proposed
    do(page, moves, 5, "B → C Prepare")  # what A has sent was due before


def test_it_shows_how_without_any_python_and_says_what_that_proves(game):
    page, _ = game(request="null")
    tool(page, "Show me how").click()
    page.get_by_text("That is the run that the last chapter promised").wait_for()
    page.locator("[data-do=end]").click()
    page.wait_for_function("widget.game.stage.step > 50")
    assert score(page)[0] == "7" and page.locator(".cl-number.best").is_hidden()  # it is not the reader's score
    page.get_by_role("button", name="Through a favorite").click()
    tool(page, "Show me how").click()
    page.get_by_text("There is nobody to outbid.").wait_for()
    page.locator("[data-do=end]").click()
    page.get_by_text("The duel is over.").wait_for()


def test_without_python_a_click_says_what_is_missing(game):
    page, moves = game(request="null")
    pick(page, "Again at once")
    tool(page, "Let time pass").click()
    page.get_by_text("There is no Python here to play with.").wait_for()


def test_it_is_begun_anew_and_the_best_of_each_mode_outlives_a_reload(game):
    page, moves = game()
    do(page, moves, 1, "A proposes red")
    do(page, moves, 2, "B proposes blue")
    do(page, moves, 3, "B → C Prepare")
    assert score(page)[0] == "1"
    tool(page, "Start again").click()
    wait_for(page, 0)
    assert score(page) == ["0", "0"] and tool(page, "Undo").is_disabled()
    pick(page, "Again at once")
    assert page.locator(".cl-number.best").is_hidden()
    page.reload()
    page.locator(".cl-number.best").wait_for()
    assert page.locator(".cl-number.best span").inner_text() == "1 ballot outbid"


def test_the_keyboard_is_enough(game):
    page, moves = game()
    moves.locator("button").first.focus()
    page.keyboard.press("Enter")
    wait_for(page, 1)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    wait_for(page, 2)
    page.keyboard.press("Backspace")
    wait_for(page, 1)


def test_what_was_there_before_comes_back(game):
    page, _ = game()
    page.evaluate("widget.destroy()")
    assert page.locator("#here").inner_text() == "What was there before"


@pytest.mark.parametrize("options", [{}, {"width": 390, "color_scheme": "dark"}, {"width": 320}], ids=str)
def test_it_fits_and_can_be_read(game, axe, options):
    page, moves = game(**options)
    assert axe(page) == []
    do(page, moves, 1, "A proposes red")
    do(page, moves, 2, "A → C Prepare")
    do(page, moves, 3, "C → A Promise")
    assert axe(page) == []
    do(page, moves, 4, "A → C Accept")
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
