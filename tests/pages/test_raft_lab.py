"""The playground for Raft in a real browser, with the real Python to answer it."""

import pytest

from consensus_lab.answers.raft_lab import RULES
from consensus_lab.widgets import RaftLab
from tests.pages.alone import open_alone


@pytest.fixture(scope="module")
def lab():
    return RaftLab()


@pytest.fixture
def opened(new_page, lab, tmp_path):
    def open_(request=None, **options):
        page = new_page(**options)
        open_alone(page, lab, tmp_path, *([request] if request else []))
        page.locator(".cl-moves").wait_for(state="attached")
        return page

    return open_


def go(page, k):
    page.evaluate("k => widget.stage.goTo(k, 0)", k)


def pick(page, name, text):
    page.get_by_role("group", name=name, exact=True).get_by_role("button", name=text, exact=True).click()


def start_anew(page):
    page.get_by_role("button", name="Start anew").click()
    page.locator(".cl-note .bar").wait_for(state="detached")
    page.evaluate("widget.stage.pause()")


def test_each_rule_can_be_broken_and_its_property_lights_up(opened):
    page = opened()
    assert page.locator(".cl-chip.broken").count() == 0
    for number in range(1, len(RULES)):
        page.locator(".cl-pick select").select_option(str(number))
        go(page, 1_000)
        assert page.locator(".cl-chip.broken").count() >= 1, list(RULES)[number]


def test_a_new_start_has_the_servers_and_the_timers_that_were_chosen(opened):
    page = opened()
    pick(page, "Servers", "5")
    pick(page, "Election timeouts", "all alike")
    start_anew(page)
    go(page, 1_000)
    assert page.locator(".cl-ring .node").count() == 5
    assert "RaftAlike, 5 nodes" in page.locator(".cl-meta").inner_text()
    assert page.locator('.node[data-state="decided"]').count() == 0
    pick(page, "Election timeouts", "drawn at random")
    start_anew(page)
    go(page, 1_000)
    assert page.locator('.node[data-state="decided"]').count() == 5


def test_who_is_cut_off_stays_behind_while_it_runs(opened):
    page = opened()
    pick(page, "Cut off", "A")
    assert page.locator(".cl-told").inner_text() == (
        "While it runs by itself, nothing gets from A to B and C, or back."
    )
    go(page, 1_000)
    page.get_by_role("button", name="Let it run").click()
    page.locator(".cl-roads").get_by_role("button", name="Road 2").wait_for()
    page.evaluate("widget.stage.pause()")
    go(page, 1_000)
    roles = page.locator(".cl-logs .who").all_inner_texts()
    assert [("T2" in role, "leader" in role) for role in roles] == [(False, True), (True, True), (True, False)]


def test_a_server_can_be_stopped_and_forgets_what_is_not_durable(opened):
    page = opened()
    go(page, 40)
    page.locator('.cl-ring .node[data-node="1"]').click()
    page.get_by_role("button", name="Crash", exact=True).click()
    page.locator('.node[data-node="1"][data-state="crashed"]').wait_for()
    page.get_by_role("button", name="Restart", exact=True).click()
    page.locator('.node[data-node="1"]:not([data-state="crashed"])').wait_for()
    fields = dict(zip(page.locator(".cl-insp dt").all_inner_texts(), page.locator(".cl-insp dd").all_inner_texts()))
    assert (fields["commit"], fields["applied"], fields["term"], fields["log"]) == ("0", "0", "1", "2 entries")


def test_a_server_can_be_sent_any_command(opened):
    page = opened()
    go(page, 40)
    page.locator('.cl-ring .node[data-node="0"]').click()
    page.get_by_role("button", name="Propose…").click()
    page.get_by_label("Another value").fill("tea")
    page.get_by_label("Another value").press("Enter")
    page.locator(".cl-logs").get_by_text("tea").first.wait_for()


def test_without_python_it_plays_what_is_recorded(opened):
    page = opened("null")
    assert page.locator(".cl-panel").count() == 0
    page.locator(".cl-pick select").select_option("7")
    go(page, 1_000)
    assert page.locator(".cl-chip.broken").count() == 2


@pytest.mark.parametrize("options", [{}, {"color_scheme": "dark"}, {"width": 390}])
def test_it_breaks_no_rule_of_axe_and_fits_a_phone(opened, axe, options):
    page = opened(**options)
    assert not axe(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_what_was_there_before_comes_back(opened):
    page = opened()
    page.evaluate("widget.destroy()")
    assert page.locator("#here").inner_text() == "What was there before"
