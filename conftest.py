"""How tests share a machine, when several processes run them: what is marked `alone` has it for itself."""

import fcntl
from pathlib import Path

import pytest

pytest_plugins = ["tests.browser"]
ROOT = Path(__file__).resolve().parent


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item):
    """Each test holds a lock together with the others, or all by itself. Whoever waits for it holds the gate."""
    with open(ROOT / "conftest.py") as machine, open(ROOT / "pyproject.toml") as gate:
        fcntl.flock(gate, fcntl.LOCK_EX)
        fcntl.flock(machine, fcntl.LOCK_EX if item.get_closest_marker("alone") else fcntl.LOCK_SH)
        fcntl.flock(gate, fcntl.LOCK_UN)
        return (yield)
