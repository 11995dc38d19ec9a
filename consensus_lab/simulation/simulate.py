"""One schedule, picked by virtual time and a seed: delays, loss, duplicates, partitions, crashes.

A discrete-event simulation in the usual form: a heap of what is going to happen, by time and then by the order in
which it was planned. Faults are options of the simulation, never code in a protocol.
"""

import gc
import random
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property
from heapq import heapify, heappop, heappush
from itertools import count
from math import inf

from consensus_lab.model.errors import ProtocolError
from consensus_lab.model.events import Crash, Deliver, Drop, Duplicate, Envelope, Propose, Restart, Timeout
from consensus_lab.model.run import Run
from consensus_lab.model.system import System
from consensus_lab.model.values import require_hashable
from consensus_lab.simulation.delays import Delay, Uniform, uniform
from consensus_lab.simulation.faults import Partition


def simulate(
    system,
    seed=0,
    *,
    delay: Delay = uniform(0.5, 1.5),
    loss=0.0,
    duplication=0.0,
    faults=(),
    until=None,
    max_events=10_000,
    after=None,
):
    """Run a system by virtual time. The same seed gives the same run on every machine.

    Parameters
    ----------
    system : System
        The nodes, what is proposed, and the network.
    seed : int
        Draws every delay, loss and choice.
    delay : function of a random.Random
        How long a message takes, in units of virtual time: `constant`, `uniform`, `exponential`, or your own.
    loss, duplication : float
        The chance of a message to be lost, and to be copied; a lossy network only.
    faults : iterable of (time, event) and Partition
        Timed events: ``(5.0, Crash(2))``, ``(7.0, Restart(2))``, ``Partition(3.0, 9.0, [{0, 1}, {2}])``. A timed
        ``Propose`` takes the place of that node's proposal at time 0.
    until : float, optional
        Stop before the first event later than this.
    max_events : int
        Stop after this many events.
    after : Run, optional
        Go on from the end of this run of the same system. What is in flight there gets a new delay.

    Returns
    -------
    Run
        Its `times` are in units of virtual time.
    """
    options = {"delay": delay, "loss": loss, "duplication": duplication, "faults": faults, "after": after}
    simulation = Simulation(system, seed, **options)
    simulation.run(until, max_events)
    return simulation.to_run()


