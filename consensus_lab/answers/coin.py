"""The coin that falls for a node whose handler makes a choice: neither the reader nor the adversary throws it."""

import random

from consensus_lab.model.errors import ProtocolError
from consensus_lab.model.events import bare


def toss(begun, event):
    """The run, and then the event, given without its choices; where its handler makes some, a coin makes them."""
    try:
        return begun.then(event)
    except ProtocolError:
        ways = [way for way in begun.system.events(begun.last) if bare(way) == event and way != event]
        if not ways:
            raise
        return begun.then(random.Random(len(begun)).choice(ways))
