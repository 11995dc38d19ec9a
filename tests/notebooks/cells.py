"""The cells of notebooks, which are compared with their stored outputs as nbval does it.

nbval runs a notebook in a kernel, cell by cell. Here the kernel has run all cells already, as the book shows the same
outputs; `pytest --nbval` has one of nbval's own.
"""

from collections import deque
from pathlib import Path

import nbformat
from nbval.plugin import IPyNbFile

from tests.build import executed

BOOK = Path(__file__).resolve().parent.parent.parent / "book"
IDLE = {"msg_type": "status", "content": {"execution_state": "idle"}}


class Chapter(IPyNbFile):
    """A notebook of the book, collected and compared by nbval."""

    def setup(self):
        copy = executed(self.path.name) / self.path.name
        self.kernel = Replay(nbformat.read(copy, as_version=4))
        self.setup_sanitize_files()


class Replay:
    """What nbval needs of a kernel, from a notebook that has been run: each cell's outputs as the kernel's messages."""

    def __init__(self, notebook):
        self.cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
        self.messages = deque()

    def execute_cell_input(self, source, allow_stdin=None):
        while (cell := self.cells.pop(0)).source != source:  # where a test is asked for alone, its cell comes later
            pass
        left = [{"msg_type": output.output_type, "content": output} for output in cell.outputs]
        self.messages = deque([*left, IDLE])
        return "asked"

    def get_message(self, stream, timeout=None):
        return self.messages.popleft() | {"parent_header": {"msg_id": "asked"}}

    def await_reply(self, asked, timeout=None):
        """It has been answered."""

    def await_idle(self, asked, timeout=None):
        """It is idle."""

    def is_alive(self):
        return True

    def stop(self):
        """It has stopped."""


def collect(path, parent):
    """The tests of a chapter's cells; none of another file, nor where nbval itself is to run the notebooks."""
    if path.suffix == ".ipynb" and path.parent == BOOK and not parent.config.option.nbval:
        return Chapter.from_parent(parent, path=path)
    return None


def compare_what_can_be_run(items, missing):
    """A cell that tells of etcd prints something else where there is none; what is `missing` says why."""
    for item in items:
        if missing and hasattr(item, "cell") and "on_etcd(" in item.cell.source:
            item.options["check"] = False