class Simulation:
    """A simulation that can be stopped, spoken to and carried on; see `simulate` for the parameters."""

    def __init__(
        self, system, seed=0, *, delay: Delay = uniform(0.5, 1.5), loss=0.0, duplication=0.0, faults=(), after=None
    ):
        _require_options(system, seed, delay, after)
        for name, chance in {"loss": loss, "duplication": duplication}.items():
            if not isinstance(chance, (int, float)) or not 0 <= chance <= 1:
                raise ProtocolError(f"{name}={chance!r} is no chance; pass a number from 0 to 1")
            if chance and not system.network.faulty:
                raise ProtocolError(
                    f'{name}={chance!r}: a {system.network} network has none; use System(..., network="lossy")'
                )
        self.system, self.seed, self.time = system, seed, 0.0
        self._rng = random.Random(seed)
        self._delay = delay if isinstance(delay, Uniform) else _checked(delay)
        self._loss, self._duplication = loss, duplication
        self._log, self._chosen, self._heap = [], {}, []
        self._plan_number = count().__next__
        self._held = {}  # messages that have come to a crashed node, by node
        self._on_the_way = {}  # how many copies of an envelope are yet to arrive or be lost; lossy networks only
        self._latest = {}  # (sender, receiver): when the last message between them arrives; ordered networks only
        self._armed = {}  # (node, timer): the number of its heap entry
        self._choices = []
        self._before = after
        faults = _listed(faults)
        begin = (after or Run(system)).last
        self._down = {i: local for i, local in enumerate(begin.nodes) if not local.up}
        self._partitions = [self._parted(fault) for fault in faults if isinstance(fault, Partition)]
        self._live, self._receive = [None] * system.n, [None] * (system.n + 1)  # and nobody is number -1
        self._sent, self._rare = [], []
        for i, local in enumerate(begin.nodes):
            if local.up:
                self._wake(i, local)
        timed = [self._timed(fault) for fault in faults if not isinstance(fault, Partition)]
        if after:
            self.time = after.times[-1] if after.times else 0.0
        self._begin(begin, after, {event.node for _, event in timed if isinstance(event, Propose)})
        for time, event in timed:
            self.at(time, event)

    def at(self, time, event):
        """Plan an event (Propose, Crash or Restart) for a time, not before now."""
        self.system.number(event.node)
        self._plan(max(time, self.time), -1, event, None)

    def propose(self, node, value):
        """Let a client of `node` propose `value` now."""
        self.at(self.time, Propose(node, value))

    def decided(self, node):
        """What `node` has decided so far, or None."""
        if node in self._down:
            return next(iter(self._down[node].decisions), None)
        return self._live[node].decided

    def state(self, node):
        """The fields of `node` now, by name; of a crashed one, those with which it would restart."""
        local = self._down[node] if node in self._down else self._live[node]._local()
        return dict(zip(self.system.classes[node].state_defaults, local.fields))

    def run(self, until=None, max_events=10_000):
        """Carry on until nothing is left, time `until`, or `max_events` more events."""
        if until is not None and not isinstance(until, (int, float)):
            raise ProtocolError(f"until={until!r}: pass a time, or None to go on to the end")
        if not isinstance(max_events, int) or max_events < 0:
            raise ProtocolError(f"max_events={max_events!r}: pass how many events to stop after")
        with _no_garbage_collection():
            try:
                self._run(until, max_events)
            finally:
                for list_ in (self._choices, self._sent, self._rare):
                    list_.clear()  # of a handler that raised
        try:
            for node in filter(None, self._live):
                node._local()
        except ProtocolError:
            _ = self.to_run().configurations  # the model names the very event
            raise

    def advance(self):
        """Let one more event happen; False when nothing is left."""
        before = len(self._log)
        self.run(max_events=1)
        return len(self._log) > before

    def to_run(self):
        """The run so far."""
        before = self._before or Run(self.system)
        recorded = _Recorded(self.system, list(self._log), dict(self._chosen), before)
        recorded.seed = self.seed
        return recorded

    # -- the loop -------------------------------------------------------------------------------------------

    def _run(self, until, most):
        heap, receive, log, plan = self._heap, self._receive, self._log, self._plan_number
        delay, rng, sent, rare = self._delay, self._rng, self._sent, self._rare
        even = isinstance(delay, Uniform)  # then the loop draws by itself: a call a message costs a tenth of the time
        low, width, random = (delay.low, delay.width, rng.random) if even else (None, None, None)
        lossy = self.system.network.faulty
        plain = not (lossy or self._partitions or self.system.network.ordered)
        end = float("inf") if until is None else until
        most += len(log)
        try:
            while heap and len(log) < most:
                entry = heappop(heap)
                time, _, i, what, message = entry
                if time > end:
                    heappush(heap, entry)
                    break
                hear = receive[i]
                if hear is None:  # all but the delivery to a node that is up
                    self.time = time
                    self._happen(entry)
                    continue
                log.append(entry)
                if lossy:
                    self._on_the_way[Envelope(what, i, message)] -= 1
                hear(what, message)
                if rare:
                    self.time = time
                    self._finish(i)
                if plain:
                    for to, new in sent:
                        after = low + width * random() if even else delay(rng)
                        heappush(heap, (time + after, plan(), to, i, new))
                else:
                    self._send(time, i, sent)
                sent.clear()
        except Exception as error:
            if hear is None:
                raise
            raise self.system.blame(i, ("receive", what, message), error) from error
        finally:
            self.time = log[-1][0] if log else self.time

    def _finish(self, i):
        """What is left to do after a handler that did more than change fields and send to others."""
        node = self._live[i]
        node._hear_itself()
        if self._choices:
            self._chosen[len(self._log) - 1] = tuple(self._choices)
            self._choices.clear()
        self._arm(self.time, i, node._clock)
        node._clock.clear()
        self._rare.clear()

    def _happen(self, entry):
        """An event that is no delivery, or a message that comes to a crashed node."""
        time, _, i, event, message = entry
        if i >= 0:
            self._held.setdefault(i, []).append((event, message))
            return
        i = event.node
        node = self._live[i]
        match event:
            case Drop(envelope):
                self._on_the_way[envelope] -= 1
                if not self._on_the_way[envelope]:  # else there is another copy: the model has not lost the message
                    self._log.append(entry)
            case Duplicate(envelope):
                self._log.append(entry)
                self._plan_arrival(time, envelope)
            case Timeout(_, name):
                if self._armed.get((i, name)) == entry[1]:  # else it was disarmed or armed anew since
                    del self._armed[i, name]
                    node._timers = tuple(timer for timer in node._timers if timer != name)
                    self._call(entry, i, "timeout", name)
            case Propose(_, value):
                if node:  # a client of a crashed node gets no answer
                    self.system.can_propose(i, value)
                    self._call(entry, i, "propose", value)
            case Crash():
                if not node:
                    raise ProtocolError(f"{self.system}: node {i} is to crash at {time}, but it is down already")
                self._log.append(entry)
                self._down[i] = self.system.reactions(i, node._local(), ("crash",))[0][1].local
                self._live[i] = self._receive[i] = None
                for timer in [timer for timer in self._armed if timer[0] == i]:
                    del self._armed[timer]
            case Restart():
                if node:
                    raise ProtocolError(f"{self.system}: node {i} is to restart at {time} but is up; crash it first")
                self._wake(i, self._down.pop(i))
                self._call(entry, i, "restart")
                self._redeliver(time, i)

    def _call(self, entry, i, handler, *arguments):
        node = self._live[i]
        self._log.append(entry)
        try:
            getattr(node, handler)(*arguments)
            self._finish(i)
            self._send(self.time, i, self._sent)
            self._sent.clear()
        except Exception as error:
            raise self.system.blame(i, (handler, *arguments), error) from error

    # -- planning -------------------------------------------------------------------------------------------

    def _begin(self, begin, after, timed):
        for i, value in sorted(begin.pending, key=lambda pair: pair[0]):
            if i not in timed:
                self._plan(self.time, -1, Propose(i, value), None)
        if after is None:
            for envelope in begin.in_flight:
                self._send(0.0, envelope.sender, [(envelope.receiver, envelope.message)])
            for i, clock in enumerate(self.system.started_clocks()):
                self._arm(0.0, i, clock)
            return
        for flight in after.flights:
            if flight.end is None:
                self._plan_arrival(self.time, flight.envelope)
        for node, name, _, due, off in after.alarms:
            if off is None:
                self._armed[node, name] = self._plan(max(due, self.time), -1, Timeout(node, name), None)

    def _plan(self, time, i, what, message):
        number = self._plan_number()
        heappush(self._heap, (time, number, i, what, message))
        return number

    def _plan_arrival(self, time, envelope):
        self._count(envelope)
        self._arrive(time + self._delay(self._rng), envelope.receiver, envelope.sender, envelope.message)

    def _arrive(self, time, i, sender, message):
        """Plan the arrival of a message, not before the one in front of it in its channel."""
        if self.system.network.ordered:
            time = self._latest[sender, i] = max(time, self._latest.get((sender, i), 0.0))
        self._plan(time, i, sender, message)

    def _redeliver(self, time, i):
        """Node `i` is up again: what has come meanwhile comes again, and in an ordered network all else after it."""
        later = []
        if self.system.network.ordered:
            later = sorted(entry for entry in self._heap if entry[2] == i)
            self._heap[:] = [entry for entry in self._heap if entry[2] != i]
            heapify(self._heap)
            for sender in self.system.nodes:
                self._latest.pop((sender, i), None)
        for sender, message in self._held.pop(i, ()):
            self._arrive(time + self._delay(self._rng), i, sender, message)
        for due, _, _, sender, message in later:
            self._arrive(due, i, sender, message)

    def _count(self, envelope):
        if self.system.network.faulty:
            self._on_the_way[envelope] = self._on_the_way.get(envelope, 0) + 1

    def _send(self, time, i, sent):
        rng = self._rng
        for to, message in sent:
            require_hashable(message)  # before anything asks for its hash
            envelope = Envelope(i, to, message)
            leaves = time
            while parted := [part.end for part in self._partitions if part.parts(leaves, i, to)]:
                leaves = max(parted)
            if not self.system.network.faulty:
                if leaves < inf:  # else it is held back for good
                    self._plan_arrival(leaves, envelope)
            elif leaves > time or (self._loss and rng.random() < self._loss):
                self._count(envelope)
                self._plan(time + self._delay(rng), -1, Drop(envelope), None)
            else:
                self._plan_arrival(time, envelope)
                if self._duplication and rng.random() < self._duplication:
                    self._plan(time, -1, Duplicate(envelope), None)

    def _arm(self, time, i, clock):
        for name, after in clock:
            self._armed.pop((i, name), None)
            if after is not None:
                self._armed[i, name] = self._plan(time + after, -1, Timeout(i, name), None)

    def _wake(self, i, local):
        """Node `i` is up, in this local state. All nodes share a list of what is sent: only one acts at a time."""
        node = self.system.wake(i, local, self._choose)
        node._outbox, node._rare = self._sent, self._rare
        self._live[i], self._receive[i] = node, node.receive

    def _choose(self, options):
        pick = options[int(self._rng.random() * len(options))]
        self._choices.append(pick)
        return pick

    def _timed(self, fault):
        try:
            time, event = fault
            number = 0 <= time < inf and isinstance(event, (Propose, Crash, Restart))
        except (TypeError, ValueError):
            number = False
        if not number:
            raise ProtocolError(
                f"the fault {fault!r} is neither (time, event) nor a Partition; write (5.0, Crash(2)), with Propose, "
                "Crash or Restart as the event, or Partition(3.0, 9.0, [{0, 1}, {2}])"
            )
        self.system.number(event.node)
        return time, event

    def _parted(self, partition):
        try:
            nodes = [node for group in partition.groups for node in group]
            sound = partition.start < partition.end and len(nodes) == len(set(nodes))
        except TypeError:
            sound = False
        if not sound:
            raise ProtocolError(
                f"{partition!r}: its end comes after its start, and a node is in one of its groups at most; "
                "write Partition(3.0, 9.0, [{0, 1}, {2}])"
            )
        for node in nodes:
            self.system.number(node)
        return partition


