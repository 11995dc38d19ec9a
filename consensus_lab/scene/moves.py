"""What can happen next, at every step of a run: the moves that the stage offers to its reader."""

from collections.abc import Iterable
from typing import Any

from consensus_lab.model.events import Deliver, Drop, Duplicate, Propose, Timeout
from consensus_lab.model.values import show

MOST_WORK = 200_000  # messages in flight, added up over all steps
POSTAL = ("deliver", "drop", "duplicate")  # kinds of events that happen to a message


def moves(run, begin=0):
    """What `System.events` lists in the configurations of a run: ``{kind: rows of [number, first, last, text]}``.

    A row holds from step `first` to step `last`, which is None where it holds to the end. The number is that of a
    flight for a delivery, else of a node. The text, of a proposal and a timer alone, is its value or its name. A flight
    without a row can be delivered just while it is in flight; the row of one that never can is [number, 1, 0]. Ways
    that differ only in their choices are one row. Only the steps from `begin` on are looked at. None for a run too
    long to be worth the work.
    """
    if sum(len(configuration.network) for configuration in run.configurations[begin:]) > MOST_WORK:
        return None
    numbers = {}
    for number, flight in enumerate(run.flights):
        numbers.setdefault(flight.envelope, []).append(number)
    found, current = {}, {}
    for k, configuration in enumerate(run.configurations[begin:], begin):
        now = dict.fromkeys(_move(event, run.flights, k, numbers) for event in run.system.events(configuration))
        for move in [move for move in current if move not in now]:
            current.pop(move)[2] = k - 1
        for move in now:
            if move not in current:
                kind, number, *text = move
                current[move] = [number, k, None, *text]
                found.setdefault(kind, []).append(current[move])
    deliveries = _unlike_flights(found.pop("deliver", ()), run.flights)
    return found | ({"deliver": deliveries} if deliveries else {})


def _move(event, flights, k, numbers):
    kind = type(event).__name__.lower()
    match event:
        case Deliver(envelope) | Drop(envelope) | Duplicate(envelope):
            return kind, _flight(flights, k, numbers[envelope])
        case Propose(node, what) | Timeout(node, what):
            return kind, node, show(what)
    return kind, event.node


def _unlike_flights(rows, flights):
    """The rows of the flights that cannot be delivered all the while they are in flight, and then alone."""
    spans = [[] for _ in flights]
    for row in rows:
        spans[row[0]].append(row)
    whole = [[number, flight.sent, flight.end and flight.end - 1] for number, flight in enumerate(flights)]
    unlike = [(listed or [[number, 1, 0]]) for number, listed in enumerate(spans) if listed != [whole[number]]]
    return [row for listed in unlike for row in listed]


def _flight(flights, k, numbers):
    """Of the flights of one envelope, the oldest in flight after `k` steps, else the last that arrived."""
    sent = [number for number in numbers if flights[number].sent <= k]
    open_ = (number for number in sent if flights[number].end is None or flights[number].end > k)
    return next(open_, sent[-1])


def asked(run, event):
    """An event that can happen at the end of `run`, as a reader asks for it: ``{"kind", "msg" or "node", ...}``."""
    numbers = {}
    for number, flight in enumerate(run.flights):
        numbers.setdefault(flight.envelope, []).append(number)
    kind, number, *text = _move(event, run.flights, len(run), numbers)
    texts = {{"propose": "value", "timeout": "name"}[kind]: text[0]} if text else {}
    return {"kind": kind, "msg" if kind in POSTAL else "node": number} | texts


def meant(text: Any, things: Iterable[Any]) -> Any:
    """The one of `things` that shows as this text, as a reader names it; the text itself if there is none."""
    return next((thing for thing in things if show(thing) == text), text)
