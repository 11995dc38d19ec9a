"""The sweep on a page of its own, in a real browser, with the real Python to answer it."""

import json

import pytest

from consensus_lab.answers.answer import answer
from consensus_lab.widgets import Sweep
from tests.pages.alone import PYTHON, open_alone

NODES, SPREAD, LOSS = range(3)


@pytest.fixture(scope="module")
def widget():
    return Sweep("split", seeds=40)


@pytest.fixture
def sweep(new_page, tmp_path, widget):
    """Opens a page with one sweep; `request` is the source of a JavaScript function, by default one that asks here."""

    def sweep(request=PYTHON, payload=None, **options):
        page = new_page(**{"width": 892, **options})
        open_alone(page, widget, tmp_path, request, payload)
        return page

    return sweep


def set_slider(page, which, at):
    page.locator(".settings input").nth(which).fill(str(at))


def wait_until_done(page, runs):
    page.wait_for_function("runs => !widget.running && widget.result.runs === runs", arg=runs)


def shares(page):
    return page.locator(".how b").all_inner_texts()


def test_it_shows_what_is_recorded_without_python(sweep, widget):
    page = sweep("null")
    first = widget.payload["recorded"][2]
    assert shares(page) == [row["text"] for row in first["rows"]]
    assert page.locator(".cl-say").inner_text() == first["say"]
    set_slider(page, NODES, 3)
    assert shares(page)[2] == "0.0%" and "none ever will" in page.locator(".cl-say").inner_text()
    assert page.locator(".cl-tools .key").inner_text() == "before: 4 nodes, spread 1, no loss"
    set_slider(page, LOSS, 4)
    assert "Open the chapter in a notebook" in page.locator(".cl-note").inner_text()
    assert page.evaluate("widget.result.point.loss") == 0


def test_the_distribution_comes_in_batch_by_batch_and_is_what_python_counts(sweep):
    page = sweep()
    page.evaluate("window.seen = []; new MutationObserver(() => seen.push(widget.result.runs))"
                  ".observe(document.querySelector('.cl-meta'), { childList: true })")  # fmt: skip
    set_slider(page, SPREAD, 5)
    wait_until_done(page, 1000)
    seen = page.evaluate("seen")
    assert len(set(seen)) > 4 and seen == sorted(seen) and seen[-1] == 1000
    counts = {}
    for _ in range(4):
        point = {"n": 4, "spread": 0.7, "loss": 0}
        batch = {"do": "sweep", "experiment": "split", "point": point, "counts": counts, "seeds": 250}
        counts = answer(batch)["sweep"]["counts"]
    assert page.evaluate("widget.result.counts") == counts
    assert page.locator(".cl-meta").inner_text() == "1,000 votes"
    assert page.locator("[role=status]").inner_text() == page.locator(".cl-say").inner_text()


def test_stop_and_more(sweep):
    page = sweep()
    page.get_by_role("button", name="960 more votes").click()
    page.wait_for_function("widget.result.runs > 60")
    page.get_by_role("button", name="Stop").click()
    stopped = page.evaluate("widget.result.runs")
    page.wait_for_timeout(300)
    assert page.evaluate("widget.result.runs") == stopped < 1000
    page.get_by_role("button", name="more votes").click()
    wait_until_done(page, 1000)
    page.get_by_role("button", name="1,000 more votes").click()
    page.wait_for_function("widget.result.runs > 1000")


def test_a_setting_seen_before_is_there_at_once_and_a_late_answer_is_dropped(sweep):
    page = sweep()
    set_slider(page, LOSS, 5)
    page.wait_for_function("widget.running && widget.result.runs > 0")
    set_slider(page, LOSS, 0)
    assert page.evaluate("[widget.running, widget.result.runs, widget.result.point.loss]") == [False, 40, 0]
    page.wait_for_timeout(300)
    assert page.evaluate("[widget.result.runs, widget.result.point.loss]") == [40, 0]
    set_slider(page, LOSS, 5)
    assert page.evaluate("widget.result.runs") > 0


@pytest.mark.parametrize(
    "request_, told",
    [
        ("async () => ({ error: 'n is 99 <img src=x>' })", "n is 99 <img src=x>"),
        ("async () => { throw new Error('Python did not start.') }", "Python did not start."),
        ("async () => null", "There was no answer."),
    ],
)
def test_trouble_is_told_and_the_record_stays(sweep, request_, told):
    page = sweep(request_)
    page.get_by_role("button", name="more votes").click()
    page.wait_for_function("document.querySelector('.cl-note').textContent !== ''")
    assert page.locator(".cl-note").inner_text() == told
    assert page.evaluate("[widget.result.runs, widget.running]") == [40, False]


def test_text_is_never_markup(sweep, widget):
    evil = "<img src=x onerror=alert(1)>"
    payload = json.loads(json.dumps(widget.payload))
    payload["title"] = payload["settings"][0]["label"] = evil
    for result in payload["recorded"]:
        result["say"] = result["name"] = result["rows"][0]["label"] = result["rows"][0]["between"] = evil
    page = sweep(payload=payload)
    set_slider(page, NODES, 1)
    assert page.locator("img, #here script").count() == 0
    assert page.locator(".cl-title").inner_text() == evil


def test_keys_move_the_sliders_and_name_them(sweep):
    page = sweep()
    slider = page.get_by_role("slider", name="Nodes")
    slider.focus()
    page.keyboard.press("ArrowRight")
    assert page.evaluate("widget.result.point.n") == 5
    assert page.get_by_role("slider", name="Messages lost").get_attribute("aria-valuetext") == "none"


def test_taking_it_down_brings_back_what_was_there(sweep):
    page = sweep()
    page.evaluate("widget.destroy()")
    assert page.locator("#here").inner_text() == "What was there before"


@pytest.mark.parametrize("options", [{}, {"width": 320}, {"color_scheme": "dark"}], ids=["wide", "phone", "dark"])
def test_it_fits_and_can_be_read(sweep, axe, options):
    page = sweep(**options)
    set_slider(page, LOSS, 5)
    page.wait_for_function("widget.result.runs > 100 && widget.result.counts.waits")
    page.get_by_role("button", name="Stop").click()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert axe(page) == []


def test_the_still_picture_says_the_same(page, widget):
    page.set_content(f'<html lang="en"><title>Picture</title>{widget.picture.image}')
    assert page.locator("img").evaluate("image => image.decode().then(() => image.naturalWidth)") == 700
    first = widget.payload["recorded"][2]
    assert first["say"] in widget.picture.alt and first["rows"][2]["text"] in widget.picture.svg
