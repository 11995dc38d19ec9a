"""What is stored in the notebooks is what a run leaves, and can be read without seeing it."""

import re
from pathlib import Path

import nbformat
import pytest

from tools.notebooks import complaints

BOOK = Path(__file__).resolve().parent.parent.parent / "book"
NOTEBOOKS = sorted(BOOK.glob("*.ipynb"))

BRITISH = re.compile(
    r"\b(behaviour|colour|favour|honour|neighbour|labelled|cancelled|modelled|travell|centre|analyse|"
    r"catalogue|defence|grey|organis|recognis|normalis|serialis|synchronis|initialis|generalis|realis[ei])\w*",
    re.IGNORECASE,
)

every_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


@every_notebook
def test_is_normalized(path):
    assert list(complaints(path)) == []


@every_notebook
def test_pictures_have_alternative_text(path):
    silent = []
    for cell in nbformat.read(path, as_version=4).cells:
        for output in cell.get("outputs", ()):
            data = output.get("data", {})
            html = "".join(data.get("text/html", ""))
            if any(kind.startswith("image/") for kind in data) and not html:
                if not cell.metadata.get("mystnb", {}).get("image", {}).get("alt"):
                    silent.append(f"{cell.id}: a picture; say `mystnb: {{image: {{alt: ...}}}}` in its metadata")
            for picture in re.findall(r"<img\b[^>]*>", html):
                if not re.search(r'\balt="[^"]+"', picture):
                    silent.append(f"{cell.id}: {picture[:80]}")
            for picture in re.findall(r"<svg\b[^>]*>", html):
                if "aria-label" not in picture and "aria-hidden" not in picture:
                    silent.append(f"{cell.id}: {picture[:80]}")
    assert silent == []


@pytest.mark.parametrize("path", [*NOTEBOOKS, *sorted(BOOK.glob("*.md"))], ids=lambda path: path.stem)
def test_spelling_is_american(path):
    if path.suffix == ".md":
        text = path.read_text(encoding="utf-8")
    else:
        text = "\n".join(cell.source for cell in nbformat.read(path, as_version=4).cells)
    assert [match.group() for match in BRITISH.finditer(text)] == []


@every_notebook
def test_the_data_of_a_widget_is_small(path):
    cells = nbformat.read(path, as_version=4).cells
    data = [output.get("data", {}) for cell in cells for output in cell.get("outputs", ())]
    pages = ["".join(form.get("text/html", "")) for form in data]
    sizes = [len(held) for page in pages for held in re.findall(r'<script type="application/\w+">(.*?)</script>', page)]
    assert all(size < 40_000 for size in sizes)
