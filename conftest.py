"""How tests are shared out among the processes that run them."""

import subprocess
import sys
from pathlib import Path

import pytest

from consensus_lab.etcd import why_missing
from tests.notebooks.cells import collect, compare_what_can_be_run

pytest_plugins = ["tests.browser"]


def pytest_configure(config):
    """What is built is of the sources that are there, once for all processes of the tests."""
    if not hasattr(config, "workerinput"):
        subprocess.run([sys.executable, Path(__file__).parent / "tools" / "bundle.py"], check=True)
        subprocess.run([sys.executable, Path(__file__).parent / "tools" / "kernel.py", "--if-possible"], check=True)


def pytest_collect_file(file_path, parent):
    return collect(file_path, parent)


def pytest_collection_modifyitems(items):
    compare_what_can_be_run(items, why_missing())
    for item in items:
        if stay_together(item):
            item.add_marker(pytest.mark.xdist_group(item.path.stem))


def stay_together(item):
    """True for the cells of a notebook, and for tests that share a fixture of their file: one process runs them all."""
    fixtures = getattr(getattr(item, "_fixtureinfo", None), "name2fixturedefs", {})
    return item.path.suffix == ".ipynb" or any(
        definition.scope in ("module", "class") for definitions in fixtures.values() for definition in definitions
    )