def _require_options(system, seed, delay, after):
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


def _checked(delay):
    """The delay, with an error for what is none."""

    def checked(rng):
        time = delay(rng)
        if not isinstance(time, (int, float)) or not 0 <= time < inf:
            raise ProtocolError(f"a delay of {time!r}: a message takes some time, never less than 0, and arrives")
        return time

    return checked


def _listed(faults):
    try:
        return tuple(faults)
    except TypeError:
        raise ProtocolError(f"faults={faults!r}: pass a list, such as [(5.0, Crash(2))]") from None


class _Recorded(Run):
    """A run whose events are still in the form in which the simulation wrote them down."""

    def __init__(self, system, log, chosen, before):
        self.system, self._log, self._chosen, self._before = system, log, chosen, before

    def __len__(self):
        return len(self._before) + len(self._log)

    @cached_property
    def events(self):
        events = list(self._before.events)
        for number, (_, _, i, what, message) in enumerate(self._log):
            if i >= 0:
                events.append(Deliver(Envelope(what, i, message), self._chosen.get(number, ())))
            elif number in self._chosen:
                events.append(replace(what, choices=self._chosen[number]))
            else:
                events.append(what)
        return tuple(events)

    @cached_property
    def trace(self):
        return self._follow(self._before.trace)

    @cached_property
    def times(self):
        return (*self._before.times, *(entry[0] for entry in self._log))


@contextmanager
def _no_garbage_collection():
    """A run only grows, so looking for garbage in it is time lost.

    The collector pauses meanwhile. Afterwards what was made counts as old, or it would all be looked at again.
    """
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.freeze()
            gc.unfreeze()
            gc.enable()
