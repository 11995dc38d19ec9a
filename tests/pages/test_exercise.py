"""Exercises in the built book: the reader types a protocol, and the page's own Python tears it apart."""

import re

import pytest

from consensus_lab.exercises import keep_promise
from tests.browser import pages, resize

SLOW = 90_000  # milliseconds: Python has to start
FIELD = "    value: str | None = None\n"
MENDED = keep_promise.starter.replace(FIELD, f'{FIELD}    durable = ("value",)\n')
ENDLESS = keep_promise.starter.replace("self.value = value", "while True: pass")


def open_exercise(page, site, chapter="consensus", title=keep_promise.title, editor=".cm-editor"):
    """Open a page at the exercise of that title and wait for its editor."""
    page.set_default_timeout(SLOW)
    page.goto(f"{site}/book/{chapter}.html")
    return exercise_of(page, title, editor)


def exercise_of(page, title, editor=".cm-editor"):
    exercise = page.locator(".cl-exercise").filter(has=page.get_by_role("heading", name=title, level=3))
    exercise.scroll_into_view_if_needed()
    exercise.locator(editor).wait_for()
    return exercise


@pytest.fixture(scope="module")
def open_chapter(chromium, live_site):
    """A page that the tests of this file share: Python starts in it once."""
    with pages(chromium) as new_page:
        page = new_page()
        open_exercise(page, live_site)
        yield page


@pytest.fixture
def exercise(open_chapter):
    """The first exercise of the book, as it was handed out."""
    exercise = open_chapter.locator(".cl-exercise").first
    write(exercise, keep_promise.starter)
    return exercise


def write(exercise, code):
    exercise.get_by_role("textbox").click()
    exercise.page.keyboard.press("Control+a")
    exercise.page.keyboard.insert_text(code)


def check(exercise):
    exercise.get_by_role("button", name="Check").click()
    exercise.get_by_role("button", name="Check").wait_for()  # it is "Cancel" meanwhile


def headline(exercise):
    return exercise.locator(".cl-result h4").inner_text()


def test_a_wrong_protocol_is_refuted_by_a_run_that_plays_and_a_mended_one_passes(exercise):
    check(exercise)
    assert headline(exercise) == "Agreement is broken"
    assert exercise.locator(".cl-lines .broken").inner_text().endswith("at most one restart: 214 configurations")
    stage = exercise.locator(".cl-scene .cl-stage")
    stage.locator(".cl-chip.broken", has_text="Agreement").wait_for()  # it has played to the end by itself
    assert stage.locator(".node[data-state=decided]").count() >= 1
    stage.get_by_role("button", name="Let it run").click()  # a road of the reader's own protocol
    stage.locator(".cl-roads [data-road]").nth(1).wait_for()
    write(exercise, MENDED)
    assert exercise.locator(".cl-stale").is_visible()
    check(exercise)
    assert headline(exercise) == "Passed"
    assert exercise.locator(".cl-lines .holds").count() == 3 and not exercise.locator(".cl-stale").is_visible()


def test_a_protocol_that_the_chapter_defines_is_known_to_the_page(open_chapter):
    stage = open_chapter.locator(".cl-stage", has_text="TakeOver")
    stage.get_by_role("button", name="Let it run").click()
    stage.locator(".cl-roads [data-road]").nth(1).wait_for()


def test_an_error_is_marked_at_its_line_and_told(exercise):
    write(exercise, keep_promise.starter.replace("self.decide(value)", "self.decid(value)"))
    check(exercise)
    assert headline(exercise) == "Line 28 of your code"
    assert exercise.locator(".cl-bad-line").inner_text().strip() == "self.decid(value)"
    assert "has no attribute 'decid'" in exercise.locator(".cl-complaint").inner_text()
    write(exercise, "class Promise(:\n    pass")
    assert exercise.locator(".cl-bad-line").count() == 0  # until it is checked again
    exercise.get_by_role("textbox").press("Control+Enter")
    exercise.locator(".cl-complaint", has_text="This is not Python: invalid syntax.").wait_for()
    assert exercise.locator(".cl-scene").is_hidden()


def test_the_text_survives_a_reload_and_a_reset_can_be_undone(live_site, page):
    exercise = open_exercise(page, live_site)
    write(exercise, "# mine\n")
    exercise = open_exercise(page, live_site)
    assert exercise.locator(".cm-content").inner_text().strip() == "# mine"
    exercise.get_by_role("button", name="Reset").click()
    assert "class Promise" in exercise.locator(".cm-content").inner_text()
    exercise = open_exercise(page, live_site)  # even now nothing is lost
    exercise.get_by_role("button", name="Bring my text back").click()
    assert exercise.locator(".cm-content").inner_text().strip() == "# mine"


