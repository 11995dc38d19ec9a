"""Real processes behind a panel, on a page of its own; and what a page without a kernel shows."""

import json

import pytest

from consensus_lab import System, simulate
from consensus_lab.answers.answer import answer
from consensus_lab.protocols import Raft, Synod
from consensus_lab.protocols.machines import PutIfAbsent
from consensus_lab.protocols.replication.clients import Client
from consensus_lab.widgets import ClusterPanel
from tests.cluster.test_cluster import until
from tests.pages.alone import open_alone

KERNEL = "async message => JSON.parse(await window.kernel(JSON.stringify(message)))"


@pytest.fixture
def panel():
    run = simulate(System(Synod, n=3, proposals={0: "red", 1: "blue"}), seed=2)
    panel = ClusterPanel(Synod, n=3, run=run, tick=0.1)
    yield panel
    panel.close()


@pytest.fixture
def kernel(panel, new_page, tmp_path):
    """Opens the panel as a live kernel shows it."""

    def kernel(**options):
        page = new_page(**{"width": 892, "height": 1200, "reduced_motion": "reduce", **options})
        page.expose_function("kernel", lambda text: json.dumps(panel.answer(json.loads(text))))
        open_alone(page, panel, tmp_path, request=KERNEL)
        page.locator(".cl-panel .cl-box").wait_for()
        return page

    return kernel


def card(page, name):
    return page.get_by_role("listitem", name=name, exact=True)


def press(page, text, name=None):
    (card(page, name) if name else page.locator(".cl-panel > .cl-tools")).get_by_role("button", name=text).click()


def says(page, name, text):
    card(page, name).locator(".cl-words", has_text=text).wait_for()


def test_processes_are_started_killed_restarted_and_their_run_is_played(kernel, panel):
    page = kernel()
    press(page, "Start the processes")
    says(page, "A", "undecided")
    press(page, "Kill", "C")
    says(page, "C", "no process")
    press(page, "Propose")
    says(page, "B", "decided red")
    press(page, "Restart", "C")
    says(page, "C", "undecided")
    press(page, "Play what happened")
    page.locator(".cl-scene .cl-title", has_text="What really happened").wait_for()
    events = page.locator(".cl-scene").inner_text()
    assert all(text in events for text in ("C crashes", "A proposes red", "C restarts"))
    press(page, "Stop them all")
    page.get_by_role("button", name="Start the processes").wait_for()
    assert panel._cluster is None


def test_a_node_that_is_cut_off_or_paused_says_so(kernel):
    page = kernel()
    press(page, "Start the processes")
    says(page, "A", "undecided")
    press(page, "Cut off", "A")
    card(page, "A").locator(".cl-state", has_text="cut off").wait_for()
    press(page, "Propose")
    press(page, "Pause", "B")
    says(page, "B", "takes no step")
    press(page, "Resume", "B")
    press(page, "Join again", "A")
    says(page, "A", "decided red")


def test_without_a_kernel_the_recorded_run_plays_and_a_line_says_why(panel, new_page, tmp_path):
    page = new_page(width=892)
    panel.payload = panel.recorded
    open_alone(page, panel, tmp_path, request="null")
    page.locator(".cl-panel .cl-box").wait_for()
    assert "Real processes need a kernel" in page.locator(".cl-goal").inner_text()
    assert page.get_by_role("button", name="Start the processes").count() == 0
    assert page.locator(".cl-scene .node").count() == 3
    assert "A proposes red" in page.locator(".cl-scene").inner_text()


def test_the_pages_own_python_says_that_it_cannot():
    assert "need a kernel" in answer({"do": "cluster", "act": "start"})["error"]


def test_the_page_without_a_kernel_is_not_told_that_it_has_one(panel):
    html = panel._repr_mimebundle_()[0]["text/html"]
    assert '"live":false' in html and '"live":true' not in html


@pytest.mark.parametrize("act", [
    {}, {"act": "explode"}, {"act": "kill"}, {"act": "kill", "node": 7}, {"act": "kill", "node": "A"},
    {"act": "kill", "node": [0]}, {"act": "propose", "node": 0, "value": "green"},
    {"act": "propose", "node": 0, "value": []}, {"act": "cut", "node": None},
], ids=str)  # fmt: skip
def test_a_request_that_makes_no_sense_is_answered_with_an_error(panel, act):
    assert "have not been started" in panel.answer({"do": "cluster", "act": "kill", "node": 0})["error"]
    panel._cluster = panel._make()  # as if it had been started
    try:
        assert panel.answer({"do": "cluster", **act})["error"]
    finally:
        panel._cluster = None


def test_one_panel_of_a_kernel_has_processes_at_a_time(panel):
    panel.answer({"do": "cluster", "act": "start"})
    first = panel._cluster
    other = ClusterPanel(Synod, n=1, run=simulate(System(Synod, n=1, proposals={0: "red"})), at=[0])
    assert other.answer({"do": "cluster", "act": "start"})["nodes"][0]["state"] == "up"
    assert panel._cluster is None and first.alive == ()
    other.close()
    assert other._cluster is None


def test_a_client_says_what_it_was_told():
    classes = [Raft, Client]
    options = {"values": {"ship": PutIfAbsent("order 7", "shipped")}, "at": [1], "tick": 0.02}
    panel = ClusterPanel(classes, run=simulate(System(classes), until=1), **options)
    words = panel.answer({"do": "cluster", "act": "start"})["nodes"][1]["words"]
    assert words == "has no answer yet"
    panel.answer({"do": "cluster", "act": "propose", "node": 1, "value": "ship"})
    until(lambda: panel.answer({"do": "cluster", "act": "look"})["nodes"][1]["words"] == "was told shipped")
    panel.close()


def test_it_fits_a_phone(kernel):
    page = kernel(width=390)
    press(page, "Start the processes")
    says(page, "A", "undecided")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
