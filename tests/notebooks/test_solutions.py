"""The solutions that are folded away in a chapter are what its own checker accepts."""

import ast
import contextlib
import io
import linecache
import re
from pathlib import Path

import nbformat
import pytest

from consensus_lab.answers.reader import define, protocol
from consensus_lab.exercises import CATALOG

BOOK = Path(__file__).resolve().parent.parent.parent / "book"
SOLUTION = re.compile(r"^(:{3,})\{admonition\} Solution\b.*?^\1$", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def solutions(notebook):
    """The Python code of every folded solution that ends by calling a `check_` function."""
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            for folded in SOLUTION.finditer(cell.source):
                code = "\n".join(CODE.findall(folded[0]))
                if "check_" in code:
                    yield code


def what_it_takes(code, cells):
    """The cells that bind the names that some code reads, and those that these cells read in turn."""
    found, wanted = [], names(code, ast.Load)
    for cell in reversed(cells):
        if cell.cell_type == "code" and names(cell.source, ast.Store) & wanted:
            found.append(cell)
            wanted |= names(cell.source, ast.Load)
    return found[::-1]


def names(code, context):
    """The names that some code reads (`ast.Load`) or binds (`ast.Store`), in whatever scope."""
    nodes = list(ast.walk(ast.parse(code)))
    found = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, context)}
    if context is ast.Store:
        found |= {node.name for node in nodes if isinstance(node, (ast.FunctionDef, ast.ClassDef))}
        found |= {node.asname or node.name for node in nodes if isinstance(node, ast.alias)}
    return found


@pytest.mark.parametrize("path", sorted(BOOK.glob("*.ipynb")), ids=lambda path: path.stem)
def test_checker_accepts_the_solutions(path, monkeypatch):
    notebook = nbformat.read(path, as_version=4)
    wanted = list(solutions(notebook))
    if not wanted:
        pytest.skip("it has no solution that a checker grades")
    monkeypatch.chdir(path.parent)
    here = {"__name__": "__main__"}
    with contextlib.redirect_stdout(io.StringIO()):
        for cell in what_it_takes("\n".join(wanted), notebook.cells):
            run(cell.source, cell.id, here)
    for number, code in enumerate(wanted):
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            run(code, f"solution-{number}", here)
        assert said.getvalue().endswith("Solved.\n"), f"{code}\n{said.getvalue()}"


GRADED = re.compile(r'^Exercise\("(\w+)"\)$', re.MULTILINE)


def folded_solutions():
    """The exercises that the chapters show, each with the code of the folded solution that follows; None for none."""
    found = {}
    for path in sorted(BOOK.glob("*.ipynb")):
        cells = nbformat.read(path, as_version=4).cells
        for number, cell in enumerate(cells[:-1]):
            if cell.cell_type == "code" and (shown := GRADED.search(cell.source)):
                folded = SOLUTION.search(cells[number + 1].source)
                found[shown[1]] = "\n".join(CODE.findall(folded[0])) if folded else None
    return found


def grade(name, code):
    names = define(code)
    return CATALOG[name].check(protocol(names), names)


def test_every_exercise_is_in_a_chapter_and_has_a_solution_unless_there_is_none():
    found = folded_solutions()
    assert found.keys() == CATALOG.keys()
    assert [name for name, code in found.items() if not code] == ["tie_break"]


@pytest.mark.parametrize("name", CATALOG)
def test_the_checker_refutes_what_an_exercise_starts_from(name):
    assert grade(name, CATALOG[name].starter).kind == "broken"


@pytest.mark.parametrize("name", [name for name in CATALOG if name != "tie_break"])
def test_the_checker_passes_the_folded_solution(name):
    outcome = grade(name, f"{CATALOG[name].starter}\n\n{folded_solutions()[name]}")
    assert outcome.passed, outcome


def run(code, name, names):
    """Run a cell so that `inspect.getsource` finds its functions, as it does in a notebook."""
    code, file = code + "\n", f"<{name}>"
    linecache.cache[file] = len(code), None, code.splitlines(keepends=True), file
    exec(compile(code, file, "exec"), names)
