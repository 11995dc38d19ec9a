"""The state graph on a page of its own, in a real browser, with the real Python to answer it."""

import json

import pytest

from consensus_lab import System, explore
from consensus_lab.protocols import Coordinator, MajorityVote
from consensus_lab.widgets import GraphView
from tests.pages.alone import PYTHON, open_alone


@pytest.fixture(scope="module")
def coordinator():
    return GraphView(explore(System(Coordinator, 3, {1: "red", 2: "blue"}, crashes=1)))


@pytest.fixture(scope="module")
def vote():
    return GraphView(explore(System(MajorityVote, 3, {0: "red", 2: "blue"})))


@pytest.fixture
def graph(new_page, tmp_path, coordinator):
    """Opens a page with one graph; `request` is the source of a JavaScript function, by default one that asks here."""

    def graph(payload=None, request=PYTHON, **options):
        page = new_page(**{"width": 892, **options})
        open_alone(page, coordinator, tmp_path, request, payload)
        page.wait_for_function("widget.map")
        return page

    return graph


def click(page, at):
    x, y = page.evaluate("at => [widget.map.x[at], widget.map.y[at]]", at)
    page.locator(".plot").click(position={"x": x, "y": y})


def words(page):
    return page.locator(".where").inner_text()


def unrecorded(payload):
    """A point that no recorded run passes through."""
    passed = {place for recorded in payload["recorded"] for place in recorded["passes"]}
    return next(at for at in range(len(payload["kind"]) - 1, 0, -1) if at not in passed)


def depth(payload, at):
    return 0 if at == 0 else 1 + depth(payload, payload["tree"][2 * at])


def test_a_click_takes_the_stage_there_by_a_run_that_python_replays(graph, coordinator):
    page, at = graph(), unrecorded(coordinator.payload)
    click(page, at)
    page.wait_for_function("widget.stage")
    assert page.evaluate("[widget.at, widget.stage.step]") == [at, depth(coordinator.payload, at)]
    states = [coordinator.payload["states"][state] for state in coordinator.payload["nodes"][at]]
    assert all(state in words(page) for state in states)
    assert page.locator(".cl-ring .node").evaluate_all("all => all.map(node => node.dataset.state)") == [
        state.split()[-1 if "crashed" in state else 0] for state in states
    ]


def test_recorded_runs_play_without_python_and_others_say_what_they_need(graph, coordinator):
    page = graph(request="null")
    click(page, coordinator.payload["recorded"][0]["passes"][-1])
    page.wait_for_function("widget.stage")
    click(page, unrecorded(coordinator.payload))
    assert page.locator(".cl-map .cl-note").inner_text() == (
        "This run is not recorded. Open the chapter in a notebook to see it."
    )


def test_keys_follow_the_events_and_enter_takes_the_stage(graph, coordinator):
    page, edges = graph(), coordinator.payload["edges"]
    page.locator(".plot").press("ArrowDown")
    first = page.evaluate("widget.at")
    assert first == edges[0][0] and words(page).startswith("After 1 event:")
    page.locator(".plot").press("ArrowRight")
    assert page.evaluate("widget.at") == first + 1
    assert page.locator("[role=status]").first.inner_text().startswith(words(page))
    page.locator(".plot").press("ArrowUp")
    assert page.evaluate("widget.at") == 0
    page.locator(".plot").press("End")
    page.locator(".plot").press("Enter")
    page.wait_for_function("widget.stage")
    assert page.evaluate("widget.at") == len(edges) - 1


def test_what_can_happen_next_are_buttons(graph, coordinator):
    page = graph()
    edges, labels = coordinator.payload["edges"], coordinator.payload["labels"]
    buttons = page.locator(".next button")
    assert buttons.count() == len(edges[0]) // 2 and labels[edges[0][3]] in buttons.nth(1).inner_text()
    buttons.nth(1).click()
    assert page.evaluate("widget.at") == edges[0][2]


def test_the_marker_goes_along_with_the_stage(graph, coordinator):
    page = graph()
    last = coordinator.payload["recorded"][0]["passes"][-1]
    click(page, last)
    page.wait_for_function("widget.stage")
    page.evaluate("widget.stage.goTo(0)")
    page.wait_for_function("+document.querySelector('.here').getAttribute('cx') === widget.map.x[0]"
                           " && +document.querySelector('.here').getAttribute('cy') === widget.map.y[0]")  # fmt: skip
    assert page.evaluate("widget.at") == last


@pytest.mark.parametrize(
    ("request_", "told"),
    [
        ("async () => ({ error: 'no <img src=x>' })", "no <img src=x>"),
        ("async () => { throw new Error('Python did not start.') }", "Python did not start."),
        ("async () => null", "There was no answer."),
    ],
)
def test_trouble_is_told(graph, coordinator, request_, told):
    page = graph(request=request_)
    click(page, unrecorded(coordinator.payload))
    page.wait_for_function("told => document.querySelector('.cl-map .cl-note').textContent === told", arg=told)
    assert page.evaluate("widget.stage") is None


def test_text_is_never_markup(graph, coordinator):
    evil = "<img src=x onerror=alert(1)>"
    payload = json.loads(json.dumps(coordinator.payload)) | {"title": evil, "say": evil}
    payload["labels"] = [evil] * len(payload["labels"])
    payload["states"] = [evil] * len(payload["states"])
    for kind in payload["kinds"]:
        kind["label"] = kind["say"] = evil
    page = graph(payload)
    page.locator(".plot").press("ArrowDown")
    assert page.locator("#here img, #here script").count() == 0 and evil in words(page)


def test_taking_it_down_brings_back_what_was_there(graph):
    page = graph()
    page.evaluate("widget.destroy()")
    assert page.locator("#here").inner_text() == "What was there before"


@pytest.mark.parametrize(
    "options", [{}, {"width": 390}, {"width": 320, "color_scheme": "dark"}, {"forced_colors": "active"}],
    ids=["wide", "phone", "dark", "forced"],
)  # fmt: skip
def test_hundreds_of_configurations_fit_and_can_be_read(graph, axe, vote, options):
    page = graph(vote.payload, **options)
    page.locator(".plot").press("ArrowDown")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.evaluate("Math.max(...widget.map.x) < document.querySelector('.plot').clientWidth")
    assert axe(page) == []