def test_a_loop_without_an_end_can_be_canceled_and_the_next_check_works(exercise):
    write(exercise, ENDLESS)
    exercise.get_by_role("button", name="Check").click()
    exercise.get_by_text("Checking every schedule…").wait_for()
    exercise.get_by_role("button", name="Cancel").click()
    exercise.get_by_text("Canceled. Your text is still here.").wait_for()
    write(exercise, MENDED)
    check(exercise)
    assert headline(exercise) == "Passed"


def test_without_the_editor_there_is_a_plain_one_and_a_loop_without_an_end_is_stopped_at_the_limit(live_site, page):
    def impatient(route):
        text, changes = re.subn(r"\b6e4\b", "2e3", route.fetch().text())  # the minute, as the bundle has it
        assert changes == 1
        route.fulfill(body=text, content_type="text/javascript")

    page.route("**/module-python-*.js*", impatient)
    page.route("**/module-editor-*.js*", lambda route: route.fulfill(body="", content_type="text/javascript"))
    exercise = open_exercise(page, live_site, editor="textarea")
    assert exercise.locator("textarea").input_value() == keep_promise.starter
    exercise.locator("textarea").fill(ENDLESS)
    check(exercise)
    assert "more than 60 seconds, so it was stopped" in exercise.locator(".cl-note").inner_text()
    exercise.locator("textarea").fill(MENDED)
    check(exercise)
    assert headline(exercise) == "Passed"
    exercise.locator("textarea").fill("class Promise(:\n    pass\n")
    check(exercise)
    assert headline(exercise) == "Line 1 of your code"
    selected = "area => area.value.slice(area.selectionStart, area.selectionEnd)"
    assert exercise.locator("textarea").evaluate(selected) == "class Promise(:"


def test_what_the_reader_writes_is_never_markup(exercise):
    evil = "<img src=x onerror=alert(1)>"
    write(exercise, MENDED.replace("self.decide(value)", f"self.decide({evil!r})").replace("Promise", "Évil"))
    check(exercise)
    assert headline(exercise) == "Validity is broken" and evil in exercise.locator(".cl-why").inner_text()
    assert exercise.locator("img").count() == 0


def test_the_editor_is_fetched_only_where_an_exercise_comes_near(live_site, page):
    asked = []
    page.on("request", lambda request: asked.append(request.url) if "module-editor" in request.url else None)
    page.goto(f"{live_site}/book/consensus.html")
    page.locator(".cl-stage .cl-box").first.wait_for()
    assert asked == []
    page.locator(".cl-exercise").first.scroll_into_view_if_needed()
    page.locator(".cm-editor").first.wait_for()
    assert len(asked) == 1


def test_the_keyboard_gets_out_of_the_editor(exercise):
    exercise.get_by_role("textbox").focus()
    exercise.page.keyboard.press("Tab")
    assert exercise.locator(".cm-content").evaluate("box => box.contains(document.activeElement)")
    exercise.page.keyboard.press("Escape")
    exercise.page.keyboard.press("Tab")
    assert exercise.page.evaluate("document.activeElement.textContent") == "Check"


def test_your_own_protocol_starts_from_a_template_in_a_system_that_you_choose(live_site, page, axe):
    page.emulate_media(reduced_motion="reduce")
    exercise = open_exercise(page, live_site, "your_protocol", "Your own protocol")
    write(exercise, "# mine")
    exercise.get_by_label("Start from").select_option(label="Gossip")
    exercise.get_by_label("Crashes").select_option("1")
    check(exercise)
    assert headline(exercise) == "Termination and Agreement are broken"
    options = exercise.get_by_label("Run", exact=True).locator("option").all_inner_texts()
    assert options == ["Termination is broken", "Agreement is broken"]
    it_fits_and_can_be_read(page, axe)
    exercise.get_by_role("button", name="Bring my text back").click()
    assert exercise.locator(".cm-content").inner_text() == "# mine"
    write(exercise, "class X(:\n")
    check(exercise)
    exercise.locator(".cl-complaint").wait_for()
    it_fits_and_can_be_read(page, axe)


def it_fits_and_can_be_read(page, axe):
    for width, scheme in [(320, "light"), (390, "dark"), (1280, "light")]:
        page.emulate_media(color_scheme=scheme)
        page.locator(f"html[data-theme={scheme}]").wait_for()
        resize(page, width)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert axe(page) == []
