"""Type checkers and editors understand a user's protocol: they find its mistakes and nothing else."""

import json
import os
import subprocess
import sys
from pathlib import Path

import jedi
import pytest

from tests.model.test_contract import CONTRACT

ROOT = Path(__file__).resolve().parent.parent.parent
PROTOCOL = """
from consensus_lab import Message, Node, Run, System, explore, simulate, verdict

class Hello(Message):
    name: str

class Reply(Message):
    name: str
    times: int = 1

class Greeter(Node):
    greeted: frozenset[str] = frozenset()

    def receive(self, sender, message):
        match message:
            case Hello(name) if sender != self.id:
                self.greeted |= {name}
                self.send(sender, Reply(name))
            case Reply(_, times):
                self.set_timer("again", after=2 * times)

    def timeout(self, timer):
        self.broadcast(Hello(f"one of {len(self.nodes)}"))

system = System(Greeter, n=2, proposals={0: "red"})
run = simulate(system, seed=7)
"""
MISTAKES = {
    "Hello()": 'Argument missing for parameter "name"',
    "Hello('x', 'y')": "Expected 1 positional argument",
    "Hello(3)": '"Literal[3]" is not assignable to "str"',
    "Reply('x', tmies=2)": 'No parameter named "tmies"',
    "Hello('x').name = 'y'": 'Attribute "name" is read-only',
    "Hello('x').nmae": 'Attribute "nmae" is unknown',
    "run.decisons": 'Attribute "decisons" is unknown',
    "explore(system).stuk": 'Attribute "stuk" is unknown',
    "verdict(Greeter).knid": 'Attribute "knid" is unknown',
    "simulate(system, sede=7)": 'No parameter named "sede"',
    "def steps(run: Run): return run.step": 'Attribute "step" is unknown',
    "class Rude(Greeter):\n    def start(self): self.sned(0, Hello('x'))": 'Attribute "sned" is unknown',
}


@pytest.fixture(scope="module")
def complaints(tmp_path_factory):
    """What pyright says of each script, where the package is installed as any other."""
    folder = tmp_path_factory.mktemp("user")
    scripts = {"contract": CONTRACT, "protocol": PROTOCOL}
    scripts |= {f"mistake_{number}": f"{PROTOCOL}\n{mistake}\n" for number, mistake in enumerate(MISTAKES)}
    for name, script in scripts.items():
        (folder / f"{name}.py").write_text(script, encoding="utf-8")
    said = subprocess.run(
        [sys.executable, "-m", "pyright", "--pythonpath", sys.executable, "--outputjson", folder],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    found = {name: [] for name in scripts}
    for complaint in json.loads(said.stdout)["generalDiagnostics"]:
        if complaint.get("rule") != "reportUnusedExpression":  # a cell shows one
            found[Path(complaint["file"]).stem].append(complaint)
    return found


@pytest.mark.parametrize("name", ["contract", "protocol"])
def test_a_protocol_without_mistakes_is_clean(complaints, name):
    assert complaints[name] == []


@pytest.mark.parametrize("number, mistake", [*enumerate(MISTAKES)], ids=MISTAKES)
def test_a_mistake_is_an_error(complaints, number, mistake):
    (complaint,) = complaints[f"mistake_{number}"]
    assert complaint["severity"] == "error" and MISTAKES[mistake] in complaint["message"]
    assert complaint["range"]["start"]["line"] >= PROTOCOL.count("\n")


def test_completion_shows_the_fields_of_a_message():
    typed = f"{PROTOCOL}\nReply"
    (completion,) = jedi.Script(typed).complete()
    assert [signature.to_string() for signature in completion.get_signatures()] == ["Reply(name: str, times: int=1)"]
