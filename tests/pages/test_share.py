"""What the reader does to a run: the list of what can happen, undo, links and files; in a real browser, with the real
Python to answer it.
"""

import base64
import json
import re
import zlib

import pytest

from consensus_lab import Deliver, Run, System, simulate
from consensus_lab.answers.answer import answer
from consensus_lab.protocols import MajorityVote, TieBreakVote
from consensus_lab.scene.scene import scene
from consensus_lab.widgets import Stage
from tests.pages.test_stage import stage as bare_stage  # noqa: F401
from tests.pages.test_stage import step, wait_for_step
from tests.scene.test_moves import in_words

PYTHON = "async message => JSON.parse(await window.python(JSON.stringify(message)))"
VOTE = System(MajorityVote, 4, {0: "red", 3: "blue"}, crashes=1, restarts=1)
TIE = System(TieBreakVote, 4, {0: "red", 3: "blue"}, network="lossy", crashes=1, restarts=1, timeouts=2)
RUN, LOSSY = simulate(VOTE, seed=7), simulate(TIE, seed=1)


@pytest.fixture
def stage(bare_stage):  # noqa: F811
    """Opens a page with one stage of real runs, that asks the Python of this test."""

    def stage(runs=RUN, fragment="", request=PYTHON, **options):
        def expose(page):
            page.expose_function("python", lambda text: json.dumps(answer(json.loads(text))))

        return bare_stage(Stage(runs).payload, request, fragment, prepare=expose, **options)

    return stage


def asked(page):
    """What Python was asked, but for what can happen next."""
    return [message for message in page.evaluate("asked") if message["do"] != "moves"]


def unfold(page):
    page.get_by_role("button", name="Can happen next").click()
    return page.locator(".cl-moves")


def roads(page):
    return page.locator(".cl-roads [data-road]").count()


def wait_for_road(page, number):
    page.locator(".cl-roads [aria-pressed=true]", has_text=str(number)).wait_for()


def note(page):
    line = page.locator(".cl-note")
    page.wait_for_function("document.querySelector('.cl-note span') && !document.querySelector('.cl-note .bar')")
    return line.inner_text()


# -- what can happen next ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("run", [RUN, LOSSY], ids=["reliable", "lossy"])
def test_the_list_is_what_the_model_says_can_happen(stage, run):
    page = stage(run)
    moves = unfold(page)
    listed = """() => {
        for (const b of document.querySelectorAll(".cl-moves .group[aria-expanded=false]")) b.click();
        return [...document.querySelectorAll(".cl-moves [data-move]")].map(b => JSON.parse(b.dataset.move));
    }"""
    for k in (0, 2, 5, 9, len(run)):
        page.evaluate("k => stage.goTo(k, 0)", k)
        found, begun = page.evaluate(listed), run.rewind(k)
        offered = [(e["kind"], run.flights[e["msg"]].envelope, "") if "msg" in e else
                   (e["kind"], e["node"], e.get("value") or e.get("name") or "") for e in found]  # fmt: skip
        network = [offer for offer in offered if offer[0] in ("drop", "duplicate")]
        rest = [offer for offer in offered if offer not in network]
        assert len(rest) == len(set(rest))
        assert set(rest) == {in_words(event) for event in run.system.events(begun.last)}
        flying = {f.envelope for f in run.flights if f.sent <= k and (f.end is None or f.end > k)}
        lossy = run.system.network.faulty
        assert {envelope for _, envelope, _ in network} == (flying if lossy else set())
    assert moves.locator(".spent, [data-move]").count() > 0


def test_lines_are_short_and_plain(stage):
    page = stage(LOSSY)
    moves = unfold(page)
    assert [text.strip() for text in moves.locator("li > .ev .tx").all_inner_texts()] == [
        "A proposes red", "D proposes blue", "Crash"]  # fmt: skip
    armed = next(k for k in range(len(LOSSY)) if LOSSY.configurations[k].timers(0))
    page.evaluate("k => stage.goTo(k, 0)", armed)
    texts = moves.locator(".tx").all_inner_texts()
    assert "Timer ‘tie’ of A fires" in texts
    assert any(re.fullmatch(r"Deliver \w → \w Vote\w+ \w+", text) for text in texts)
    assert "Drop" in texts and "Duplicate" in texts
    page.evaluate("stage.goTo(3, 0)")
    assert page.locator(".cl-next .cl-fold, .cl-events + .cl-events .cl-fold .num").inner_text() == str(
        moves.locator("li > [data-move]").count()
    )


