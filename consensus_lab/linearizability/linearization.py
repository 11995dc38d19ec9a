"""Linearizability: does every operation look as if it took effect at one moment between its call and its answer?

The property is that of Herlihy and Wing, "Linearizability: A Correctness Condition for Concurrent Objects" (1990),
https://doi.org/10.1145/78969.78972. A history is what clients saw of a machine: what they asked, when, and what they
were told. It is linearizable when its operations have an order in which the machine, alone, gives the same answers,
and in which whatever returned before another was called comes first.
"""

from collections import defaultdict
from dataclasses import dataclass
from heapq import merge
from itertools import accumulate
from math import inf
from operator import itemgetter
from typing import Any

from consensus_lab.linearizability.wing_gong import Search, smallest_part
from consensus_lab.model.errors import ProtocolError
from consensus_lab.model.properties import Property, Violation
from consensus_lab.model.values import show

MOST = 1_000_000  # configurations that are looked at before a search gives up


@dataclass(frozen=True)
class Operation:
    """One call of a client, and its answer.

    Attributes
    ----------
    client : int or str
    command, answer : hashable
    invoked : number
        When it was called.
    returned : number or None
        When it was answered; what is called at that moment comes after it. None if it never was: then it may have
        taken effect at any time since, or not at all, and `answer` says nothing. It may be the moment of the call, as
        where a clock is coarse: then it took effect at that moment, and so did others like it, in any order.

    Raises
    ------
    ProtocolError
        Where it was answered before it was called, or a time is no number.
    """

    client: object
    command: object
    answer: object = None
    invoked: float = 0
    returned: float | None = None

    def __post_init__(self):
        if self.returned is not None and not self.invoked <= self.returned:
            raise ProtocolError(
                f"{self}: it was answered before it was called; let `returned` be no less than `invoked`"
            )

    @property
    def instant(self):
        """True if it was called and answered at one moment."""
        return self.invoked == self.returned

    def __str__(self):
        if self.returned is None:
            return f"{self.client}: {show(self.command)}, from {self.invoked} on, never answered"
        return f"{self.client}: {show(self.command)} → {show(self.answer)}, from {self.invoked} to {self.returned}"


@dataclass(frozen=True)
class Linearization:
    """What `linearize` found. It is true where the history is linearizable.

    Attributes
    ----------
    history : tuple of Operation
    order : tuple of Operation, or None
        The operations in an order that explains them. One that was never answered is in it only if it has to be.
    part : tuple of Operation
        Where there is no such order: operations that contradict each other, however the others came between them.
        These may each have taken effect once while they were open, or not at all, whatever they answered, and the
        machine may have begun in any state that it can have been in. None of the part can be left out.
    gave_up : bool
        The search ended without knowing.
    """

    history: tuple
    order: tuple | None
    part: tuple = ()
    gave_up: bool = False

    def __bool__(self):
        return self.order is not None

    @property
    def moments(self):
        """The linearization points: a time for each operation of `order`, inside its span, none before the one before.

        In a tight place they are spread evenly.
        """
        deadlines = [time for (time, _), _ in _by_deadline(self.order or ())]
        calls = list(accumulate((op.invoked for op in self.order or ()), max))
        end = max((op.returned or op.invoked for op in self.history), default=0) + 1
        moments, moment = [], -inf
        for k, (call, deadline) in enumerate(zip(calls, deadlines)):
            moment, deadline = max(moment, call), min(deadline, end)
            crowd = next((j for j in range(k + 1, len(calls)) if calls[j] >= deadline), len(calls)) - k
            moment += (deadline - moment) / (crowd + 1)
            moments.append(moment)
        return tuple(moments)

    def __str__(self):
        count = f"{len(self.history):,} operation{'s' * (len(self.history) != 1)}"
        if self.gave_up:
            return f"unknown: gave up on {count} after {MOST:,} configurations"
        if self:
            return f"linearizable: {count}"
        part = f"{len(self.part)} of {count} contradict each other" if len(self.part) > 1 else "no order explains this"
        return "\n".join([f"not linearizable: {part}", *map(str, self.part)])


