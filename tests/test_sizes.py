"""A module stays within what a person reads in one sitting, and a function within one screen."""

import ast
from pathlib import Path

import consensus_lab

PACKAGE = Path(consensus_lab.__file__).parent
LONGEST_MODULE, LONGEST_FUNCTION = 300, 60  # lines, with all docstrings and comments
TOO_LONG: set[str] = set()
TOO_LONG_FUNCTIONS = {"exploration/explore.py: explore"}


def trees():
    for path in sorted(PACKAGE.rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        yield path.relative_to(PACKAGE).as_posix(), text, ast.parse(text)


def test_no_module_is_too_long():
    lengths = {name: text.count("\n") for name, text, _ in trees() if name not in TOO_LONG}
    assert lengths and {name: lines for name, lines in lengths.items() if lines > LONGEST_MODULE} == {}


def test_no_function_is_too_long():
    found = {
        f"{name}: {node.name}": node.end_lineno - node.lineno + 1
        for name, _, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    }
    longer = {name: lines for name, lines in found.items() if lines > LONGEST_FUNCTION}
    assert found and longer.keys() - TOO_LONG_FUNCTIONS == set(), longer
