"""Budgets: how many faults and timeouts one run may hold."""

from __future__ import annotations

from typing import NamedTuple


class Budgets(NamedTuple):
    """How many events of some kinds a run may hold, or may still hold. None is no limit.

    They bound what an explorer, an adversary or a reader may do, not a simulation.

    >>> Budgets(crashes=1, timeouts=None).spend("crashes")
    Budgets(crashes=0, restarts=0, timeouts=None)
    """

    crashes: int | None = 0
    restarts: int | None = 0
    timeouts: int | None = 0

    def of(self, name: str) -> int | None:
        """The budget of that name."""
        return getattr(self, name)

    def spend(self, name: str) -> Budgets:
        """What is left after an event that this budget bounds; a simulation may go beyond it."""
        left = self.of(name)
        return self._replace(**{name: left - 1}) if left else self


SPENDS = {"crash": "crashes", "restart": "restarts", "timeout": "timeouts"}
"""The budget from which a cause is paid, by the name of the cause."""
