"""A discrete-event simulation in the usual form: one event after another, each by what is planned next.

What is planned lies in an `Agenda`. Faults are options of the simulation, never code in a protocol.
"""

import gc
import random
from contextlib import contextmanager
from heapq import heappop, heappush

from consensus_lab.model.errors import ProtocolError
from consensus_lab.model.events import Crash, Drop, Duplicate, Envelope, Propose, Restart, Timeout
from consensus_lab.model.run import Run
from consensus_lab.simulation import options
from consensus_lab.simulation.agenda import NOBODY, Agenda
from consensus_lab.simulation.delays import Delay, Uniform, uniform
from consensus_lab.simulation.recorded import Recorded


class Simulation:
    """A simulation that can be stopped, spoken to and carried on; see `simulate` for the parameters."""

    def __init__(
        self, system, seed=0, *, delay: Delay = uniform(0.5, 1.5), loss=0.0, duplication=0.0, faults=(), after=None
    ):
        options.require_options(system, seed, delay, after)
        options.require_chances(system, loss=loss, duplication=duplication)
        timed, partitions = options.faults_of(system, faults)
        self.system, self.seed, self.time = system, seed, 0.0
        rng = random.Random(seed)
        self._agenda = Agenda(system, rng, options.checked_delay(delay), loss, duplication, partitions)
        self._log, self._chosen, self._choices = [], {}, []
        self._before = after
        begin = (after or Run(system)).last
        self._down = {i: local for i, local in enumerate(begin.nodes) if not local.up}
        self._live, self._receive = [None] * system.n, [None] * (system.n + 1)  # and nobody is number -1
        self._sent, self._rare = [], []
        for i, local in enumerate(begin.nodes):
            if local.up:
                self._wake(i, local)
        if after:
            self.time = after.times[-1] if after.times else 0.0
        self._begin(begin, after, {event.node for _, event in timed if isinstance(event, Propose)})
        for time, event in timed:
            self.at(time, event)

    def at(self, time, event):
        """Plan an event (Propose, Crash or Restart) for a time, not before now."""
        self.system.number(event.node)
        self._agenda.plan(max(time, self.time), event)

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
        options.require_bounds(until, max_events)
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
        recorded = Recorded(self.system, list(self._log), dict(self._chosen), before)
        recorded.seed = self.seed
        return recorded

    # -- the loop -------------------------------------------------------------------------------------------

    def _run(self, until, most):
        agenda, receive, log, sent, rare = self._agenda, self._receive, self._log, self._sent, self._rare
        heap, plan, delay, rng = agenda.heap, agenda.number, agenda.delay, agenda.rng
        even = isinstance(delay, Uniform)  # then the loop draws by itself: a call a message costs a tenth of the time
        low, width, random = (delay.low, delay.width, rng.random) if even else (0.0, 0.0, rng.random)
        lossy = self.system.network.faulty
        plain = not (lossy or agenda.partitions or self.system.network.ordered)
        end = float("inf") if until is None else until
        most += len(log)
        hear = i = what = message = None
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
                    agenda.on_the_way[Envelope(what, i, message)] -= 1
                hear(what, message)
                if rare:
                    self.time = time
                    self._finish(i)
                if plain:
                    for to, new in sent:
                        after = low + width * random() if even else delay(rng)
                        heappush(heap, (time + after, plan(), to, i, new))
                else:
                    agenda.send(time, i, sent)
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
        self._agenda.arm(self.time, i, node._clock)
        node._clock.clear()
        self._rare.clear()

    def _happen(self, entry):
        """An event that is no delivery, or a message that comes to a crashed node."""
        time, _, i, event, message = entry
        agenda = self._agenda
        if i != NOBODY:
            agenda.hold(i, event, message)
            return
        i = event.node
        node = self._live[i]
        match event:
            case Drop(envelope):
                agenda.on_the_way[envelope] -= 1
                if not agenda.on_the_way[envelope]:  # else there is another copy: the model has not lost the message
                    self._log.append(entry)
            case Duplicate(envelope):
                self._log.append(entry)
                agenda.plan_arrival(time, envelope)
            case Timeout(_, name):
                if agenda.armed.get((i, name)) == entry[1]:  # else it was disarmed or armed anew since
                    del agenda.armed[i, name]
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
                agenda.disarm_all(i)
            case Restart():
                if node:
                    raise ProtocolError(f"{self.system}: node {i} is to restart at {time} but is up; crash it first")
                self._wake(i, self._down.pop(i))
                self._call(entry, i, "restart")
                agenda.redeliver(time, i)

    def _call(self, entry, i, handler, *arguments):
        node = self._live[i]
        self._log.append(entry)
        try:
            getattr(node, handler)(*arguments)
            self._finish(i)
            self._agenda.send(self.time, i, self._sent)
            self._sent.clear()
        except Exception as error:
            raise self.system.blame(i, (handler, *arguments), error) from error

    def _begin(self, begin, after, timed):
        for i, value in sorted(begin.pending, key=lambda pair: pair[0]):
            if i not in timed:
                self._agenda.plan(self.time, Propose(i, value))
        if after is None:
            for envelope in begin.in_flight:
                self._agenda.send(0.0, envelope.sender, [(envelope.receiver, envelope.message)])
            for i, clock in enumerate(self.system.started_clocks()):
                self._agenda.arm(0.0, i, clock)
            return
        for flight in after.flights:
            if flight.end is None:
                self._agenda.plan_arrival(self.time, flight.envelope)
        for node, name, _, due, off in after.alarms:
            if off is None:
                self._agenda.arm_for(max(due, self.time), node, name)

    def _wake(self, i, local):
        """Node `i` is up, in this local state. All nodes share a list of what is sent: only one acts at a time."""
        node = self.system.wake(i, local, self._choose)
        node._outbox, node._rare = self._sent, self._rare
        self._live[i], self._receive[i] = node, node.receive

    def _choose(self, options):
        pick = options[int(self._agenda.rng.random() * len(options))]
        self._choices.append(pick)
        return pick


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
