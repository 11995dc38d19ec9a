"""Run every notebook and store its outputs in a form that two runs leave identical.

notebooks.py [NOTEBOOK ...]                 run and store
notebooks.py --into FOLDER [NOTEBOOK ...]   run, and leave what comes of it in a folder, for the book and the tests
notebooks.py --check [NOTEBOOK ...]         run nothing; say what is not in that form, and fail
"""

import argparse
import os
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient

BOOK = Path(__file__).resolve().parent.parent / "book"
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
KEPT = ("tags", "mystnb")
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"


def run(notebook, folder, go_on=False):
    """Execute all cells in a fresh kernel. A cell that raises ends it, or leaves the traceback as its output."""
    client = NotebookClient(
        notebook,
        timeout=300,
        allow_errors=go_on,
        coalesce_streams=True,
        record_timing=False,
        store_widget_state=False,
        resources={"metadata": {"path": folder}},
    )
    client.execute()


def normalize(notebook, stem):
    """Drop all that differs from run to run or from editor to editor."""
    notebook.metadata = nbformat.from_dict(METADATA)
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    for number, cell in enumerate(notebook.cells):
        cell.id = f"{stem}-{number:02d}"
        cell.metadata = nbformat.from_dict({k: v for k, v in cell.metadata.items() if k in KEPT})
        cell.pop("attachments", None)
        cell.source = "\n".join(line.rstrip() for line in cell.source.strip("\n").split("\n"))
        for output in cell.get("outputs", ()):
            output.get("data", {}).pop(WIDGET_VIEW, None)


def execute(path, folder):
    """Run a notebook and write it to a folder: there all at once, so that nobody reads half of it."""
    notebook = nbformat.read(path, as_version=4)
    run(notebook, path.parent, go_on=True)
    folder.mkdir(exist_ok=True)
    half = folder / f"{path.name}.half"
    half.write_text(text_of(notebook), encoding="utf-8")
    half.replace(folder / path.name)


def store(path):
    """Run a notebook and store its outputs."""
    notebook = nbformat.read(path, as_version=4)
    run(notebook, path.parent)
    normalize(notebook, path.stem)
    path.write_text(text_of(notebook), encoding="utf-8")


def text_of(notebook):
    return nbformat.writes(notebook) + "\n"


def complaints(path):
    """Why the stored notebook is not what a run would leave."""
    stored = path.read_text(encoding="utf-8")
    notebook = nbformat.reads(stored, as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip()]
    if [cell.execution_count for cell in code] != list(range(1, len(code) + 1)):
        yield "its cells were not all run once, in order, in a fresh kernel"
    for cell in code:
        if any(output.output_type == "error" for output in cell.outputs):
            yield f"cell {cell.get('id')} stores an error"
    normalize(notebook, path.stem)
    if text_of(notebook) != stored:
        yield "its identifiers, metadata or layout are not normalized"


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--into", type=Path, metavar="FOLDER")
    parser.add_argument("notebooks", nargs="*", type=Path, default=sorted(BOOK.glob("*.ipynb")))
    options = parser.parse_args(arguments)

    if options.into:
        for path in options.notebooks:
            execute(path, options.into)
        return False
    os.environ["CONSENSUS_LAB_RECORD"] = "1"  # of what a machine without etcd cannot run
    failed = False
    for path in options.notebooks:
        if options.check:
            for complaint in complaints(path):
                failed = True
                print(f"{path.name}: {complaint}; `make notebooks` mends it")
        else:
            print(f"{path.name} ...", end=" ", flush=True)
            store(path)
            print("stored")
    return failed


if __name__ == "__main__":
    sys.exit(main())
