"""What is going to happen in a simulation, by virtual time: messages that arrive or are lost, timers, faults."""

from __future__ import annotations

from collections.abc import Iterable
from heapq import heapify, heappush
from itertools import count
from math import inf
from random import Random
from typing import TYPE_CHECKING, Any

from consensus_lab.model.events import Drop, Duplicate, Envelope, Timeout
from consensus_lab.model.values import require_hashable
from consensus_lab.simulation.delays import Delay
from consensus_lab.simulation.faults import Partition

if TYPE_CHECKING:
    from consensus_lab.model.message import Message
    from consensus_lab.model.system import System

NOBODY = -1  # the node of an entry that is no message's arrival


class Agenda:
    """A heap of what is going to happen, by time and then by the order in which it was planned.

    An entry is a tuple: (time, its number, the receiver, the sender, the message) for a message that arrives, and
    (time, its number, `NOBODY`, an event, None) for anything else.

    Attributes
    ----------
    heap : list of entries
    rng : random.Random
        Draws every delay and every loss.
    armed : dict
        For each armed (node, timer) the number of its entry; an entry with another number was disarmed since.
    on_the_way : dict
        How many copies of an envelope are yet to arrive or be lost; lossy networks only.
    """

    def __init__(
        self,
        system: System,
        rng: Random,
        delay: Delay,
        loss: float,
        duplication: float,
        partitions: list[Partition],
    ):
        self.network, self.nodes, self.rng, self.delay = system.network, system.nodes, rng, delay
        self.loss, self.duplication, self.partitions = loss, duplication, partitions
        self.heap: list[tuple[float, int, int, Any, Any]] = []
        self.number = count().__next__
        self.armed: dict[tuple[int, str], int] = {}
        self.on_the_way: dict[Envelope, int] = {}
        self._held: dict[int, list[tuple[int, Message]]] = {}  # what has come to a crashed node, by node
        self._latest: dict[tuple[int, int], float] = {}  # when the last message between two arrives, if ordered

    def plan(self, time: float, event: Any) -> int:
        """Plan an event for this time; gives the number of its entry."""
        return self._plan(time, NOBODY, event, None)

    def send(self, time: float, i: int, sent: Iterable[tuple[int, Message]]) -> None:
        """Plan what becomes of the (receiver, message) pairs that node `i` sends now."""
        for to, message in sent:
            require_hashable(message)  # before anything asks for its hash
            envelope = Envelope(i, to, message)
            leaves = self._leaves(time, i, to) if self.partitions else time
            if not self.network.faulty:
                if leaves < inf:  # else it is held back for good
                    self.plan_arrival(leaves, envelope)
            elif leaves > time or (self.loss and self.rng.random() < self.loss):
                self._count(envelope)
                self.plan(time + self.delay(self.rng), Drop(envelope))
            else:
                self.plan_arrival(time, envelope)
                if self.duplication and self.rng.random() < self.duplication:
                    self.plan(time, Duplicate(envelope))

    def _leaves(self, time: float, i: int, to: int) -> float:
        """When no partition holds a message from node `i` to node `to` back any longer."""
        while parted := [part.end for part in self.partitions if part.parts(time, i, to)]:
            time = max(parted)
        return time

    def plan_arrival(self, time: float, envelope: Envelope) -> None:
        """Plan the arrival of a message that leaves at this time."""
        self._count(envelope)
        self._arrive(time + self.delay(self.rng), envelope.receiver, envelope.sender, envelope.message)

    def hold(self, i: int, sender: int, message: Message) -> None:
        """Keep a message that has come to the crashed node `i`."""
        self._held.setdefault(i, []).append((sender, message))

    def redeliver(self, time: float, i: int) -> None:
        """Node `i` is up again: what has come meanwhile comes again, and in an ordered network all else after it."""
        later: list[tuple[float, int, int, Any, Any]] = []
        if self.network.ordered:
            later = sorted(entry for entry in self.heap if entry[2] == i)
            self.heap[:] = [entry for entry in self.heap if entry[2] != i]
            heapify(self.heap)
            for sender in self.nodes:
                self._latest.pop((sender, i), None)
        for sender, message in self._held.pop(i, ()):
            self._arrive(time + self.delay(self.rng), i, sender, message)
        for due, _, _, sender, message in later:
            self._arrive(due, i, sender, message)

    def arm(self, time: float, i: int, clock: Iterable[tuple[str, float | None]]) -> None:
        """Arm and disarm timers of node `i`, as (timer, after) pairs say."""
        for name, after in clock:
            self.armed.pop((i, name), None)
            if after is not None:
                self.arm_for(time + after, i, name)

    def arm_for(self, time: float, i: int, name: str) -> None:
        """Arm a timer of node `i` to fire at this time."""
        self.armed[i, name] = self.plan(time, Timeout(i, name))

    def disarm_all(self, i: int) -> None:
        """Disarm the timers of node `i`."""
        for timer in [timer for timer in self.armed if timer[0] == i]:
            del self.armed[timer]

    def _plan(self, time: float, i: int, what: Any, message: Message | None) -> int:
        number = self.number()
        heappush(self.heap, (time, number, i, what, message))
        return number

    def _arrive(self, time: float, i: int, sender: int, message: Message) -> None:
        """Plan the arrival of a message, not before the one in front of it in its channel."""
        if self.network.ordered:
            time = self._latest[sender, i] = max(time, self._latest.get((sender, i), 0.0))
        self._plan(time, i, sender, message)

    def _count(self, envelope: Envelope) -> None:
        if self.network.faulty:
            self.on_the_way[envelope] = self.on_the_way.get(envelope, 0) + 1
