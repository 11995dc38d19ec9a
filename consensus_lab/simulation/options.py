"""What a simulation asks of its arguments: each is refused here with what is wrong and how to mend it."""

from __future__ import annotations

from collections.abc import Iterable
from math import inf
from random import Random
from typing import Any

from consensus_lab.model.errors import ProtocolError
from consensus_lab.model.events import Crash, Propose, Restart
from consensus_lab.model.run import Run
from consensus_lab.model.system import System
from consensus_lab.simulation.delays import Delay, Uniform
from consensus_lab.simulation.faults import Partition

Timed = tuple[float, Propose | Crash | Restart]


def require_options(system: Any, seed: Any, delay: Any, after: Any) -> None:
    """Raise ProtocolError where an argument is not what `simulate` takes."""
    if not isinstance(system, System):
        raise ProtocolError(f"{system!r:.80} is no system; pass System(Protocol, n=3, proposals={{...}})")
    if not isinstance(seed, (int, str)) or isinstance(seed, bool):
        raise ProtocolError(f"seed={seed!r}: pass a whole number; the same one gives the same run")
    if not callable(delay):
        raise ProtocolError(f"delay={delay!r}: pass constant(1.0), uniform(0.5, 1.5), exponential(1.0), or a function")
    if after is None:
        return
    if not isinstance(after, Run):
        raise ProtocolError(f"after={after!r:.80}: pass the run to go on from")
    if not after.system.same_as(system):
        raise ProtocolError(f"after={after!r} is a run of another system than {system}; pass after.system to simulate")


def require_chances(system: System, **chances: Any) -> None:
    """Raise ProtocolError where one is no chance, or the network of the system knows no such fault."""
    for name, chance in chances.items():
        if not isinstance(chance, (int, float)) or not 0 <= chance <= 1:
            raise ProtocolError(f"{name}={chance!r} is no chance; pass a number from 0 to 1")
        if chance and not system.network.faulty:
            raise ProtocolError(
                f'{name}={chance!r}: a {system.network} network has none; use System(..., network="lossy")'
            )


def require_bounds(until: Any, max_events: Any) -> None:
    """Raise ProtocolError where a simulation cannot run until then, or for so many events."""
    if until is not None and not isinstance(until, (int, float)):
        raise ProtocolError(f"until={until!r}: pass a time, or None to go on to the end")
    if not isinstance(max_events, int) or max_events < 0:
        raise ProtocolError(f"max_events={max_events!r}: pass how many events to stop after")


def checked_delay(delay: Delay) -> Delay:
    """The delay, with an error for a time that is none."""
    if isinstance(delay, Uniform):
        return delay

    def checked(rng: Random) -> float:
        time: Any = delay(rng)
        if not isinstance(time, (int, float)) or not 0 <= time < inf:
            raise ProtocolError(f"a delay of {time!r}: a message takes some time, never less than 0, and arrives")
        return time

    return checked


def faults_of(system: System, faults: Iterable[Any]) -> tuple[list[Timed], list[Partition]]:
    """The timed events among the faults, and the partitions."""
    try:
        listed = tuple(faults)
    except TypeError:
        raise ProtocolError(f"faults={faults!r}: pass a list, such as [(5.0, Crash(2))]") from None
    partitions = [_partition(system, fault) for fault in listed if isinstance(fault, Partition)]
    return [_timed(system, fault) for fault in listed if not isinstance(fault, Partition)], partitions


def _timed(system: System, fault: Any) -> Timed:
    timed = _pair(fault)
    if timed is None:
        raise ProtocolError(
            f"the fault {fault!r} is neither (time, event) nor a Partition; write (5.0, Crash(2)), with Propose, "
            "Crash or Restart as the event, or Partition(3.0, 9.0, [{0, 1}, {2}])"
        )
    system.number(timed[1].node)
    return timed


def _pair(fault: Any) -> Timed | None:
    try:
        time, event = fault
        return (time, event) if 0 <= time < inf and isinstance(event, (Propose, Crash, Restart)) else None
    except (TypeError, ValueError):
        return None


def _partition(system: System, partition: Partition) -> Partition:
    try:
        nodes = [node for group in partition.groups for node in group]
        sound = partition.start < partition.end and len(nodes) == len(set(nodes))
    except TypeError:
        nodes, sound = [], False
    if not sound:
        raise ProtocolError(
            f"{partition!r}: its end comes after its start, and a node is in one of its groups at most; "
            "write Partition(3.0, 9.0, [{0, 1}, {2}])"
        )
    for node in nodes:
        system.number(node)
    return partition
