"""The book, built once, though several processes of the tests may want it at a time: `python -m tests.build`."""

import fcntl
import os
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def build():
    """Build what is not built yet, and return the folder of the pages."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    with open(ROOT / "Makefile") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        subprocess.run(["make", "--silent", "html"], cwd=ROOT, env=environment, check=True)
    return ROOT / "_build" / "html"


if __name__ == "__main__":
    build()