def test_the_list_goes_by_keys_alone(stage):
    page = stage()
    page.evaluate("stage.goTo(4, 0)")
    unfold(page)
    page.keyboard.press("Tab")
    focused = "document.activeElement.innerText.replace(/\\s+/g, ' ')"
    first = page.evaluate(focused)
    page.keyboard.press("ArrowDown")
    assert first.startswith("Deliver") and page.evaluate(focused) != first
    assert page.locator(".msg.hot, .node[data-hot=true]").count() == 1
    page.keyboard.press("End")
    assert page.evaluate(focused) == "Crash 4, 1 left" and page.locator(".msg.hot").count() == 0
    page.keyboard.press("ArrowRight")
    page.keyboard.press("End")
    assert (
        page.locator(".node[data-hot=true]").get_attribute("data-node")
        == "3"
        == str("ABCD".index(page.evaluate(focused).strip()))
    )
    page.keyboard.press("Enter")
    wait_for_road(page, 2)
    wait_for_step(page, 5)
    assert page.locator(".node[data-state=crashed]").get_attribute("data-node") == "3"
    assert page.evaluate("document.activeElement.closest('.cl-moves') !== null"), "the focus stays in the list"
    assert page.locator(".cl-moves .spent").inner_text().split("\n") == ["Crash", "none left of 1"]
    page.locator(".node").first.click()
    button = page.get_by_role("button", name="Crash", exact=True)
    assert button.is_disabled() and button.get_attribute("title") == "None left: a run may hold 1"


def test_pointing_at_a_line_points_at_its_message_or_node(stage):
    page = stage()
    page.evaluate("stage.goTo(4, 0)")
    line = unfold(page).locator("[data-m]").first
    line.hover()
    assert page.locator(".msg.hot").get_attribute("data-m") == line.get_attribute("data-m")
    page.locator(".cl-say").hover()
    assert page.locator(".msg.hot").count() == 0


def test_what_comes_next_on_this_road_or_another_forks_nothing(stage):
    page = stage()
    page.evaluate("stage.goTo(4, 0)")
    moves = unfold(page)
    moves.locator(".ev", has_text="this road").click()
    wait_for_step(page, 5)
    assert roads(page) == 1 and asked(page) == []
    page.evaluate("stage.goTo(4, 0)")
    moves.locator("[data-m]:not(:has(.ef))").first.click()
    wait_for_road(page, 2)
    wait_for_step(page, 5)
    page.locator(".cl-roads [data-road='0']").click()
    page.evaluate("stage.goTo(4, 0)")
    moves.locator(".ev", has_text="road 2").click()
    wait_for_road(page, 2)
    assert len(asked(page)) == 1


def test_without_python_the_list_still_tells_what_can_happen(stage):
    page = stage(request="null")
    moves = unfold(page)
    moves.locator("[data-move]", has_text="D proposes blue").click()
    assert "recorded" in note(page) or step(page) == 1


def test_where_nobody_can_tell_what_can_happen_there_is_no_list(stage):
    page = stage(request="null")
    assert page.get_by_role("button", name="Can happen next").count() == 1
    payload = Stage(RUN).payload
    del payload["entries"][0]["seeds"][0][0]["next"]
    page.evaluate(
        "payload => { stage.destroy(); window.stage = again(document.querySelector('#stage'), payload) }", payload
    )
    page.get_by_role("button", name="Play").wait_for()
    page.wait_for_timeout(100)
    assert page.get_by_role("button", name="Can happen next").count() == 0


def test_on_a_road_of_the_reader_python_tells_what_can_happen(stage):
    page = stage(LOSSY)
    moves = unfold(page)
    page.evaluate("stage.goTo(6, 0)")
    moves.locator("[data-group=crash]").click()
    moves.locator("[data-group=crash] + ul button").first.click()
    wait_for_road(page, 2)
    moves.locator("[data-group=restart]").wait_for()
    told = moves.locator("li > [data-move]").evaluate_all("all => all.map(b => JSON.parse(b.dataset.move))")
    run = Run.from_json(json.dumps(page.evaluate("asked.at(-1).run")))
    assert len(run) == 7
    can_arrive = {event.envelope for event in run.system.events(run.last) if isinstance(event, Deliver)}
    listed = {run.flights[offer["msg"]].envelope for offer in told if offer["kind"] == "deliver"}
    assert listed and listed <= can_arrive


