"""The write-once variable: what a consensus algorithm implements.

Herlihy, "Wait-Free Synchronization" (1991), https://doi.org/10.1145/114005.102808, shows what such an object can
do: with it any other can be built.
"""

import threading
from abc import ABC, abstractmethod
from concurrent.futures import Future

from consensus_lab.model.errors import ProtocolError
from consensus_lab.model.events import Crash, Restart
from consensus_lab.model.system import System
from consensus_lab.protocols.machines import Get, PutIfAbsent
from consensus_lab.simulation.simulation import Simulation

PATIENCE = 10_000  # how many events may happen while somebody asks for a final value
LONG = 500.0  # units of time for which a client's question is waited for


class WriteOnce(ABC):
    """A variable that is initialized once and never changes after that."""

    @abstractmethod
    def try_initialize(self, value):
        """Initialize the variable to `value`; nothing happens if it has a value already."""

    @abstractmethod
    def final_value(self) -> Future:
        """A future of the value: done once the variable is initialized."""


class BasicWriteOnce(WriteOnce):
    """For one thread. Two threads that check at the same time both find it empty."""

    def __init__(self):
        self._future = Future()

    def try_initialize(self, value):
        if not self._future.done():
            self._future.set_result(value)

    def final_value(self):
        return self._future


class LockedWriteOnce(BasicWriteOnce):
    """For many threads: a lock around the check and the act."""

    def __init__(self):
        super().__init__()
        self._lock = threading.Lock()

    def try_initialize(self, value):
        with self._lock:
            super().try_initialize(value)


class Variables:
    """A `system` that runs, with its nodes as write-once variables.

    A subclass has `_propose(node, value)`, `_future(node)` of what the node decides, and for clients
    `_ask(node, command)`, which gives the answers that the client has by then.
    """

    system: System

    def write_once(self, node, key=None):
        """Node number `node` as a WriteOnce; of a client, the variable `key` in the servers' `machines.KeyValue`."""
        system = self.system
        node = system.number(node)
        if system.classes[node].client != (key is not None):
            raise ProtocolError(
                f"{system}: write_once({node}, key={key!r}): a client has many variables, so say which with key=...; "
                "a node that runs the protocol is one variable, and takes no key"
            )
        return NodeWriteOnce(self, node) if key is None else KeyWriteOnce(self, node, key)


class Running(Variables):
    """A system that runs by virtual time while its nodes are used as write-once variables.

    Time passes when somebody asks for a final value: the system then runs until that node has decided, nothing
    more can happen, or very much has happened in vain. Proposals made before that are made at the same moment, so
    they compete.

    >>> from consensus_lab import System
    >>> from consensus_lab.protocols import Coordinator
    >>> running = Running(System(Coordinator, n=3), seed=1)
    >>> ship, cancel = running.write_once(0), running.write_once(1)
    >>> ship.try_initialize("shipped"); cancel.try_initialize("canceled")
    >>> ship.final_value().result() == cancel.final_value().result()
    True
    """

    def __init__(self, system, seed=0, **options):
        self.system, self._simulation = system, Simulation(system, seed, **options)
        self._lock = threading.Lock()
        self._futures = [Future() for _ in system.nodes]

    def crash(self, node):
        """Crash a node now."""
        with self._lock:
            self._simulation.at(self._simulation.time, Crash(node))

    def restart(self, node):
        """Restart a node now."""
        with self._lock:
            self._simulation.at(self._simulation.time, Restart(node))

    def to_run(self):
        """The run so far."""
        with self._lock:
            return self._simulation.to_run()

    def _propose(self, node, value):
        with self._lock:
            self._simulation.system.can_propose(node, value)
            self._simulation.propose(node, value)

    def _future(self, node):
        with self._lock:
            for _ in range(PATIENCE):
                if self._simulation.decided(node) is not None or not self._simulation.advance():
                    break
            for future, number in zip(self._futures, self._simulation.system.nodes):
                value = self._simulation.decided(number)
                if value is not None and not future.done():
                    future.set_result(value)
            return self._futures[node]

    def _ask(self, node, command):
        """Let a client ask; the answers that it has when that and all before is answered, or in vain."""
        with self._lock:
            simulation = self._simulation
            simulation.propose(node, command)
            deadline = simulation.time + LONG
            simulation.run(until=simulation.time)
            while simulation.state(node)["queue"] and simulation.time < deadline and simulation.advance():
                pass
            return simulation.state(node)["answers"]


class NodeWriteOnce(WriteOnce):
    """One node of a running system as a write-once variable; see `Variables`."""

    def __init__(self, running, node):
        self._running, self._node = running, node

    def try_initialize(self, value):
        self._running._propose(self._node, value)

    def final_value(self):
        return self._running._future(self._node)


class KeyWriteOnce(WriteOnce):
    """One key of a replicated map as a write-once variable, as a client sees it; see `Variables`."""

    def __init__(self, running, node, key):
        self._running, self._node, self._key = running, node, key
        self._future = Future()

    def try_initialize(self, value):
        self._running._propose(self._node, PutIfAbsent(self._key, value))

    def final_value(self):
        if not self._future.done():
            question = Get(self._key)
            answers = self._running._ask(self._node, question)
            values = [answer for _, command, answer in answers if command == question and answer is not None]
            if values:
                self._future.set_result(values[0])
        return self._future
