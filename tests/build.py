"""The book, built once, though several processes of the tests may want it at a time: `python -m tests.build`.

So are its notebooks run once: the pages show the outputs that the tests compare with the stored ones.
"""

import fcntl
import os
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def make(turn, *goals):
    """Make what is not made yet. Who wants something of the same kind waits its turn, for a lock on this file."""
    assert goals, "without a goal make would serve the book, and never end"
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    with open(ROOT / turn) as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        subprocess.run(["make", "--silent", "--jobs=2", *goals], cwd=ROOT, env=environment, check=True)


def executed(*names):
    """Run these notebooks of the book, or all, where they or the package have changed; return the folder of copies."""
    folder = ROOT / ".executed"
    make("_toc.yml", *([f".executed/{name}" for name in names] or ["executed"]))
    return folder


def build():
    """Build what is not built yet, and return the folder of the pages."""
    executed()
    make("Makefile", "html")
    return ROOT / "_build" / "html"


if __name__ == "__main__":
    build()
