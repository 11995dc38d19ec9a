"""Where all schedules are too many, look where mistakes live.

`explore` tries every schedule, and is the better tool where it comes to an end. `hunt` draws schedules that mistakes
are often found in, and shrinks the first that breaks a property. What it finds is a run like any other. What it does
not find may be there all the same.
"""

import time
from collections import deque
from dataclasses import dataclass

from consensus_lab.hunting.schedules import LONGEST, walk
from consensus_lab.hunting.shrinking import shrunk
from consensus_lab.model.errors import ProtocolError
from consensus_lab.model.properties import CONSENSUS, Property
from consensus_lab.model.run import Run
from consensus_lab.model.system import System

BATCH = 25  # schedules in one task
SHORTER = 300  # schedules that are drawn to find one that is shorter still
AHEAD = 16  # tasks that an executor has at a time


@dataclass(frozen=True)
class Hunt:
    """What a hunt found.

    Attributes
    ----------
    run : Run or None
        A schedule that breaks a property, shrunk; None where none was found.
    property : str or None
        The name of the property that it breaks.
    schedules, events : int
        How many schedules were looked at, up to the one that was found, and how many events they had together.
    seed : int
        The seed that they were drawn from.
    before : int or None
        How many events the schedule had before it was shrunk.
    """

    run: Run | None
    property: str | None
    schedules: int
    events: int
    seed: int
    before: int | None = None

    def __bool__(self):
        return self.run is not None

    def __str__(self):
        looked = f"{self.schedules:,} schedules with {self.events:,} events, drawn from seed {self.seed}"
        if self.run is None:
            return f"Nothing was found in {looked}, of up to {LONGEST} events each. Others were not looked at."
        return (
            f"{self.property} is broken in {len(self.run)} events. Found in the last of {looked}; it had "
            f"{self.before} before it was shrunk.\n\n{self.run}"
        )


def hunt(system, *, seconds=10, seed=0, properties=CONSENSUS, schedules=None, executor=None):
    """Look for a schedule that breaks a property, among those in which mistakes are often found.

    Parameters
    ----------
    system : System
        Its budgets say which faults there may be. A budget of 0 crashes finds no mistake that takes a crash.
    seconds : float
        How long to look, in seconds of real time. What is under way then is finished first.
    seed : int
        The same seed finds the same run, in one process and in ten.
    properties : sequence of Property
        What a schedule may break. One that has to happen sometimes cannot be broken by one schedule, and is refused.
    schedules : int, optional
        Stop after this many, however much time is left.
    executor : concurrent.futures.Executor, optional
        Where to look: processes, or a cluster through Dask's `Client.get_executor()`. The system's classes have to
        be importable there. By default here, in this thread.

    Returns
    -------
    Hunt
        The first schedule that breaks a property, shrunk, or how many were looked at in vain.

    Raises
    ------
    ProtocolError
        If an argument is not what it has to be, or a handler raises.

    Examples
    --------
    >>> from consensus_lab.protocols import TieBreakVote
    >>> found = hunt(System(TieBreakVote, 3, {0: "red", 1: "blue"}, timeouts=2), schedules=100)
    >>> found.property, len(found.run)
    ('Agreement', 6)
    """
    properties = _checked(system, properties, seconds, schedules)
    deadline = time.monotonic() + seconds
    batches = _batches(system, properties, seed, schedules)
    looked, events = 0, 0
    for found, count, length in _here(batches, deadline) if executor is None else _there(batches, deadline, executor):
        looked, events = looked + count, events + length
        if found is not None:
            name, schedule = found
            prop = next(prop for prop in properties if prop.name == name)
            run = Run(system, _shortest_found(system, schedule, prop, seed))
            return Hunt(run, name, looked, events, seed, len(schedule))
    return Hunt(None, None, looked, events, seed)


def _checked(system, properties, seconds, schedules):
    if not isinstance(system, System):
        raise ProtocolError(f"hunt({system!r}): pass a System")
    properties = (properties,) if isinstance(properties, Property) else tuple(properties)
    for prop in properties:
        if not isinstance(prop, Property) or prop.sometimes:
            raise ProtocolError(f"hunt(properties=...): {prop!r} is no Property that one schedule can break")
    if not (isinstance(seconds, (int, float)) and seconds >= 0):
        raise ProtocolError(f"hunt(seconds={seconds!r}): pass a number of seconds, 0 or more")
    if not (schedules is None or type(schedules) is int and schedules > 0):
        raise ProtocolError(f"hunt(schedules={schedules!r}): pass a whole number above 0, or None")
    return properties


def _batches(system, properties, seed, schedules):
    """The arguments of one task after the other."""
    first = 0
    while schedules is None or first < schedules:
        count = BATCH if schedules is None else min(BATCH, schedules - first)
        yield system, properties, seed, range(first, first + count)
        first += count


def _here(batches, deadline):
    for task in batches:
        if time.monotonic() >= deadline:
            return
        yield look(*task)


def _there(batches, deadline, executor):
    """The results of the tasks in their order, so that the schedule which is found first is always the same."""
    waiting = deque()
    try:
        for task in batches:
            if time.monotonic() >= deadline:
                break
            waiting.append(executor.submit(look, *task))
            if len(waiting) == AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        for future in waiting:
            future.cancel()


def _shortest_found(system, schedule, prop, seed):
    """The schedule, shrunk, or a shorter one among those that are drawn once its length is known."""
    best = shrunk(system, schedule, prop)
    for number in range(SHORTER):
        found, _, _ = look(system, (prop,), f"{seed}, shorter", range(number, number + 1), len(best) - 1)
        if found:
            best = min(best, shrunk(system, found[1], prop), key=len)
    return best


def look(system, properties, seed, numbers, most=LONGEST):
    """The first of these schedules that breaks a property.

    Parameters
    ----------
    system : System
        What the schedules are schedules of.
    properties : tuple of Property
        What they may break.
    seed : int or str
        What they are drawn from.
    numbers : range
        The numbers of the schedules.
    most : int
        How many events each has at most.

    Returns
    -------
    tuple
        ``(name of the property, events)`` or None, how many schedules were looked at, and how many events they had.
    """
    at_each_step = [prop for prop in properties if _judges_configurations(prop, system)]
    at_the_end = [prop for prop in properties if prop not in at_each_step]
    events = 0
    for count, number in enumerate(numbers, 1):
        here = walk(system, seed, number, most)
        name = _broken(here, at_each_step) or _broken_at_the_end(here, at_the_end)
        events += len(here.events)
        if name is not None:
            return (name, here.events), count, events
    return None, len(numbers), events


def _judges_configurations(prop, system):
    """True for a property that can be seen to be broken in the very step that breaks it."""
    if prop.eventual:
        return False
    try:
        prop.broken(system.initial())
    except (ProtocolError, NotImplementedError):  # it judges runs
        return False
    return True


def _broken(here, properties):
    """The first property that a step of the walk breaks."""
    while here.step():
        (_, before), (_, after) = here.trace[-2:]
        node = here.events[-1].node
        moved = before.nodes[node] is not after.nodes[node]
        for prop in properties:
            if (moved or prop.reads == "messages") and prop.broken(after):
                return prop.name
    return None


def _broken_at_the_end(here, properties):
    """The first property that the whole walk breaks."""
    if not properties:
        return None
    run = Run(here.system, here.events)
    run.__dict__["trace"] = here.trace
    return next((prop.name for prop in properties if prop.violation(run)), None)
