"""The stage on pages of its own, in a real browser: every button, key and message, on scenes made by hand."""

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from consensus_lab.widgets.base import text_of
from tests.pages.alone import LOADER, MODULES
from tests.pages.stage_payloads import entry, payload, recorded, split, swarm

PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>A stage</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">
<style>body { margin: 0; font: 16px sans-serif } main { max-width: 860px; margin: auto; padding: 0 16px }
@media (prefers-color-scheme: dark) { body { background: #14181e; color: #ced6dd } }</style>
<link rel="stylesheet" href="stage.css">
<main><h1>A stage</h1><div id="stage" data-widget="stage"><p>What was there before</p></div></main>
<script type="module">
  %(loader)s
  const texts = %(modules)s, load = createLoader(async name => texts[name]);
  const { mount } = await load("stage");
  window.asked = []; window.frames = [];
  const request = %(request)s;
  const began = performance.now();
  const ask = request && ((message, { signal }) => { window.asked.push(message); return request(message, signal); });
  window.again = (place, payload) => mount(place, payload, { request: ask, load });
  window.stage = again(document.querySelector("#stage"), %(payload)s);
  window.loaded = performance.now() - began;
</script></html>"""


def script(value):
    return json.dumps(value).replace("<", "\\u003c")


@pytest.fixture
def stage(new_page, tmp_path):
    """Opens a page with one stage. `request` is the source of a JavaScript function of the message and the signal."""

    def stage(scenes, request="null", fragment="", prepare=None, **options):
        (tmp_path / "stage.css").write_text(text_of("stage.css"), encoding="utf-8")
        text = PAGE % {"loader": LOADER, "modules": script(MODULES), "request": request, "payload": script(scenes)}
        (tmp_path / "page.html").write_text(text, encoding="utf-8")
        page = new_page(**{"width": 892, **options})
        if prepare:
            prepare(page)
        page.goto((tmp_path / "page.html").as_uri() + fragment)
        page.wait_for_function("window.loaded !== undefined")
        return page

    return stage


def step(page):
    return page.evaluate("stage.step")


def wait_for_step(page, k):
    page.wait_for_function("k => stage.step === k && !stage.playing", arg=k)


def picture(page):
    """All that is drawn, to the pixel."""
    return [page.locator(part).screenshot() for part in (".cl-ring", ".cl-time", ".cl-list")]


def answer(scene):
    return f"async () => ({{ scene: {script(scene)} }})"


def test_play_moves_the_run_and_stops_at_its_end(stage):
    page = stage(recorded())
    assert step(page) == 0 and not page.evaluate("stage.playing")
    page.locator(".cl-speed input").fill("3")
    page.get_by_role("button", name="Play").click()
    assert page.evaluate("stage.playing")
    page.wait_for_function("stage.step > 3")
    wait_for_step(page, 16)
    assert page.locator(".cl-count").inner_text().startswith("16 / 16")
    assert page.get_by_role("button", name="Play").is_visible()


def test_play_at_the_last_step_begins_anew(stage):
    page = stage(recorded())
    page.evaluate("stage.goTo(16, 0)")
    page.get_by_role("button", name="Play").click()
    assert step(page) < 16 and page.evaluate("stage.playing")


def test_playing_shows_messages_in_flight_and_then_rests(stage):
    page = stage(recorded())
    page.evaluate("stage.play()")
    page.wait_for_function("stage.step >= 3 && stage.inFlight >= 2")
    page.evaluate("stage.pause()")
    page.evaluate(
        "window.calls = 0; const raf = requestAnimationFrame; requestAnimationFrame = f => (calls++, raf(f)); null"
    )
    page.wait_for_timeout(200)
    assert page.evaluate("calls") == 0
    before = picture(page)
    assert picture(page) == before


def test_going_back_is_exact(stage):
    page = stage(recorded())
    page.evaluate("stage.goTo(5, 0)")
    before = picture(page)
    page.evaluate("stage.seek(4.9); stage.goTo(16, 0); stage.seek(0.3); stage.goTo(5, 0)")
    assert picture(page) == before


def test_words_follow_the_step(stage):
    page = stage(recorded())
    page.get_by_role("button", name="Step forward").click()
    wait_for_step(page, 1)
    assert page.locator(".cl-say .s").inner_text() == "A proposes red."
    assert page.locator(".ev[aria-selected=true]").inner_text().split("\n") == ["1", "A proposes red", "votes red"]
    page.evaluate("stage.goTo(8, 0)")
    assert page.locator(".node").nth(1).get_attribute("aria-label") == "B: crashed red"
    page.evaluate("stage.seek(4.9)")
    labels = [text.inner_text() for text in page.locator(".cl-chip").all()]
    assert labels == ["Agreement\nholds so far", "Validity\nholds so far", "Termination\nstill open"]


def test_keys(stage):
    page = stage(recorded())
    page.locator(".grip").focus()
    for key, expected in [
        ("ArrowRight", 1),
        ("ArrowRight", 2),
        ("ArrowLeft", 1),
        ("End", 16),
        ("PageUp", 15),
        ("PageUp", 13),
    ]:
        page.keyboard.press(key)
        wait_for_step(page, expected)
    for key, expected in [("Home", 0), ("PageDown", 8), ("PageDown", 10), ("ArrowUp", 11)]:
        page.keyboard.press(key)
        wait_for_step(page, expected)
    page.keyboard.press(" ")
    assert page.evaluate("stage.playing")
    page.keyboard.press(" ")
    assert not page.evaluate("stage.playing")
    page.evaluate("stage.goTo(3, 0)")
    page.locator(".cl-list").focus()
    page.keyboard.press("ArrowDown")
    wait_for_step(page, 4)
    assert page.locator(".cl-list").get_attribute("aria-activedescendant") == page.locator(
        ".ev[aria-selected=true]"
    ).get_attribute("id")


def test_keys_select_and_let_go(stage):
    page = stage(recorded(), fragment="#run=split&seed=7&road=1&step=3")
    page.locator(".node").first.focus()
    page.keyboard.press("Enter")
    assert page.locator(".cl-insp .t").inner_text() == "Node A"
    page.keyboard.press("Escape")
    assert page.locator(".cl-insp").is_hidden()
    assert page.evaluate("document.activeElement.dataset.node") == "0"
    message = page.locator(".msg").first
    assert message.get_attribute("tabindex") == "0"
    message.focus()
    page.keyboard.press(" ")
    assert page.locator(".cl-insp .t").inner_text() == "VoteFor(red)"
    page.evaluate("stage.play()")
    assert page.locator(".msg").first.get_attribute("tabindex") == "-1"


def test_focus_is_never_lost(stage):
    page = stage(recorded(), fragment="#run=split&seed=7&road=1&step=2")
    page.locator(".msg").first.focus()
    page.evaluate("stage.goTo(16, 0)")
    assert page.evaluate("document.activeElement !== document.body && stage.step === 16")
    page.get_by_role("button", name="Step back").focus()
    page.keyboard.press("Home")
    wait_for_step(page, 0)
    page.keyboard.press("End")
    wait_for_step(page, 16)
    assert page.evaluate("document.querySelector('.cl-stage').contains(document.activeElement)")
    page.locator("[data-road='1']").first.click()
    assert page.evaluate("document.activeElement.dataset.road") == "1"


def test_the_list_follows(stage):
    page = stage(recorded(), height=700)
    row = page.locator(".ev[aria-selected=true]")
    for k, road in [(16, 0), (6, 1), (7, 1)]:
        page.evaluate("road => document.querySelectorAll('.cl-roads button')[road].click()", road)
        page.evaluate("k => stage.goTo(k, 0)", k)
        place, within = row.bounding_box(), page.locator(".cl-list").bounding_box()
        assert 0 <= place["y"] - within["y"] <= within["height"] - place["height"]


def test_the_cursor_can_be_dragged(stage):
    page = stage(recorded())
    box = page.locator(".cl-time").bounding_box()
    y = box["y"] + 34
    page.mouse.move(box["x"] + 100, y)
    page.mouse.down()
    page.mouse.move(box["x"] + 500, y, steps=4)
    middle = step(page)
    page.mouse.move(box["x"] + box["width"] - 5, y, steps=4)
    assert 5 < middle < 14 and step(page) == 16
    page.mouse.move(box["x"] + 10, y, steps=4)
    page.mouse.up()
    assert step(page) == 0
    assert page.evaluate("document.activeElement.getAttribute('role')") == "slider"


def test_chips_and_marks_jump_to_the_step(stage):
    page = stage(recorded(), fragment="#run=split&seed=7&road=1&step=16")
    page.get_by_role("button", name="Agreement broken at step 13").click()
    wait_for_step(page, 13)
    assert page.locator(".clash .sign").count() == 1
    page.locator(".tk").first.click()
    wait_for_step(page, 8)
    page.locator(".ev").nth(4).click()
    wait_for_step(page, 5)
    assert page.locator(".clash .sign").count() == 0


def test_what_can_still_be_decided(stage):
    page = stage(recorded())
    note = page.locator(".cl-can")
    assert note.inner_text().split() == ["Can", "still", "end", "in", "red", "or", "blue"]
    page.evaluate("stage.goTo(10, 0)")
    assert note.inner_text().split()[-2:] == ["only", "blue"]
    page.evaluate("stage.goTo(12, 0)")
    assert note.is_hidden()
    page.evaluate("stage.goTo(13, 0)")
    assert sorted(note.inner_text().split()[2:]) == ["and", "blue", "red"]


def test_roads(stage):
    page = stage(recorded(), fragment="#run=split&seed=7&road=1&step=10")
    page.locator(".cl-roads").get_by_role("button", name="Road 2: leaves road 1 at step 6").click()
    assert step(page) == 6
    page.evaluate("stage.goTo(7, 0)")
    assert page.locator(".cl-say .s").inner_text() == "The vote is lost on the other road."
    page.locator(".forkhit").click()
    assert page.locator(".cl-roads [aria-pressed=true]").inner_text() == "1"


def test_a_recorded_road_answers_without_python(stage):
    page = stage(recorded(), fragment="#run=split&seed=7&road=1&step=6")
    page.locator(".msg[data-m='1']").dispatch_event("click")
    page.get_by_role("button", name="Drop").click()
    wait_for_step(page, 7)
    assert page.locator(".cl-roads [aria-pressed=true]").inner_text() == "2"


def test_without_python_one_quiet_line(stage):
    page = stage(recorded())
    page.evaluate("stage.goTo(3, 0)")
    page.locator(".node").first.click()
    page.get_by_role("button", name="Crash", exact=True).click()
    assert page.locator(".cl-note").inner_text() == "This run is recorded. Open the chapter in a notebook to change it."
    assert page.get_by_role("button", name="Let it run").count() == 0
    assert step(page) == 3


def test_pick_seed_and_reset(stage):
    page = stage(recorded())
    page.get_by_role("button", name="New seed").click()
    assert page.evaluate("stage.playing")
    assert "seed 8" in page.locator(".cl-meta").inner_text()
    page.get_by_role("button", name="Reset").click()
    assert "seed 7" in page.locator(".cl-meta").inner_text() and step(page) == 0
    page.get_by_label("Run", exact=True).select_option("A shared memory")
    names = page.evaluate("[...document.querySelectorAll('.node .long')].map(e => e.textContent)")
    assert names == ["memory", "thread 1", "thread 2"]
    assert "seed" not in page.locator(".cl-meta").inner_text()


def test_the_inspector_shows_fields_and_what_is_new(stage):
    page = stage(recorded(), fragment="#run=split&seed=7&road=1&step=9")
    page.locator(".node").nth(2).click()
    rows = [row.inner_text().split("\n") for row in page.locator(".cl-insp .row").all()]
    assert rows == [["vote", "blue"], ["timer tie", "due at 5.20"], ["timer lease", "may fire at any moment"]]
    assert [row.inner_text().split("\n")[0] for row in page.locator(".cl-insp .row.new").all()] == [
        "timer tie",
        "timer lease",
    ]
    acts = {button.inner_text(): button.is_disabled() for button in page.locator(".cl-acts button").all()}
    assert acts == {"Crash": False, "Restart": True, "Propose…": False, "Fire tie": False, "Fire lease": False}
    page.evaluate("stage.goTo(8, 0)")
    page.locator(".node").nth(1).click()
    assert page.get_by_role("button", name="Crash", exact=True).is_disabled()
    assert page.get_by_role("button", name="Restart", exact=True).is_enabled()


def test_only_what_the_system_allows(stage):
    page = stage(payload(entry("still", [split(network="reliable", budgets={})])), fragment="#run=still&step=3")
    page.locator(".node").first.click()
    assert [b.inner_text() for b in page.locator(".cl-acts button").all()] == ["Propose…"]
    page.locator(".msg").first.dispatch_event("click")
    assert [b.inner_text() for b in page.locator(".cl-acts button").all()] == ["Deliver now"]


@pytest.mark.parametrize(
    "k, choose, press, event",
    [
        (9, ".msg[data-m='1']", "Deliver now", {"kind": "deliver", "msg": 1}),
        (9, ".msg[data-m='1']", "Drop", {"kind": "drop", "msg": 1}),
        (9, ".msg[data-m='1']", "Duplicate", {"kind": "duplicate", "msg": 1}),
        (9, ".node[data-node='0']", "Crash", {"kind": "crash", "node": 0}),
        (8, ".node[data-node='1']", "Restart", {"kind": "restart", "node": 1}),
        (9, ".node[data-node='2']", "Fire tie", {"kind": "timeout", "node": 2, "name": "tie"}),
    ],
)
def test_every_intervention_forks_at_the_cursor(stage, k, choose, press, event):
    page = stage(payload(entry("split", [split()])), answer(split(title="Another road")))
    page.evaluate("k => stage.goTo(k, 0)", k)
    page.locator(choose).dispatch_event("click")
    page.get_by_role("button", name=press, exact=True).click()
    wait_for_step(page, k + 1)
    assert page.evaluate("asked") == [
        {"do": "extend", "run": {"version": 1, "title": "split"}, "at": k, "event": event}
    ]
    names = [b.get_attribute("aria-label") for b in page.locator(".cl-roads [data-road]").all()]
    first = {8: "A → C VoteFor red", 9: "B restarts"}[k]
    assert names == ["Road 1: the run as recorded", f"Road 2: leaves road 1 at step {k}, {first}"]
    page.get_by_role("button", name="Reset").click()
    assert page.locator(".cl-roads [aria-pressed=true]").inner_text() == "1"
    assert page.locator(".cl-roads [data-road]").count() == 2


def test_propose_a_value_of_ones_own(stage):
    page = stage(payload(entry("split", [split()])), answer(split()))
    page.evaluate("stage.goTo(4, 0)")
    page.locator(".node").first.click()
    page.get_by_role("button", name="Propose…").click()
    page.keyboard.press("Escape")
    assert page.locator(".cl-insp form").count() == 0
    page.keyboard.press("Enter")
    page.get_by_label("Another value").fill("<b>green</b>")
    page.keyboard.press("Enter")
    wait_for_step(page, 5)
    assert page.evaluate("asked[0].event") == {"kind": "propose", "node": 0, "value": "<b>green</b>"}
    page.evaluate("stage.goTo(4, 0)")
    page.get_by_role("button", name="Propose…").click()
    page.locator("form").get_by_role("button", name="blue").click()
    wait_for_step(page, 5)
    assert page.evaluate("asked[1].event.value") == "blue"


def test_let_it_run_and_a_new_seed(stage):
    page = stage(payload(entry("split", [split()])), answer(split(seed=8)))
    page.evaluate("stage.goTo(3, 0)")
    page.get_by_role("button", name="Let it run").click()
    page.wait_for_function("stage.playing")
    assert page.evaluate("asked") == [{"do": "continue", "run": {"version": 1, "title": "split"}, "at": 3, "seed": 8}]
    page.get_by_role("button", name="New seed").click()
    page.wait_for_function("asked.length === 2 && stage.playing && stage.step < 3")
    assert page.evaluate("asked[1].do") == "seed" and page.evaluate("asked[1].seed") > 8


@pytest.mark.parametrize(
    "request_, line",
    [
        (
            "async () => ({ error: 'Node A has crashed: <b>restart</b> it first.' })",
            "Node A has crashed: <b>restart</b> it first.",
        ),
        ("async () => { throw new Error('gone'); }", "Python could not answer: gone"),
        ("() => { throw new Error('at once'); }", "Python could not answer: at once"),
        ("async () => undefined", "Python gave no answer."),
        ("async () => ({ scene: { steps: 3 } })", "Python could not answer"),
    ],
)
def test_an_error_is_one_line_and_nothing_is_lost(stage, request_, line):
    page = stage(payload(entry("split", [split()])), request_)
    page.evaluate("stage.goTo(3, 0)")
    page.get_by_role("button", name="Let it run").click()
    page.wait_for_function(
        "document.querySelector('.cl-note .bar') === null && document.querySelector('.cl-note').textContent"
    )
    assert page.locator(".cl-note").inner_text().startswith(line)
    assert step(page) == 3 and page.locator(".cl-roads").is_hidden()


def test_waiting_can_be_canceled(stage):
    page = stage(
        payload(entry("split", [split()])), "(message, signal) => new Promise(() => { window.waiting = signal; })"
    )
    page.get_by_role("button", name="Let it run").click()
    assert "Asking Python to let it run from here" in page.locator(".cl-note").inner_text()
    page.get_by_role("button", name="Cancel").click()
    page.wait_for_function("document.querySelector('.cl-note').textContent === 'Canceled. Nothing has changed.'")
    assert page.evaluate("waiting.aborted")
    assert page.evaluate("document.activeElement.closest('.cl-stage') !== null")


def test_python_that_did_not_load_can_be_tried_again(stage):
    offline = 'Promise.reject(Object.assign(new Error("Python could not be loaded."), { again: true }))'
    page = stage(
        recorded(), request=f"() => asked.length < 2 ? {offline} : Promise.resolve({{ error: 'Now it is here.' }})"
    )
    page.get_by_role("button", name="Let it run").click()
    assert page.locator(".cl-note").inner_text().startswith("Python could not answer: Python could not be loaded.")
    page.get_by_role("button", name="Try again").click()
    page.wait_for_function("document.querySelector('.cl-note').textContent === 'Now it is here.'")
    assert page.evaluate("asked.length") == 2


def test_a_run_that_ends_in_one_value_says_so_and_no_more(stage):
    scene = split() | {"can": [[0, ["red", "blue"]], [11, ["blue"]]]}
    page = stage(payload(entry("split", [scene])))
    page.evaluate("stage.goTo(12, 0)")
    assert " ".join(page.locator(".cl-can").inner_text().split()) == "Ends in blue", "no stray 0"


def test_a_picture_is_xml_whatever_a_name_holds(stage):
    page = stage(payload(entry("split", [split(names=("A\x01\x1b", "B<&>", "C\ud800"))])))
    with page.expect_download() as download:
        page.get_by_role("button", name="SVG").click()
    text = Path(download.value.path()).read_text(encoding="utf-8")
    assert ElementTree.fromstring(text).tag.endswith("svg") and "A\ufffd\ufffd" in text


def test_text_stays_text(stage):
    evil = "<img src=x onerror='window.hurt = 1'><script>window.hurt = 1</script>"
    scene = split([evil, "</script>" * 30, "C" * 400], (evil, "javascript:window.hurt=1"), title=evil)
    scene |= {"protocol": evil, "network": evil}
    scene["nodes"][0]["fields"] = [[evil, evil]]
    scene["properties"][0] |= {"name": evil, "why": evil, "sign": evil}
    page = stage(
        payload(entry(evil, [scene, scene | {"fork": {"road": 0, "step": 2}}], about=evil), entry("b", [scene])),
        width=390,
    )
    count = "document.querySelectorAll('img, .cl-stage script, .cl-stage a').length"
    page.evaluate("document.querySelector('.node').dispatchEvent(new MouseEvent('click', { bubbles: true }))")
    for k in range(17):
        page.evaluate("k => stage.goTo(k, 0)", k)
        assert page.evaluate(count) == 0
    assert page.evaluate("window.hurt") is None
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.parametrize("width, scheme", [(320, "dark"), (390, "light"), (700, "dark"), (1280, "light")])
def test_accessible_and_never_wider_than_the_page(stage, axe, width, scheme):
    page = stage(recorded(), width=width, color_scheme=scheme, fragment="#run=split&seed=7&road=1&step=13")
    page.get_by_role("button", name="Key").click()
    assert axe(page) == []
    page.locator(".node").first.dispatch_event("click")
    page.get_by_role("button", name="Propose…").click()
    if page.locator(".cl-list").is_hidden():
        page.locator(".cl-fold").first.click()
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_transport_does_not_move(stage):
    page = stage(recorded())
    places = set()
    for k in range(17):
        page.evaluate("k => stage.goTo(k, 0)", k)
        places.add(page.locator(".cl-play").bounding_box()["y"])
    assert len(places) == 1


def test_reduced_motion_goes_from_step_to_step(stage):
    page = stage(recorded(), reduced_motion="reduce")
    page.get_by_role("button", name="Step forward").click()
    assert step(page) == 1
    page.locator(".cl-speed input").fill("3")
    page.get_by_role("button", name="Play").click()
    page.wait_for_function("stage.step === 4")
    page.evaluate("stage.pause()")
    places = "[...document.querySelectorAll('.msg')].map(e => e.getAttribute('transform')).join()"
    before = page.evaluate(places)
    page.wait_for_timeout(100)
    page.evaluate("stage.goTo(stage.step)")
    assert before and page.evaluate(places) == before


def test_pointing_at_a_message_shows_it_everywhere(stage):
    page = stage(recorded(), fragment="#run=split&seed=7&road=1&step=3")
    page.locator(".ev").nth(11).hover()
    assert page.locator(".arr.hot").get_attribute("data-m") == "1"
    assert page.locator(".msg.hot").get_attribute("data-m") == "1"
    page.locator(".cl-say").hover()
    assert page.locator(".hot").count() == 0


def test_links_lead_back(stage):
    page = stage(recorded(), fragment="#run=split&seed=7&road=2&step=7")
    assert step(page) == 7 and page.locator(".cl-roads [aria-pressed=true]").inner_text() == "2"
    page.evaluate("location.hash = '#run=split&seed=8&road=9&step=4'")
    page.wait_for_function("stage.step === 4")
    assert "seed 8" in page.locator(".cl-meta").inner_text()
    page.evaluate("location.hash = '#run=split&seed=no&road=-3&step=1e99'")
    page.wait_for_function("stage.step === 16")
    page.evaluate("location.hash = '#run=other&step=2'")
    page.wait_for_timeout(50)
    assert step(page) == 16
    page.get_by_role("button", name="Link").click()
    assert page.evaluate("location.hash") == "#run=split&seed=7&road=1&step=16"


def test_downloads(stage):
    page = stage(recorded(), fragment="#run=split&seed=7&road=1&step=13")
    with page.expect_download() as download:
        page.get_by_role("button", name="JSON").click()
    assert json.loads(download.value.path().read_text()) == {"version": 1, "title": "split"}
    with page.expect_download() as download:
        page.get_by_role("button", name="SVG").click()
    svg = download.value.path().read_text(encoding="utf-8")
    assert download.value.suggested_filename == "split-7-13.svg"
    assert "var(" not in svg and "class=" not in svg and "<style" not in svg and "decided blue" in svg
    assert page.evaluate(
        "svg => new DOMParser().parseFromString(svg, 'image/svg+xml').querySelector('parsererror') === null", svg
    )


def test_two_stages_on_a_page_do_not_meet(stage):
    page = stage(recorded())
    page.evaluate(
        """scenes => { [window.second, window.third] = [1, 2].map(() =>
             again(document.querySelector("main").appendChild(document.createElement("div")), scenes)); }""",
        recorded(),
    )
    page.evaluate("second.goTo(5, 0)")
    assert step(page) == 0 and page.evaluate("third.step") == 0
    page.evaluate("third.destroy()")
    assert page.locator(".cl-box").count() == 2


def test_a_mount_that_fails_loses_nothing(stage):
    page = stage(recorded())
    page.evaluate("stage.destroy()")
    assert page.locator("#stage").inner_text() == "What was there before"
    assert page.locator(".cl-stage").count() == 0


@pytest.mark.alone
def test_a_thousand_events(stage):
    page = stage(payload(entry("long", [swarm(5, 14, 1000)])))
    assert page.evaluate("loaded") < 1000, "even the first time, on a busy machine"
    assert (
        page.locator(".arr").count() < 200 and page.locator(".mark").count() < 130 and page.locator(".ev").count() < 60
    )
    for k in (500, 1000, 3, 501):
        page.evaluate("k => stage.goTo(k, 0)", k)
        assert page.locator(".ev[aria-selected=true]").get_attribute("data-k") == str(k)
        assert page.locator(".mark").count() < 130
    assert page.locator(".tk .sign").count() == 1
    hundred = "const began = performance.now(); for (let k = 0; k < 900; k += 9) stage.goTo(k, 0);"
    took = [page.evaluate(f"(() => {{ {hundred} return performance.now() - began; }})()") for _ in range(4)]
    assert min(took) / 100 < 50, "the best of some, on a busy machine"
    box = page.locator(".cl-time").bounding_box()
    page.mouse.move(box["x"] + 300, box["y"] + 150)
    page.mouse.down()
    page.mouse.move(box["x"] + 400, box["y"] + 150, steps=3)
    page.mouse.up()
    assert 780 < step(page) < 1000
    page.wait_for_timeout(100)


@pytest.mark.alone
def test_the_frame_budget(stage, chromium):
    page = stage(payload(entry("swarm", [swarm(9, 300, 1500)])))
    assert page.locator("#stage").bounding_box()["width"] == 860
    measured = []
    while len(measured) < 6:  # processor time; but other work slows it too, so the best of some windows counts
        page.evaluate("stage.seek(0.4); stage.play()")
        page.wait_for_timeout(200)
        chromium.start_tracing(page=page, categories=["devtools.timeline"])
        page.wait_for_timeout(1200)
        events = json.loads(chromium.stop_tracing())["traceEvents"]
        assert page.evaluate("stage.inFlight") > 280
        frames = sorted(e["tdur"] / 1000 for e in events if e["name"] == "FireAnimationFrame" and "tdur" in e)
        measured.append(frames[int(len(frames) * 0.95)])
        if measured[-1] < 4:
            break
    assert min(measured) < 4, f"95th percentile of the milliseconds of script a frame: {measured}"
