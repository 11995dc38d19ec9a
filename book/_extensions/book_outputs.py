"""The pages show what `make executed` has just computed, and not what is stored in the notebooks.

The tests compare the same outputs with the stored ones, so that each chapter is run once. A cell that raised is a
warning, as a mistake in the text is, and a build takes warnings for errors.
"""

from pathlib import Path

import nbformat
from sphinx.errors import ExtensionError
from sphinx.util import logging

logger = logging.getLogger(__name__)
EXECUTED = Path(__file__).resolve().parent.parent.parent / ".executed"


def read_executed(app, docname, source):
    """Put the executed copy in place of a notebook."""
    path = Path(app.env.doc2path(docname))
    if path.suffix != ".ipynb":
        return
    copy = EXECUTED / path.name
    if not copy.exists():
        raise ExtensionError(f"{path.name} has not been run; build the book with `make html`, or `make executed` first")
    text = copy.read_text(encoding="utf-8")
    cells = nbformat.reads(text, as_version=4).cells
    if [cell.source for cell in cells] != [cell.source for cell in nbformat.reads(source[0], as_version=4).cells]:
        raise ExtensionError(f"{path.name} has changed since it was run; build the book with `make html`")
    for number, cell in enumerate(cells):
        for output in cell.get("outputs", ()):
            if output.output_type == "error":
                trace = "\n".join(output.traceback)
                logger.warning("cell %d raises\n%s", number, trace, location=docname)
    source[0] = text


def setup(app):
    app.connect("source-read", read_executed)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
