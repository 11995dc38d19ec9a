"""Schedules picked by chance: what may be found where there are too many to look at all of them."""

import random

from consensus_lab.model.errors import ProtocolError
from consensus_lab.model.events import Crash, Deliver, Envelope, Propose, Timeout
from consensus_lab.model.run import Run

LONGEST = 150  # events in one schedule


def walks(system, crashes, count):
    """`count` schedules, always the same ones: (events, last configuration, whether nothing was left to happen).

    In every other one some nodes stop for good somewhere on the way; they crash at its end, which comes to the same.
    """
    rng = random.Random(0)
    for attempt in range(count):
        most = min(system.n - 1, system.n if crashes is None else crashes)
        down = set(rng.sample(system.nodes, rng.randint(1, most))) if attempt % 2 and most else set()
        yield _walk(system, rng, down, rng.randrange(12))


def _walk(system, rng, down, stop):
    c, events = system.initial(), []
    waiting = [Propose(i, value) for i, value in system.proposals.items()]
    waiting += [Deliver(envelope) for envelope in c.in_flight]
    while len(events) < LONGEST:
        gone = down if len(events) >= stop else ()
        possible = [event for event in waiting if event.node not in gone and c.has_next(event)]
        if not possible or rng.random() < 0.1:
            possible += [
                Timeout(i, name) for i in system.nodes if i not in gone and c.left.timeouts != 0 for name in c.timers(i)
            ]
        if not possible:
            break
        event = rng.choice(possible)
        if not isinstance(event, Timeout):
            waiting.remove(event)
        event = rng.choice(system.ways(c, event))
        reaction, c = system.react(c, event)
        waiting += [Deliver(Envelope(event.node, to, message)) for to, message in reaction.sent]
        events.append(event)
    quiet = len(events) < LONGEST
    for i in sorted(down):
        events.append(Crash(i))
        c = system.react(c, events[-1], within_budget=False)[1]
    return events, c, quiet and system.quiet(c)


def shortened(system, events, shows):
    """The schedule without the events that it does not need so that `shows(its last configuration)` holds."""
    k = len(events) - 1
    while k >= 0:
        fewer = events[:k] + events[k + 1 :]
        try:
            if shows(Run(system, fewer).last):
                events = fewer
        except ProtocolError:  # a later event needs this one
            pass
        k = min(k, len(events)) - 1
    return events
