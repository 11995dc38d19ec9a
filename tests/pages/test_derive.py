"""Derive it, on a page of its own, in a real browser."""

import pytest

from consensus_lab.experiments.synod_derivation import DETOURS, DRAFTS
from consensus_lab.widgets import Derive
from tests.pages.alone import PYTHON, open_alone

TITLES = {draft.protocol.__name__: draft.title for draft in (*DRAFTS, *DETOURS)}
STEPS = [draft.protocol.__name__ for draft in DRAFTS]
WORDS = {"holds": "It holds", "disagrees": "Two nodes disagree", "stuck": "It gets stuck"}


@pytest.fixture(scope="module")
def widget():
    return Derive()


@pytest.fixture
def derive(new_page, tmp_path, widget):
    """Opens a page with the derivation, at the first draft; without Python where it is not asked for."""

    def derive(request="null", **options):
        page = new_page(**{"width": 892, "reduced_motion": "reduce", **options})
        open_alone(page, widget, tmp_path, request)
        page.locator("[data-guess]").first.wait_for()
        return page

    return derive


def title(page):
    return page.locator("h4").inner_text().split("\n")[-1]


def plays_to_the_bitter_end(page, place, draft):
    """True where the stage there shows the draft's run, and at its end the property that it breaks."""
    stage = page.locator(f"{place} .cl-scene .cl-stage")
    stage.wait_for()
    assert draft["name"] in stage.locator(".cl-meta").inner_text()
    stage.locator("[data-do=end]").click()
    stage.locator(".cl-chip.broken", has_text=draft["found"]["breaks"]).wait_for()
    events = draft["found"]["events"]
    return stage.locator(".cl-count").inner_text().startswith(f"{events} / {events}")


def test_every_refuted_draft_plays_its_counterexample_in_the_page_and_needs_no_python(derive, widget):
    page, drafts = derive(), {draft["name"]: draft for draft in widget.payload["drafts"]}
    played = set()
    for step, name in enumerate(STEPS):
        draft, right = drafts[name], STEPS[step + 1] if step + 1 < len(STEPS) else None
        assert title(page) == TITLES[name] and page.locator(".cl-verdict").count() == 0  # predict before reveal
        page.locator("[data-guess=disagrees]").click()
        assert WORDS[draft["found"]["kind"]] in page.locator(".cl-verdict h5").inner_text()
        if draft["found"]["breaks"]:
            assert plays_to_the_bitter_end(page, ".cl-verdict", draft)
            played.add(name)
        for mend in draft["mends"]:
            page.locator(f"[data-mend={mend}]").click()
            if mend != right:
                assert plays_to_the_bitter_end(page, ".cl-attempt", drafts[mend])
                played.add(mend)
        if right:
            page.locator(f"[data-mend={right}]").click()
            page.locator("[data-go]").click()
    assert played == set(drafts) - {"Synod"}
    assert "nothing breaks it" in page.locator(".cl-verdict").inner_text()


def test_a_prediction_is_held_against_what_is_found(derive):
    page = derive()
    page.get_by_role("button", name="It can get stuck").click()
    assert "as you said" in page.locator(".cl-verdict").inner_text()
    assert page.evaluate("document.activeElement.className") == "cl-part cl-verdict"
    assert page.locator("[role=status].vh").inner_text().startswith("It gets stuck. 5 events do it")
    page.locator("[data-mend=ManyRounds]").click()
    page.locator("[data-go]").click()
    page.get_by_role("button", name="It holds").click()
    assert "you said otherwise" in page.locator(".cl-verdict").inner_text()
    assert all(button.is_disabled() for button in page.locator("[data-guess]").all())


def test_what_was_done_survives_a_reload_until_it_is_begun_anew(derive):
    page = derive()
    assert page.get_by_role("button", name="Start over").count() == 0
    page.locator("[data-guess=holds]").click()
    page.locator("[data-mend=HalfIsEnough]").click()
    page.locator("[data-mend=ManyRounds]").click()
    page.locator("[data-go]").click()
    page.reload()
    page.locator("h4").wait_for()
    assert title(page) == "Many rounds" and page.locator(".cl-verdict").count() == 0
    page.locator("[data-step='0']").click()
    assert page.locator("[data-guess=holds]").get_attribute("aria-pressed") == "true"
    assert page.locator("[data-mend=HalfIsEnough]").get_attribute("data-look") == "wrong"
    assert page.locator("[data-mend=ManyRounds]").get_attribute("data-look") == "right"
    page.get_by_role("button", name="Start over").click()
    assert page.locator(".cl-verdict").count() == 0 and page.locator("[data-step='1']").is_disabled()


NONSENSE = '{"at": 9, "reached": "x", "said": {"Synod": 1}, "tried": {"OneRound": "<b>"}}'


@pytest.mark.parametrize("kept", ["{", "[]", NONSENSE])
def test_what_was_kept_and_makes_no_sense_is_left_alone(derive, kept):
    page = derive()
    page.evaluate("kept => localStorage.setItem('consensus-lab derive', kept)", kept)
    page.reload()
    page.locator("[data-guess]").first.wait_for()
    assert title(page) == "One round" and page.locator(".cl-verdict").count() == 0


def test_a_step_that_is_not_reached_keeps_its_name_to_itself(derive):
    page = derive()
    assert page.locator(".cl-steps").inner_text().count("…") == 5
    assert "Many rounds" not in page.locator(".cl-derive-box").inner_text()
    page.locator("[data-guess=stuck]").click()
    page.locator("[data-mend=ManyRounds]").click()
    assert page.get_by_role("button", name="Draft 2: Many rounds").is_enabled()


def test_python_searches_anew_and_finds_the_same(derive):
    page = derive(PYTHON)
    page.locator("[data-guess=stuck]").click()
    page.get_by_role("button", name="Search again, now").click()
    page.get_by_text("the same as recorded").wait_for()
    assert page.locator(".cl-verdict > .cl-tools .cl-note").inner_text().startswith("492 configurations in ")


def test_without_python_a_search_says_what_is_missing(derive):
    page = derive()
    page.locator("[data-guess=stuck]").click()
    page.get_by_role("button", name="Search again, now").click()
    page.get_by_text("There is no Python here to search with.").wait_for()


def test_the_keyboard_is_enough(derive):
    page = derive()
    page.locator("[data-guess=holds]").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.locator("[data-guess=disagrees]").get_attribute("aria-pressed") == "true"
    page.locator("[data-mend=ManyRounds]").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert title(page) == "Many rounds" and page.evaluate("document.activeElement.tagName") == "H4"


def test_the_counterexample_plays_by_itself_where_motion_is_welcome(derive):
    page = derive(reduced_motion="no-preference")
    page.locator("[data-guess=stuck]").click()
    page.wait_for_function("widget.stage?.playing")


def test_what_was_there_before_comes_back(derive):
    page = derive()
    page.evaluate("widget.destroy()")
    assert page.locator("#here").inner_text() == "What was there before"


@pytest.mark.parametrize("options", [{}, {"width": 390, "color_scheme": "dark"}, {"width": 320}], ids=str)
def test_it_fits_and_can_be_read(derive, axe, options):
    page = derive(**options)
    assert axe(page) == []
    page.locator("[data-guess=holds]").click()
    page.locator("[data-mend=ManyRounds]").click()
    page.locator("[data-go]").click()
    page.locator("[data-guess=holds]").click()
    page.locator("[data-mend=AskAnyone]").click()
    page.locator(".cl-attempt .cl-stage").wait_for()
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
