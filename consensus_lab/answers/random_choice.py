"""What a node chooses, at random: neither the reader nor the adversary chooses for it."""

import random

from consensus_lab.model.errors import ProtocolError
from consensus_lab.model.events import bare


def then_at_random(begun, event):
    """The run, and then an event that is given without the choices of its handler.

    Parameters
    ----------
    begun : Run
    event : Event
        Where its handler makes choices, they are drawn from a generator whose seed is the length of the run, so that
        the same request has the same answer.

    Returns
    -------
    Run

    Raises
    ------
    ProtocolError
        Where the event cannot happen at the end of the run.
    """
    try:
        return begun.then(event)
    except ProtocolError:
        ways = [way for way in begun.system.events(begun.last) if bare(way) == event and way != event]
        if not ways:
            raise
        return begun.then(random.Random(len(begun)).choice(ways))
