"""A schedule that breaks a property, made as short as bounded work can make it.

First events are left out as long as the property still breaks, by halves, then quarters, and so on: Zeller and
Hildebrandt, "Simplifying and isolating failure-inducing input" (2002), https://doi.org/10.1109/32.988498. Then the
events that are left are tried in every order, breadth first, for a shorter way to a breach.
"""

from consensus_lab.model.errors import ProtocolError
from consensus_lab.model.events import bare
from consensus_lab.model.run import Run

MOST_ORDERS = 5_000  # configurations that are visited in search of a shorter order


def shrunk(system, events, prop):
    """A short schedule, out of the events of this one, that breaks `prop`; its last event is the one that does."""
    events = _breach(system, events, prop) or events
    parts = 2
    while len(events) > 1:
        size = -(-len(events) // parts)
        for begin in range(0, len(events), size):
            fewer = _breach(system, events[:begin] + events[begin + size :], prop)
            if fewer is not None and len(fewer) < len(events):
                events, parts = fewer, max(2, parts - 1)
                break
        else:
            if size == 1:
                break
            parts = min(len(events), 2 * parts)
    return _in_another_order(system, events, prop) or events


def _breach(system, events, prop):
    """Those of the events that can happen, up to the one that breaks `prop`; None where none does."""
    run = Run(system, _possible(system, events))
    violation = prop.violation(run)
    return None if violation is None else list(run.events[: violation.step])


def _possible(system, events):
    """The events, without those that are not enabled when their turn comes."""
    c, kept = system.initial(), []
    for event in events:
        for way in _ways(system, c, event):
            try:
                c = system.step(c, way)
            except ProtocolError:  # an earlier event is missing
                continue
            kept.append(way)
            break
    return kept


def _ways(system, c, event):
    """The event as it was, and, where its handler has other choices now, with the first of these."""
    yield event
    if getattr(event, "choices", ()):
        yield from system.ways(c, bare(event))[:1]


def _in_another_order(system, events, prop):
    """A shorter schedule of the same events, found breadth first within bounds; None where there is none."""
    if prop.eventual:
        return None
    start = system.initial()
    parents: dict = {start: None}
    layer = [start]
    for _ in range(len(events) - 1):
        below = []
        for c in layer:
            for event in events:
                try:
                    there = system.step(c, event)
                except ProtocolError:
                    continue
                if there in parents:
                    continue
                parents[there] = c, event
                if prop.broken(there):
                    return _path(parents, there)
                below.append(there)
            if len(parents) > MOST_ORDERS:
                return None
        layer = below
    return None


def _path(parents, there):
    events = []
    while parents[there] is not None:
        there, event = parents[there]
        events.append(event)
    return events[::-1]