# -- undo -------------------------------------------------------------------------------------------------------


def fork(page, k=4):
    """Two changes: node C crashes at step k, and then it is let run."""
    page.evaluate("k => stage.goTo(k, 0)", k)
    page.locator(".node").nth(2).dispatch_event("click")
    page.get_by_role("button", name="Crash", exact=True).click()
    wait_for_road(page, 2)
    wait_for_step(page, k + 1)
    page.get_by_role("button", name="Let it run").click()
    wait_for_road(page, 3)
    page.evaluate("stage.pause()")


@pytest.mark.parametrize("how", ["button", "Backspace", "Control+z"])
def test_undo_takes_back_one_change_after_the_other(stage, how):
    page = stage()
    undo = page.get_by_role("button", name="Undo")
    assert undo.count() == 0
    fork(page)
    for road, k in [(2, 5), (1, 4)]:
        if how == "button":
            undo.click()
        else:
            page.locator(".grip").focus()
            page.keyboard.press(how)
        wait_for_road(page, road)
        assert step(page) == k and f"Road {road + 1} is kept" in note(page)
    assert undo.count() == 0 and roads(page) == 3
    words = page.locator(".cl-roads [data-road='1']").get_attribute("aria-label")
    assert words == "Road 2: leaves road 1 at step 4, C crashes"
    page.locator(".cl-roads [data-road='2']").click()
    assert "C crashes" in page.locator(".cl-list .ev").nth(4).inner_text()


def test_a_fork_says_what_it_begins_with(stage):
    page = stage()
    page.evaluate("stage.goTo(4, 0)")
    page.locator(".node").nth(2).dispatch_event("click")
    page.get_by_role("button", name="Crash", exact=True).click()
    wait_for_road(page, 2)
    page.locator(".cl-roads [data-road='0']").click()
    assert page.locator(".forkhit text").text_content() == "road 2: C crashes"
    page.locator(".forkhit").click()
    wait_for_road(page, 2)


# -- links ------------------------------------------------------------------------------------------------------


def link(page):
    page.get_by_role("button", name="Link").click()
    page.wait_for_function("location.hash.length > 1 && /ink/.test(document.querySelector('.cl-note').textContent)")
    return page.evaluate("location.hash")


def test_a_recorded_run_is_linked_by_its_place(stage):
    page = stage()
    page.evaluate("stage.goTo(6, 0)")
    assert link(page) == "#run=majorityvote&seed=7&road=1&step=6"
    assert note(page) in ("Link to this step copied.", "The link to this step is in the address bar.")


def test_a_fork_is_shared_with_every_choice(stage):
    page = stage()
    fork(page)
    page.evaluate("stage.goTo(8, 0)")
    shared, run = link(page), asked(page)[-1]
    assert shared.startswith("#run=majorityvote&step=8&made=1.") and len(shared) < 1200
    went_on = answer(run)["scene"]["run"]
    there = stage(fragment=shared)
    wait_for_road(there, 2)
    wait_for_step(there, 8)
    assert asked(there) == [{"do": "open", "run": went_on}]
    assert there.locator(".cl-roads [data-road='1']").get_attribute("aria-label").startswith(
        "Road 2: leaves road 1 at step 4, C crashes"
    )  # fmt: skip
    assert there.locator(".ev", has_text="you:").count() == 1, "what the sender did stays marked"
    assert there.locator(".cl-title").inner_text() == "MajorityVote"
    assert link(there) == shared, "and it is the very same run"


def made(run, k=3, version="1.", level=9):
    text = base64.urlsafe_b64encode(zlib.compress(run if isinstance(run, bytes) else json.dumps(run).encode(), level))
    return f"#run=majorityvote&step={k}&made={version}{text.decode().rstrip('=')}"


def test_a_link_to_a_run_that_is_recorded_needs_no_python(stage):
    page = stage(fragment=made(json.loads(RUN.to_json())), request="null")
    wait_for_step(page, 3)
    assert page.locator(".cl-note").inner_text() == "" and roads(page) == 1


def test_without_python_a_link_leads_to_where_its_run_leaves_the_recorded_one(stage):
    other = json.loads(simulate(VOTE, seed=3, after=RUN.rewind(5)).to_json())
    page = stage(fragment=made(other, 9), request="null")
    assert "Open the chapter in a notebook" in note(page)
    assert step(page) >= 5 and roads(page) == 1


