"""A network that keeps time, and somebody who orders what happens within it.

Every message arrives at most `BOUND` units of time after it was sent, and every timer fires when it is due. Who plays
the network can have a message earlier than that, one after the other, and never later. This is what is assumed of a
network when one wants more of a protocol than safety: see Dwork, Lynch and Stockmeyer, "Consensus in the presence of
partial synchrony" (1988), https://doi.org/10.1145/42282.42283.
"""

from random import Random

from consensus_lab.model.events import Deliver, Propose, Timeout, bare
from consensus_lab.model.run import Run

BOUND = 2.0  # units of time that a message, or a client's proposal, can be held back
TICK = 0.1  # between two events that are had before their time


def due(run):
    """(time, event) of what happens next if nobody does anything, or None. Events are without their choices."""
    waiting = [(BOUND, Propose(node, value)) for node, value in sorted(run.last.pending)]
    waiting += [
        (_time(run, flight.sent) + BOUND, Deliver(flight.envelope)) for flight in run.flights if flight.end is None
    ]
    waiting += [(alarm.due, Timeout(alarm.node, alarm.name)) for alarm in run.alarms if alarm.off is None]
    return min(waiting, key=lambda pair: pair[0], default=None)


def early(run, event, seed=0):
    """The Run after `event`, a tick later, and after all that was due before it."""
    at = _now(run) + TICK
    while (found := due(run)) and found[0] <= at:
        run = _happen(run, *found, seed)
        if found[1] == event:
            return run
    return _happen(run, at, event, seed)


def wait(run, seed=0):
    """The Run after what was due next, or the same run where nothing is."""
    found = due(run)
    return _happen(run, *found, seed) if found else run


def _happen(run, time, event, seed):
    """The run with the event; where its handler makes a choice, a coin makes it, the same for the same seed."""
    ways = [way for way in run.system.events(run.last) if bare(way) == event]
    way = Random(f"{seed} {len(run)}").choice(ways) if ways else run.then(event).events[-1]
    return Run(run.system, (*run.events, way), (*run.times, max(time, _now(run))))


def _time(run, step):
    return run.times[step - 1] if step else 0.0


def _now(run):
    return _time(run, len(run))
