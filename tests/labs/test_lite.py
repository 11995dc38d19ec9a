"""A chapter in JupyterLite: in the page, as the launch button opens it, with no server but one for files.

The browser's Python comes from this machine. What its makers have compiled cannot: so a chapter is run that draws
nothing with matplotlib.
"""

import importlib
import json
from pathlib import Path

import pytest

from tests.labs.chapter import errors, open_chapter, run_all, session

ROOT = Path(__file__).resolve().parent.parent.parent
CHAPTER = "intro"


def test_it_holds_the_chapters_of_the_book(book):
    pages = sorted(path.relative_to(book).with_suffix("") for path in (book / "book").rglob("*.html"))
    chapters = [page for page in pages if (book / "lite/files" / page).with_suffix(".ipynb").exists()]
    assert chapters and chapters == [page for page in pages if leads_there(book / page)]


def leads_there(page):
    return f"/lite/lab/index.html?path=book/{page.name}.ipynb" in page.with_suffix(".html").read_text(encoding="utf-8")


@pytest.mark.parametrize("ready", [True, False])
def test_the_button_leads_there_from_any_depth_or_is_not_there(ready, tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "book" / "_extensions")
    extension = importlib.import_module("book_lite")
    monkeypatch.setattr(extension, "READY", tmp_path if ready else tmp_path / "nothing")
    buttons = [{"text": name, "url": "lite/lab/index.html?path=a/b/c.ipynb"} for name in ("Binder", "JupyterLite")]
    context = {"header_buttons": [{"buttons": buttons}, {}], "pathto": lambda path, resource: f"../../{path}"}
    extension.mend_button(None, "a/b/c", "page.html", context, None)
    addresses = [button["url"] for button in buttons if button["text"] == "JupyterLite"]
    assert addresses == ["../../lite/lab/index.html?path=a/b/c.ipynb"] * ready and len(buttons) == 1 + ready


def test_what_a_kernel_starts_with_is_in_the_folder(book):
    lock = json.loads((book / "lite/packages/pyodide-lock.json").read_text(encoding="utf-8"))["packages"]
    settings = json.loads((book / "lite/jupyter-lite.json").read_text(encoding="utf-8"))["jupyter-config-data"]
    (kernel,) = settings["litePluginSettings"].values()
    names = kernel["loadPyodideOptions"]["packages"]
    assert {"consensus-lab", "anywidget", "ipython", "pyodide-kernel"} <= set(names)
    assert [name for name in names if not (book / "lite/packages" / lock[name]["file_name"]).is_file()] == []


@pytest.fixture
def chapter(live_site, new_page):
    """The chapter, as the launch button of its page opens it, with all its cells run."""
    page = new_page()
    page.goto(f"{live_site}/book/{CHAPTER}.html")
    page.get_by_role("button", name="Launch interactive content").click()
    address = page.get_by_role("link", name="JupyterLite").evaluate("link => link.href")
    page = new_page(height=1300, logs=(), reduced_motion="reduce")
    open_chapter(page, address)
    assert page.evaluate("jupyterapp.shell.currentWidget.context.path") == f"book/{CHAPTER}.ipynb"
    page.cells = run_all(page)
    return page


@pytest.mark.alone
def test_a_chapter_runs_and_the_same_session_gives_the_same_runs_as_in_the_page(chapter, live_site, new_page):
    assert errors(chapter.cells) == [] and all(cell["execution_count"] for cell in chapter.cells)
    page = new_page(reduced_motion="reduce")
    page.goto(f"{live_site}/book/{CHAPTER}.html")
    assert session(chapter) == session(page)
