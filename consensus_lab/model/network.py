"""Networks: what is in flight, which of it can be delivered next, and what a delivery leaves.

A network model is one class here, and the only place that knows how it differs from the others. What is in flight is
a frozenset of copies. A *copy* is a tuple (sender, receiver, message, number), and number 0 can be delivered next.

Where a message is delivered exactly once, copies stand in lines. Each takes its number from how many are before it
in its line, a delivery takes number 0 out, and the others move up. What makes a line is all that sets one such model
apart from another: the copies of one message, where any message may come next; all that goes from one node to
another, where channels are FIFO.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import TYPE_CHECKING, ClassVar

from consensus_lab.model.errors import ProtocolError
from consensus_lab.model.values import canonical

if TYPE_CHECKING:
    from consensus_lab.model.message import Message

    Copy = tuple[int, int, Message, int]
    InFlight = frozenset[Copy]


class Network:
    """A network that delivers every message exactly once, at any time and in any order: the model of FLP.

    Other models are subclasses.

    Attributes
    ----------
    name : str
        What `System(network=...)` and a run's JSON call it.
    keeps : bool
        True where a delivery leaves what is in flight as it is: what was sent can be delivered again, at any time.
        Copies do not count then, and all of them have number 0.
    faulty : bool
        True where it may lose and duplicate messages.
    ordered : bool
        True where messages from one node to another come in the order in which they were sent.
    """

    name: ClassVar[str] = "reliable"
    keeps: ClassVar[bool] = False
    faulty: ClassVar[bool] = False
    ordered: ClassVar[bool] = False

    def __repr__(self) -> str:
        return f"<network: {self.name}>"

    def __str__(self) -> str:
        return self.name

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other)

    def __hash__(self) -> int:
        return hash(type(self))

    def line(self, copy: Copy) -> Hashable:
        """What the copies of one line, and no others, have in common."""
        return copy[:3]

    def order(self, copy: Copy) -> tuple[object, ...]:
        """The place of `copy` among others, the same in every process."""
        sender, receiver, message, number = copy
        return sender, receiver, canonical(message), number

    def refusal(self, in_flight: InFlight, copy: Copy) -> str | None:
        """Why `copy` cannot be delivered next; None if it can."""
        return (
            None if copy in in_flight else "that message is not in flight; configuration.in_flight has those that are"
        )

    def waiting(self, in_flight: InFlight, copy: Copy) -> int:
        """How many copies stand in the line of `copy`."""
        number = 0
        while (*copy[:3], number) in in_flight:
            number += 1
        return number

    def post(self, in_flight: InFlight, sender: int, sent: Iterable[tuple[int, Message]]) -> InFlight:
        """What is in flight after `sender` has sent these (receiver, message) pairs, in this order."""
        lines: dict[Hashable, int] = {}
        new: list[Copy] = []
        for receiver, message in sent:
            copy = sender, receiver, message, 0
            line = self.line(copy)
            number = lines[line] if line in lines else self.waiting(in_flight, copy)
            new.append((sender, receiver, message, number))
            lines[line] = number + 1
        return in_flight.union(new)

    def take(self, in_flight: InFlight, copy: Copy) -> InFlight:
        """What is in flight after the delivery of `copy`, whose number is 0."""
        return in_flight - {(*copy[:3], self.waiting(in_flight, copy) - 1)}

    def lose(self, in_flight: InFlight, copy: Copy) -> InFlight:
        """What is in flight after the loss of `copy` and all others of its message."""
        raise ProtocolError(f'a {self} network neither loses nor copies; use System(..., network="lossy")')

    def duplicate(self, in_flight: InFlight, copy: Copy) -> InFlight:
        """What is in flight once there is a second copy of a message."""
        raise ProtocolError(f'a {self} network neither loses nor copies; use System(..., network="lossy")')


class Lossy(Network):
    """What was sent can be delivered at any later time, any number of times, or never.

    Its set of messages only grows, so a duplicate changes nothing.
    """

    name: ClassVar[str] = "lossy"
    keeps: ClassVar[bool] = True
    faulty: ClassVar[bool] = True

    def post(self, in_flight: InFlight, sender: int, sent: Iterable[tuple[int, Message]]) -> InFlight:
        return in_flight.union((sender, receiver, message, 0) for receiver, message in sent)

    def take(self, in_flight: InFlight, copy: Copy) -> InFlight:
        return in_flight

    def lose(self, in_flight: InFlight, copy: Copy) -> InFlight:
        return in_flight - {copy}

    def duplicate(self, in_flight: InFlight, copy: Copy) -> InFlight:
        return in_flight


class Fifo(Network):
    """Every message is delivered exactly once, and those from one node to another in the order of their sending."""

    name: ClassVar[str] = "fifo"
    ordered: ClassVar[bool] = True

    def line(self, copy: Copy) -> Hashable:
        return copy[:2]

    def order(self, copy: Copy) -> tuple[object, ...]:
        sender, receiver, message, number = copy
        return sender, receiver, number, canonical(message)

    def refusal(self, in_flight: InFlight, copy: Copy) -> str | None:
        waiting = sorted(number for *other, number in in_flight if tuple(other) == copy[:3])
        if waiting and waiting[0]:
            first = next(other[2] for other in in_flight if other[:2] == copy[:2] and not other[3])
            return f"channels are FIFO, and {first!r}, which was sent before, has to be delivered first"
        return super().refusal(in_flight, copy)

    def waiting(self, in_flight: InFlight, copy: Copy) -> int:
        return sum(other[:2] == copy[:2] for other in in_flight)

    def take(self, in_flight: InFlight, copy: Copy) -> InFlight:
        channel = [other for other in in_flight if other[:2] == copy[:2]]
        moved = [(sender, receiver, message, number - 1) for sender, receiver, message, number in channel if number]
        return in_flight.difference(channel).union(moved)


NETWORKS = {network.name: network() for network in (Network, Lossy, Fifo)}
NAMES = tuple(NETWORKS)


def named(network: str | Network) -> Network:
    """The network model of that name; raises ProtocolError where there is none."""
    if isinstance(network, Network):
        return network
    found = NETWORKS.get(network) if isinstance(network, str) else None  # pyright: ignore[reportUnnecessaryIsInstance]
    if found is None:
        names = " or ".join(f'"{name}"' for name in NAMES)
        raise ProtocolError(f"network={network!r}; it is {names}")
    return found
