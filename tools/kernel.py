"""Compile the explorer's kernel: kernel.py

The source is consensus_lab/exploration/kernel.c. What comes of it, kernel.wasm beside it, is for the wheel and the
page; git ignores it. The compiler is the one of ziglang, from PyPI, which is installed beside this Python when it is
first needed. Nothing is done where kernel.wasm is of this very source. With --if-possible a compiler that cannot be
had is no error: the explorer then searches in Python.
"""

import hashlib
import importlib.util
import os
import subprocess
import sys
from pathlib import Path

EXPLORATION = Path(__file__).resolve().parent.parent / "consensus_lab" / "exploration"
SOURCE, KERNEL, STAMP = (EXPLORATION / f"kernel.{kind}" for kind in ("c", "wasm", "sha256"))
COMPILER = "ziglang==0.17.1"
OPTIONS = (
    "-target", "wasm32-freestanding", "-O3", "-mbulk-memory", "-nostdlib", "-Wall", "-Wextra", "-Werror",
    "-Wl,--no-entry", "-Wl,-s",
)  # fmt: skip


def digest():
    """What the kernel is made from, in letters: its source, and this file."""
    return hashlib.sha256(SOURCE.read_bytes() + Path(__file__).read_bytes()).hexdigest()


def is_fresh():
    return KERNEL.exists() and STAMP.exists() and STAMP.read_text(encoding="utf-8") == digest()


def build(if_possible):
    made_from = digest()
    if importlib.util.find_spec("ziglang") is None and not if_possible:
        subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", COMPILER], check=True)
    new = KERNEL.with_name(f"kernel-{os.getpid()}.wasm")
    try:
        subprocess.run([sys.executable, "-m", "ziglang", "cc", *OPTIONS, "-o", new, SOURCE], check=True)
        new.replace(KERNEL)
        STAMP.write_text(made_from, encoding="utf-8")
    finally:
        new.unlink(missing_ok=True)


def main(if_possible=False):
    """Make the kernel anew, unless it is of this very source."""
    if is_fresh():
        return
    try:
        build(if_possible)
    except (subprocess.CalledProcessError, OSError) as error:
        if not if_possible:
            raise
        print(f"The explorer's kernel was not compiled ({error}); it will search in Python.", file=sys.stderr)


if __name__ == "__main__":
    main("--if-possible" in sys.argv)
