"""How long a message takes: functions of a `random.Random`."""

from collections.abc import Callable
from dataclasses import dataclass
from math import inf, log
from random import Random

from consensus_lab.model.errors import ProtocolError

Delay = Callable[[Random], float]


def constant(t):
    """A delay that is always `t`."""
    _require_delay((t,), lambda: 0 <= t < inf, f"constant({t!r})")
    return lambda rng: t


def uniform(low, high):
    """A delay that is equally likely anywhere from `low` to `high`."""
    _require_delay((low, high), lambda: 0 <= low <= high < inf, f"uniform({low!r}, {high!r})")
    return Uniform(low, high - low)


def exponential(mean):
    """A delay with many short values and a long tail; rounded to 1e-9, so that no platform's logarithm shows."""
    _require_delay((mean,), lambda: 0 < mean < inf, f"exponential({mean!r})")
    return lambda rng: round(-mean * log(1.0 - rng.random()), 9)


@dataclass(frozen=True)
class Uniform:
    """The delay that `uniform` makes: from `low` to `low + width`."""

    low: float
    width: float

    def __call__(self, rng):
        return self.low + self.width * rng.random()


def _require_delay(numbers, sound, what):
    if not all(isinstance(number, (int, float)) for number in numbers) or not sound():
        raise ProtocolError(f"{what} is no delay; a message takes some time, and never less than 0")
