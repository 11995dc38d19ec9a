"""A variable that is initialized once and never changes after that."""

from consensus_lab.write_once.write_once import (
    BasicWriteOnce,
    KeyWriteOnce,
    LockedWriteOnce,
    NodeWriteOnce,
    Running,
    Variables,
    WriteOnce,
)

__all__ = [
    "BasicWriteOnce", "KeyWriteOnce", "LockedWriteOnce", "NodeWriteOnce", "Running", "Variables", "WriteOnce",
]  # fmt: skip
