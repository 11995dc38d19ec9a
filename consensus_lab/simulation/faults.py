"""What goes wrong with the network of a simulation, and when."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Partition:
    """From `start` to `end`, no message gets from one group of nodes to another.

    A reliable network holds such a message back until the end; a lossy one loses it. Messages already on their way
    at `start` arrive. A node in none of the groups is a group of its own.
    """

    start: float
    end: float
    groups: Sequence[Collection[int]]

    def parts(self, time, a, b):
        """True when it keeps a message sent at `time` from going between `a` and `b`."""
        return self.start <= time < self.end and not any(a in group and b in group for group in self.groups)