def linearize(history, machine):
    """Look for an order of the operations of `history` that `machine` explains.

    Parameters
    ----------
    history : iterable of Operation
        What the clients called, and what they were answered.
    machine : object
        It has `initial`, a hashable state, and `apply(state, command)`, which gives the next state and the answer. It
        may have `key(command)`: commands with different keys concern different objects, each with a state of its own,
        and a history is linearizable when that of each object is. (That is the theorem of Herlihy and Wing, section
        3; the search owes it most of its speed.) None is the key of a command that concerns all. And it may have
        `reads(command)`, which is true where a command never changes the state.

    Returns
    -------
    Linearization
        An order, or the first operation that none explains.
    """
    history = tuple(history)
    worst: Any = None
    orders = []
    for operations in _objects(history, machine):
        search = Search(operations, machine, most=MOST)
        if search.gave_up:
            return Linearization(history, None, gave_up=True)
        if search.blocked and (worst is None or search.blocked.returned < worst[1].blocked.returned):
            worst = operations, search
        orders.append(_by_deadline(search.order or []))
    if worst:
        operations, search = worst
        return Linearization(history, None, tuple(smallest_part(operations, machine, search)))
    return Linearization(history, tuple(op for _, op in merge(*orders, key=itemgetter(0))))


def _objects(history, machine):
    """The operations of each object."""
    key = getattr(machine, "key", None)
    objects = defaultdict(list)
    for op in history:
        objects[key and key(op.command)].append(op)
    return [history] if None in objects else list(objects.values())


def _by_deadline(order):
    """(deadline, operation) in this order: the deadline is the first return of this operation or of a later one.

    It is (time, True) where that one is an instant, which comes after what returned at the same time.
    """
    deadline, found = (inf, False), []
    for op in reversed(order):
        if op.returned is not None:
            deadline = min(deadline, (op.returned, op.instant))
        found.append((deadline, op))
    return found[::-1]


def history(run):
    """The operations that the clients of `run` called, in the order of their calls; times are steps of the run.

    An operation begins with the step in which its `Client` first sends it, and ends with that which brings the answer.
    """
    clients = {i for i, kind in enumerate(run.system.classes) if kind.client}
    if not clients:
        raise ProtocolError(f"{run.system}: no node is a Client, so nobody has seen anything; add some")
    seen = []
    for step, event in enumerate(run.events, 1):
        if event.node in clients:
            before, after = (run.configurations[k].state(event.node) for k in (step - 1, step))
            seen += [(step, event.node, *what) for what in calls_and_returns(before, after)]
    return operations(seen, run.system.names)


def calls_and_returns(before, after):
    """What a client's step between these two states brings: a return, as (serial, command, answer), and then a call, as
    (serial, command): a command that is outstanding now, and was not before.
    """
    yield from after["answers"][len(before["answers"]) :]
    first, then = ((len(state["answers"]) + 1, *state["queue"][:1]) for state in (before, after))
    if len(then) == 2 and then != first:
        yield then


def operations(seen, names):
    """The operations, by the order of their calls, from (time, node, *what) in the order of time."""
    calls, returns = {}, {}
    for time, node, serial, command, *answer in seen:
        if answer:
            returns[node, serial] = *answer, time
        else:
            calls[node, serial] = command, time
    return tuple(
        Operation(names[node], command, answer, invoked, returned)
        for (node, serial), (command, invoked) in calls.items()
        for answer, returned in [returns.get((node, serial), (None, None))]
    )


class Linearizable(Property):
    """The history of a run's clients is linearizable. See `linearize` for what a machine is.

    It is checked in a whole run: no configuration tells what was called before what.
    """

    def __init__(self, machine):
        self.machine = machine

    def broken(self, configuration):
        raise ProtocolError(
            "Linearizable is no property of a configuration, which does not tell what was called before what; check "
            "a run with run.check([Linearizable(machine)]), and all runs with "
            "consensus_lab.linearizability.explore_histories"
        )

    def violation(self, run):
        """The Violation at the first answer that no order explains, or None; raises where the search gives up."""
        found = linearize(history(run), self.machine)
        if found.gave_up:
            raise ProtocolError(f"{run!r} may be linearizable or not: {found}; check the beginning, run.rewind(k)")
        if not found.part:
            return None
        clients = {run.system.names.index(op.client) for op in found.part}
        answers = "; ".join(map(str, found.part))
        return Violation(max(op.returned for op in found.part), tuple(sorted(clients)), f"no order explains {answers}")
