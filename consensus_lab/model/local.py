"""One node's part of a configuration, and what it makes of an event."""

from __future__ import annotations

from typing import Any, NamedTuple

from consensus_lab.model.values import PLAIN, kinds


class Local(NamedTuple):
    """One node in a configuration. Two are equal only when their values are equal and of the same types.

    Attributes
    ----------
    fields : tuple
        The values of its fields, in the order of the class's `state_defaults`.
    decisions : tuple
        All that it has decided, in order.
    timers : tuple of str
        The names of its armed timers, sorted.
    up : bool
        False after a crash.
    kinds : tuple or None
        What tells the fields and decisions from others that Python takes for equal, see `consensus_lab.model.values`.
    """

    fields: tuple[Any, ...]
    decisions: tuple[Any, ...]
    timers: tuple[str, ...]
    up: bool
    kinds: tuple[Any, ...] | None

    @classmethod
    def of(
        cls,
        fields: tuple[Any, ...],
        decisions: tuple[Any, ...],
        timers: tuple[str, ...],
        up: bool = True,
        before: Local | None = None,
    ) -> Local:
        """The Local with these values; TypeError where one cannot be hashed.

        What it shares with the one before it is not looked at again.
        """
        if before is None:
            parts = (*map(kinds, fields), kinds(decisions))
        else:
            known = before.kinds or (None,) * (len(fields) + 1)
            pairs = zip((*fields, decisions), (*before.fields, before.decisions), known)
            parts = tuple([
                part if new is old else None if new.__class__ in PLAIN else kinds(new) for new, old, part in pairs
            ])  # fmt: skip
        return cls(fields, decisions, timers, up, None if parts.count(None) == len(parts) else parts)


class Reaction(NamedTuple):
    """What a node makes of an event.

    Attributes
    ----------
    local : Local
        Its next local state.
    sent : tuple of (int, Message)
        (receiver, message) pairs, in the order of sending.
    clock : tuple of (str, float or None)
        (timer, after) pairs: armed to fire after so much time, or disarmed where it is None.
    """

    local: Local
    sent: tuple[tuple[int, Any], ...]
    clock: tuple[tuple[str, float | None], ...]
