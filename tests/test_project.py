"""The promises that the project's own files make."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def read(name):
    return (ROOT / name).read_text(encoding="utf-8")


def tracked():
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    if listed.returncode:
        pytest.skip("not a git checkout")
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md"])
def test_named_commands_exist(name):
    targets = set(re.findall(r"^([\w-]+):", read("Makefile"), re.MULTILINE))
    named = set(re.findall(r"\bmake ([a-z]+)\b(?=[`\n]|  )", read(name)))
    assert named and named <= targets


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md"])
def test_links_lead_to_files(name):
    linked = re.findall(r"\]\(([^)#:]+)\)|\bsrc(?:set)?=\"([^\":]+)\"", read(name))
    assert linked and [path for pair in linked for path in pair if path and not (ROOT / path).exists()] == []


def test_the_example_in_the_readme_runs():
    (example,) = re.findall(r"```python\n(.*?)```", read("README.md"), re.DOTALL)
    subprocess.run([sys.executable, "-c", example], check=True, capture_output=True)


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt", "requirements-lite.txt"])
def test_requirements_are_pinned(name):
    lines = [line for line in read(name).splitlines() if line and not line.startswith(("#", "-r "))]
    assert lines and [line for line in lines if not re.fullmatch(r"[\w-]+==[\w.]+", line)] == []


def test_binder_gets_a_python_that_the_package_runs_on():
    version = re.fullmatch(r"python-3\.(\d+)\n", read("runtime.txt"))
    assert PYPROJECT["project"]["requires-python"] == ">=3.11" and int(version[1]) >= 11
    assert not (ROOT / "binder").exists(), "Binder would ignore the files at the root"


def test_versions_agree():
    citation = re.search(r"^version: (\S+)$", read("CITATION.cff"), re.MULTILINE)
    assert citation[1] == PYPROJECT["project"]["version"]


def test_the_core_needs_nothing_else():
    assert PYPROJECT["project"]["dependencies"] == []
    script = (
        "import sys; before = set(sys.modules); import consensus_lab\n"
        "print(*{name.partition('.')[0] for name in set(sys.modules) - before})"
    )
    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert set(loaded.stdout.split()) - set(sys.stdlib_module_names) == {"consensus_lab"}


@pytest.mark.alone
def test_the_core_imports_within_60_ms():
    script = "import time; start = time.process_time(); import consensus_lab; print(time.process_time() - start)"

    def seconds():
        return float(subprocess.run([sys.executable, "-c", script], capture_output=True, check=True).stdout)

    assert min(seconds() for _ in range(10)) < 0.060


def test_no_file_names_somebodys_machine():
    private = re.compile(rb"/(?:home|Users|root|work|opt)/\w|\b(?:10|192\.168|172\.(?:1[6-9]|2\d|3[01]))\.\d+\.\d+")
    assert [str(path.relative_to(ROOT)) for path in tracked() if private.search(path.read_bytes())] == []
