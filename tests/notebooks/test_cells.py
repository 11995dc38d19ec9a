"""What a cell says now is compared with what is stored, and a cell that raises fails the tests and the book."""

from types import SimpleNamespace

import nbformat
import pytest
from nbformat import v4
from nbval.plugin import NbCellError
from sphinx.errors import ExtensionError

from book._extensions import book_outputs
from tests.notebooks.cells import Chapter, Replay
from tools.notebooks import execute


def notebook(*cells):
    """A notebook of (source, text of its result) pairs."""
    results = [[v4.new_output("execute_result", {"text/plain": text}, execution_count=1)] for _, text in cells]
    code = [v4.new_code_cell(source, execution_count=1) for source, _ in cells]
    for cell, outputs in zip(code, results):
        cell.outputs = outputs
    return v4.new_notebook(cells=[v4.new_markdown_cell("Some text."), *code])


@pytest.fixture
def run(tmp_path, request):
    """Store a notebook, run it, and give nbval's tests of its cells."""

    def tests(stored):
        path = tmp_path / "chapter.ipynb"
        nbformat.write(stored, path)
        execute(path, tmp_path / "executed")
        chapter = Chapter.from_parent(request.session, path=path)
        cells = list(chapter.collect())
        chapter.kernel = Replay(nbformat.read(tmp_path / "executed" / path.name, as_version=4))
        return cells

    return tests


def test_a_cell_is_compared_with_what_is_stored(run):
    first, second, third = run(notebook(("x = 40; x", "40"), ("x + 1", "42"), ("x + 2", "42")))
    first.runtest()
    with pytest.raises(NbCellError, match="Cell outputs differ"):
        second.runtest()
    third.runtest()


def test_a_cell_can_be_asked_for_alone(run):
    _, second = run(notebook(("x = 40; x", "40"), ("x + 2", "42")))
    second.runtest()


def test_a_cell_that_raises_fails_and_the_next_one_is_compared_all_the_same(run):
    first, second = run(notebook(("1 / 0", "1"), ("2", "2")))
    with pytest.raises(NbCellError) as raised:
        first.runtest()
    assert "ZeroDivisionError" in raised.value.inner_traceback
    second.runtest()


@pytest.fixture
def read(tmp_path, monkeypatch):
    """What the build of the book makes of a notebook that has been run."""
    monkeypatch.setattr(book_outputs, "EXECUTED", tmp_path / "executed")

    def source_of(stored, change=lambda text: text):
        path = tmp_path / "chapter.ipynb"
        nbformat.write(stored, path)
        app = SimpleNamespace(env=SimpleNamespace(doc2path=lambda name: str(path)))
        source = [change(path.read_text(encoding="utf-8"))]
        book_outputs.read_executed(app, "chapter", source)
        return nbformat.reads(source[0], as_version=4)

    return source_of


def test_a_page_shows_what_has_been_computed(read, tmp_path):
    stored = notebook(("6 * 7", "41"))
    with pytest.raises(ExtensionError, match="has not been run"):
        read(stored)
    execute(tmp_path / "chapter.ipynb", tmp_path / "executed")
    assert read(stored).cells[1].outputs[0].data["text/plain"] == "42"
    with pytest.raises(ExtensionError, match="has changed since it was run"):
        read(stored, lambda text: text.replace("6 * 7", "6 * 8"))


def test_a_page_with_a_cell_that_raises_is_warned_of(read, tmp_path, monkeypatch):
    stored, warned = notebook(("1 / 0", "1")), []
    monkeypatch.setattr(book_outputs.logger, "warning", lambda text, *rest, location: warned.append(location))
    nbformat.write(stored, tmp_path / "chapter.ipynb")
    execute(tmp_path / "chapter.ipynb", tmp_path / "executed")
    read(stored)
    assert warned == ["chapter"]
