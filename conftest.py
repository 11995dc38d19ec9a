"""How tests share a machine, when several processes run them: what is marked `alone` has it for itself."""

import fcntl
from pathlib import Path

import pytest

from consensus_lab.etcd.processes import why_missing
from tests.notebooks.cells import compare_what_can_be_run

pytest_plugins = ["tests.browser"]
ROOT = Path(__file__).resolve().parent
MACHINE, GATE = open(ROOT / "conftest.py"), open(ROOT / "pyproject.toml")  # any two files would do


def pytest_collection_modifyitems(items):
    compare_what_can_be_run(items, why_missing())


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item):
    """Each test holds a lock together with the others, or all by itself. Whoever waits for it holds the gate."""
    fcntl.flock(GATE, fcntl.LOCK_EX)
    fcntl.flock(MACHINE, fcntl.LOCK_EX if item.get_closest_marker("alone") else fcntl.LOCK_SH)
    fcntl.flock(GATE, fcntl.LOCK_UN)
    try:
        return (yield)
    finally:
        fcntl.flock(MACHINE, fcntl.LOCK_UN)