def test_a_run_of_other_nodes_is_opened_as_a_seed_of_its_own(stage):
    other = simulate(System(MajorityVote, 3, {0: "red"}), seed=2)
    page = stage(fragment=made(json.loads(other.to_json())))
    page.locator(".cl-meta", has_text="3 nodes").wait_for()
    assert step(page) == 3 and page.locator(".node").count() == 3
    page.get_by_role("button", name="Reset").click()
    assert page.locator(".node").count() == 4


def test_of_two_stages_with_one_run_a_link_names_the_one(stage):
    page = stage()
    page.evaluate("""payload => {
        const place = document.querySelector("main").appendChild(document.createElement("div"));
        place.dataset.widget = "stage";
        window.second = again(place, payload);
    }""", Stage(RUN).payload)  # fmt: skip
    page.evaluate("second.goTo(5, 0)")
    page.get_by_role("button", name="Link").nth(1).click()
    page.wait_for_function("location.hash.includes('nth=2')")
    page.evaluate("location.hash = '#run=majorityvote&nth=2&seed=7&road=1&step=2'")
    page.wait_for_function("second.step === 2")
    assert step(page) == 0


WHOLE = made(json.loads(RUN.to_json()))
BOMB = made(b'{"a":"' + b"a" * 10_000_000 + b'"}')
EVIL = "<script>window.hurt = 1</script><img src=x onerror='window.hurt = 1'>"
DATA = json.loads(RUN.to_json())
LATER = DATA | {"events": DATA["events"][:-1]}
TEXT = json.dumps(LATER)


def of(protocol):
    return made(LATER | {"system": DATA["system"] | {"protocol": protocol}})


HOSTILE = {
    "cut": (WHOLE[:-40], "damaged"),
    "altered": (WHOLE[:150] + ("A" if WHOLE[150] != "A" else "B") + WHOLE[151:], "damaged"),
    "no letters": ("#run=majorityvote&made=1.", "damaged"),
    "markup": (f"#run=majorityvote&made={EVIL}", "damaged"),
    "other letters": ("#run=majorityvote&made=1.\u2603%00%ff", "damaged"),
    "another version": (WHOLE.replace("made=1.", "made=2."), "another version"),
    "far too long": ("#run=majorityvote&made=1." + "A" * 30_000, "too long"),
    "a bomb": (BOMB, "damaged"),
    "no object": (made([1, 2]), "damaged"),
    "a string": (made(EVIL), "damaged"),
    "not JSON": (made(b"import os"), "damaged"),
    "proto": (made(b'{"__proto__":{"constructor":1,"events":[]},"constructor":"x"}'), "damaged"),
    "proto alone": (made(b'{"__proto__":{"format":"consensus-lab run"}}'), "its format is None"),
    "no run": (made({"events": {"length": 5}, "system": None}), "no run"),
    "a protocol of nobody": (of(EVIL), "its protocol is"),
    "code for a protocol": (of("os.system"), "its protocol is"),
    "a huge number": (made(TEXT.replace('"n": 4', '"n": 1e99').encode()), "cannot be opened"),
    "endless": (made(TEXT.replace('"n": 4', '"n": 1e999').encode()), "cannot be opened"),
    "wrong types": (made(DATA | {"events": [[[], {}, None]] * 3}), "cannot be opened"),
    "impossible": (made(DATA | {"events": [["deliver", 0.1, 0, 1, ["VoteFor", "red"]]]}), "cannot be opened"),
    "deep": (made(b'{"a":' + b"[" * 3000 + b"]" * 3000 + b"}"), "cannot be opened"),
}


@pytest.mark.parametrize("name", list(HOSTILE))
def test_a_hostile_link_is_one_clear_line_and_the_recorded_run(stage, name):
    fragment, line = HOSTILE[name]
    page = stage(fragment=fragment)
    said = note(page)
    assert line in said and "\n" not in said and len(said) < 700
    assert page.evaluate("window.hurt") is None and page.locator("main img, main script, .cl-stage a").count() == 0
    assert page.evaluate("({}).format === undefined && ({}).events === undefined")
    assert roads(page) == 1
    page.get_by_role("button", name="Step forward").click()
    page.wait_for_function("stage.step >= 1")


ELSEWHERE = ["#", "#a-heading", f"#run={EVIL}", "#run=__proto__&made=1.x", "#made=1.x", "#%E0%A4%A"]


@pytest.mark.parametrize("fragment", ELSEWHERE)
def test_what_names_no_run_of_this_stage_is_not_for_it(stage, fragment):
    page = stage(fragment=fragment)
    page.wait_for_timeout(100)
    assert page.locator(".cl-note").inner_text() == "" and step(page) == 0


