import json
import re
import subprocess
import sys
from html.parser import HTMLParser

import pytest

from consensus_lab import Crash, Propose, Run, System, simulate
from consensus_lab.protocols import CheckThenAct, MajorityVote, Memory
from consensus_lab.widgets import Stage
from tests.scene.test_scene import check_scene
from tests.widgets.schedules import THREADS

SYSTEM = System(MajorityVote, 4, {0: "red", 3: "blue"}, crashes=1)
RUN = simulate(SYSTEM, seed=7)


def bundle(stage):
    data, _ = stage._repr_mimebundle_()
    return data


def test_one_run():
    stage = Stage(RUN, title="A vote", about="Four nodes vote.", step=3)
    (entry,) = stage.payload["entries"]
    assert stage.payload["version"] == 1 and stage.payload["open"] == {"entry": 0, "seed": 0, "road": 0, "step": 3}
    assert (entry["id"], entry["title"], entry["about"]) == ("a-vote", "A vote", "Four nodes vote.")
    assert [len(roads) for roads in entry["seeds"]] == [1]
    check_scene(entry["seeds"][0][0])
    assert repr(stage) == f"Stage('A vote': MajorityVote, 4 nodes, {len(RUN)} events)"
    assert repr(stage) == repr(Stage(RUN, title="A vote"))


def test_a_picker_with_seeds_and_roads():
    other = simulate(SYSTEM, seed=8)
    road = RUN.rewind(9).then(Crash(1))
    onward = simulate(SYSTEM, seed=2, after=RUN.rewind(6))
    branch = road.rewind(10).then(
        *[event for event in SYSTEM.events(road.last) if type(event).__name__ == "Deliver"][:1]
    )
    stage = Stage({"First": other, "Second": [RUN, other, road, onward, branch]}, open="Second")
    first, second = stage.payload["entries"]
    assert stage.payload["open"]["entry"] == 1 and [len(roads) for roads in first["seeds"]] == [1]
    assert [len(roads) for roads in second["seeds"]] == [4, 1]
    forks = [roads.get("fork") for roads in second["seeds"][0]]
    assert forks == [None, {"road": 0, "step": 9}, {"road": 0, "step": 6}, {"road": 1, "step": 10}]
    for fork, scene in zip(forks[1:], second["seeds"][0][1:], strict=True):
        assert scene["steps"][: fork["step"]] == second["seeds"][0][fork["road"]]["steps"][: fork["step"]]
    assert repr(stage).endswith(", and 5 more runs)")


def test_ids_differ_and_titles_need_no_letters():
    stage = Stage({"A!": RUN, "A?": RUN, "…": RUN})
    assert [entry["id"] for entry in stage.payload["entries"]] == ["a", "a-2", "run"]


@pytest.mark.parametrize(
    ("arguments", "options", "what"),
    [
        ((3,), {}, "3 is no run"),
        (([],), {}, "is no run"),
        (({},), {}, "no run to show"),
        (({"A": RUN},), {"title": "B"}, "title='B' goes with one entry"),
        (({"A": RUN},), {"open": "B"}, "open='B' is none of the titles: 'A'"),
        ((RUN,), {"step": 1000}, "step=1000"),
        ((RUN,), {"step": -1}, "step=-1"),
    ],
)
def test_bad_arguments(arguments, options, what):
    with pytest.raises(ValueError, match=re.escape(what)):
        Stage(*arguments, **options)


class Page(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.tags, self.data, self.stack = [], {}, []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        self.stack.append(tag)

    def handle_endtag(self, tag):
        while self.stack and self.stack.pop() != tag:
            pass

    def handle_data(self, data):
        if self.stack:
            self.data[self.stack[-1]] = self.data.get(self.stack[-1], "") + data


EVIL = "</script><script>alert(1)</script><!--<img src=x onerror=alert(1)>\u2028&amp;"


def test_hostile_text_stays_text():
    system = System(MajorityVote, 2, {0: EVIL, 1: "blue"}, names=[EVIL, "B"])
    stage = Stage(simulate(system, seed=1), title=EVIL, about=EVIL)
    html = bundle(stage)["text/html"]
    page = Page(html)
    assert [tag for tag, _ in page.tags] == ["div", "script", "figure", "img", "details", "summary", "pre"]
    assert html.count("<script") == 1 and "<!--" not in html and "\u2028" not in html.split("</script>")[0]
    assert json.loads(page.data["script"]) == stage.payload and EVIL.splitlines()[0] in page.data["pre"]
    attributes = dict(page.tags)["img"]
    assert set(attributes) == {"alt", "src"} and attributes["alt"] == stage.picture.alt
    assert "alert(1)>" not in bundle(stage)["image/svg+xml"]


def test_the_page_form_needs_no_widget():
    data = bundle(Stage(RUN, title="A vote"))
    page = Page(data["text/html"])
    assert page.tags[0] == ("div", {"class": "cl-stage", "data-widget": "stage"})
    assert page.tags[1] == ("script", {"type": "application/json"})
    assert page.data["summary"] == "Transcript" and page.data["pre"] == str(RUN)
    assert data["image/svg+xml"].startswith("<svg") and data["text/plain"].startswith("Stage('A vote'")
    assert "application/vnd.jupyter.widget-view+json" in data
    again = bundle(Stage(RUN, title="A vote"))
    assert all(data[kind] == again[kind] for kind in ("text/html", "text/plain", "image/svg+xml"))


def test_requests_find_the_classes_of_the_stage():
    class MajorityVote(CheckThenAct):
        """Named like another."""

    stage = Stage(simulate(System([Memory, MajorityVote, MajorityVote], **THREADS), seed=1))
    data = stage.payload["entries"][0]["seeds"][0][0]["run"]
    reply, buffers = stage.request(json.dumps({"do": "seed", "run": data, "seed": 1}), [])
    assert buffers == [] and json.loads(reply)["scene"]["run"] == data
    assert json.loads(stage.request('"?"', [])[0]) == {"error": "a request is an object, not '?'"}


def test_a_run_of_nothing():
    stage = Stage(Run(System(MajorityVote, 1)).then(Propose(0, "red")))
    assert repr(stage) == "Stage('MajorityVote': MajorityVote, 1 node, 1 event)"
    assert Stage(Run(System(MajorityVote, 3)))._repr_mimebundle_()


BLOCKED = """
import sys
class Block:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("anywidget", "ipywidgets", "traitlets", "matplotlib", "networkx", "numpy", "IPython"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Block())
import consensus_lab
from consensus_lab.protocols import MajorityVote
from consensus_lab.answers.answer import answer
from consensus_lab.figures import Picture, run_picture, state_graph_picture
run = consensus_lab.simulate(consensus_lab.System(MajorityVote, 3, {0: "red"}), seed=1)
run_picture(run)
assert "scene" in answer({"do": "seed", "run": __import__("json").loads(run.to_json()), "seed": 1})
try:
    from consensus_lab.widgets import Stage
except ImportError as error:
    print(error)
"""


def test_without_anywidget_all_but_the_stage_works_and_the_stage_says_what_it_needs():
    done = subprocess.run([sys.executable, "-c", BLOCKED], capture_output=True, text=True)
    assert done.stdout == 'Stage needs anywidget; install it: pip install "consensus-lab[widgets]"\n', done.stderr
