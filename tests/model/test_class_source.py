"""The source of protocols that a notebook's cells define."""

import json

import nbformat
import pytest
from nbclient import NotebookClient

from consensus_lab.answers.answer import answer_text
from consensus_lab.model.class_source import definitions
from consensus_lab.protocols import MajorityVote

CELLS = [
    "from consensus_lab import Message, Node, System, simulate\nimport math",
    "WORDS = ('yes', 'no')\nclass Vote(Message):\n    text: str",
    "%%time\nunrelated = 1",
    "def first(values):\n    return sorted(values)[0]",
    "class Silent(Node):\n    def receive(self, sender, message):\n        pass",
    "class Old(Node):\n    heard: frozenset = frozenset()\n    def receive(self, sender, message):\n        pass",
    """class Loud(Silent):
    heard: frozenset = frozenset()

    def propose(self, value):
        self.broadcast(Vote(value))

    def receive(self, sender, message):
        match message:
            case Vote(text) if text in WORDS:
                self.heard |= {text}
                self.decide(first(self.heard))""",
    """import json
from consensus_lab.model.run_json import as_object
from consensus_lab.model.class_source import definitions
run = as_object(simulate(System(Loud, 3, {0: "yes"}), seed=1))
print(json.dumps({"source": definitions([Loud]), "run": run}))""",
]


@pytest.fixture(scope="module")
def said():
    """What the notebook's last cell prints."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in CELLS])
    NotebookClient(notebook, timeout=120).execute()
    return json.loads(notebook.cells[-1].outputs[0]["text"])


def test_it_has_the_class_and_all_that_it_uses_from_the_cells_and_no_more(said):
    names = {}
    exec(said["source"], names)
    assert {"Loud", "Silent", "Vote", "WORDS", "first", "Node", "Message"} <= names.keys()
    assert not {"Old", "unrelated", "math", "run"} & names.keys()


def test_the_page_answers_about_such_a_protocol(said):
    request = json.dumps({"do": "continue", "run": said["run"], "at": 1, "seed": 4})
    reply = json.loads(answer_text(request, said["source"]))
    assert reply["scene"]["protocol"] == "Loud" and len(reply["scene"]["steps"]) > 1


def test_what_a_request_calls_source_is_not_run(said):
    request = {"do": "continue", "run": said["run"], "at": 1, "seed": 4, "source": "raise SystemExit"}
    assert "scene" in json.loads(answer_text(json.dumps(request), said["source"]))


def test_a_protocol_from_a_module_needs_none():
    assert definitions([MajorityVote]) == ""