def test_text_in_a_shared_run_stays_text(stage):
    names = [EVIL, "javascript:window.hurt=1", "C", "D"]
    system = System(MajorityVote, 4, {0: EVIL, 3: "blue"}, names=names, crashes=1)
    page = stage(fragment=made(json.loads(simulate(system, seed=1).to_json()), 6), width=390)
    page.locator(".cl-count b", has_text="6").wait_for()
    unfold(page)
    page.locator(".node").first.dispatch_event("click")
    for k in (0, 3, 9, 12):
        page.evaluate("k => stage.goTo(k, 0)", k)
    assert page.evaluate("window.hurt") is None and page.locator("main img, main script, .cl-stage a").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


# -- files ------------------------------------------------------------------------------------------------------


def choose(page, name, content):
    content = content if isinstance(content, bytes) else content.encode()
    page.locator("input[type=file]").set_input_files({"name": name, "mimeType": "application/json", "buffer": content})


def test_a_run_that_was_downloaded_is_opened_again(stage):
    page = stage()
    fork(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="JSON").click()
    saved = download.value.path().read_text(encoding="utf-8")
    there = stage()
    choose(there, "run.json", saved)
    wait_for_road(there, 2)
    run = Run.from_json(saved)
    assert there.locator(".cl-count").inner_text().startswith(f"0 / {len(run)}")
    there.evaluate("stage.goTo(99, 0)")
    assert there.locator(".cl-say .s").inner_text() == scene(run)["steps"][-1]["say"]


@pytest.mark.parametrize(
    ("content", "line"),
    [("", "no run"), ("[1]", "no run"), (EVIL, "no run"), (b"\xff\xfe\x00", "no run"), ("{}", "its format is None"),
     (b'{"a":"' + b"x" * 2_000_000 + b'"}', "too large"), (json.dumps(LATER | {"version": 9}), "its version is 9")],
    ids=["empty", "a list", "markup", "bytes", "an object", "large", "version"],
)  # fmt: skip
def test_a_file_that_is_no_run_is_one_clear_line(stage, content, line):
    page = stage()
    choose(page, "<img src=x>.json", content)
    assert line in note(page)
    assert roads(page) == 1 and page.locator("main img").count() == 0


def fork_of_the_book(live_site, page):  # noqa: F811
    """The first stage of the book's first page, where node C crashes at step 4; and the address that its link gives."""
    page.goto(f"{live_site}/book/intro.html")
    stage = page.locator(".cl-stage").first
    for _ in range(4):
        stage.get_by_role("button", name="Step forward").click()
    stage.locator(".cl-count b", has_text="4").wait_for()
    stage.locator(".node").nth(2).click()
    stage.get_by_role("button", name="Crash", exact=True).click()
    stage.locator(".node[data-state=crashed]").wait_for(timeout=120_000)
    stage.locator(".cl-count b", has_text="5").wait_for()
    stage.get_by_role("button", name="Link").click()
    page.wait_for_function("location.hash.includes('made=')")
    return page.url


def test_in_the_book_a_fork_is_shared(live_site, book, new_page):  # noqa: F811
    address = fork_of_the_book(live_site, new_page())
    page = new_page()
    page.goto(address)
    stage = page.locator(".cl-stage").first
    stage.locator(".cl-roads [aria-pressed=true]", has_text="2").wait_for(timeout=120_000)
    assert stage.locator(".node[data-state=crashed]").count() == 1
    assert stage.locator(".cl-count").inner_text().startswith("5 / 5") and stage.bounding_box()["y"] < 200
    from_folder = new_page()
    from_folder.goto((book / "book" / "intro.html").as_uri() + "#" + address.partition("#")[2])
    line = from_folder.locator(".cl-stage").first.locator(".cl-head .cl-note", has_text="Serve the folder")
    line.wait_for()
    assert line.inner_text().startswith("This link cannot be opened: ")


@pytest.mark.parametrize("width, scheme", [(320, "dark"), (390, "light"), (892, "light"), (892, "dark")])
def test_accessible_with_everything_unfolded(stage, axe, width, scheme):
    page = stage(LOSSY, width=width, color_scheme=scheme)
    page.evaluate("stage.goTo(9, 0)")
    moves = unfold(page)
    for group in moves.locator(".group").all():
        group.click()
    fork(page)
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
