"""A schedule gone on through the messages that a search leaves out because they no longer do anything."""

from consensus_lab.model.events import Deliver, Envelope
from consensus_lab.model.run import Run


def drained(system, events):
    """A schedule, and the deliveries to live nodes that are left after it and change nothing.

    Where a delivery leaves the message in flight, no such delivery is an event, and nothing is added. A handler that
    chooses, and does nothing whatever it chooses, is shown with the first of its choices.
    """
    events = list(events)
    if system.network.keeps:
        return events
    c = Run(system, events).last
    while idle := _idle(system, c):
        events.append(system.ways(c, idle)[0])
        c = system.step(c, events[-1])
    return events


def _idle(system, c):
    """A delivery that changes nothing, or None."""
    for sender, i, message, _ in system.deliverable(c):
        if not system.matters(i, c.nodes[i], sender, message):
            return Deliver(Envelope(sender, i, message))
    return None
