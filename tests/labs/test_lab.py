"""A chapter in JupyterLab, installed from requirements.txt as Binder installs it."""

import re
from importlib.metadata import version
from pathlib import Path

import pytest

from tests.labs.chapter import errors, leave_the_road, open_chapter, run_all, session

ROOT = Path(__file__).resolve().parent.parent.parent

alone = pytest.mark.alone  # anywidget gives a widget two seconds to start, however busy the machine is


def test_what_is_installed_is_what_binder_installs():
    pins = re.findall(r"^([\w-]+)==(\S+)$", (ROOT / "requirements.txt").read_text(encoding="utf-8"), re.MULTILINE)
    assert pins and {name: version(name) for name, _ in pins} == dict(pins)


def test_binders_button_opens_the_chapter_in_jupyterlab(book):
    for notebook in sorted((ROOT / "book").glob("*.ipynb")):
        page = (book / "book" / notebook.with_suffix(".html").name).read_text(encoding="utf-8")
        assert f"/consensus-lab/consensus-lab/main?urlpath=lab/tree/book/{notebook.name}" in page


def run_chapter(page, address):
    open_chapter(page, address)
    cells = run_all(page)
    assert errors(cells) == [] and all(cell["execution_count"] for cell in cells)


@alone
def test_a_chapter_runs_and_its_stage_plays_and_forks(lab, new_page):
    page = new_page(height=1300, logs=("error",))
    run_chapter(page, lab("book/consensus.ipynb"))
    stage = page.locator(".cl-stage").first
    leave_the_road(stage, 3)
    stage.locator(".cl-roads [data-road]").nth(1).wait_for()


@alone
def test_the_same_session_gives_the_same_runs_in_jupyterlab_and_in_the_page(lab, live_site, new_page):
    page = new_page(reduced_motion="reduce")
    page.goto(f"{live_site}/book/intro.html")
    in_the_page = session(page)

    page = new_page(height=1300, logs=("error",), reduced_motion="reduce")
    run_chapter(page, lab("book/intro.ipynb"))
    in_the_lab = session(page)

    assert in_the_lab == in_the_page
    assert len({str(run) for run in in_the_page}) == 5
