"""A node that lives: it hears of events, one at a time, and nothing of it gets out before it is on the disk.

What a handler sends waits until the next `flush`, which saves the durable fields and the record of all events since
the last one in one transaction, and only then sends. So many events that come at once cost one wait for the disk.
"""

import random
import time

from consensus_lab.cluster.frames import frame
from consensus_lab.model.errors import ProtocolError
from consensus_lab.model.json_values import message_object, plain, read_value
from consensus_lab.model.local import Local
from consensus_lab.model.system import System


class Host:
    """Node number `number` of a system of `classes`.

    Parameters
    ----------
    classes : list of Node classes
        One a node of the system.
    messages : Messages
        What may come over the network.
    store : Store
        The file of this node.
    tick : float
        Seconds in one unit of a timer.
    loop : asyncio event loop
        Where its timers run.
    send : function of (node number, bytes)
        False where it can tell that the bytes go nowhere.
    report : function of (name, value)
        Called with "decided" and the value once it is saved, and at a client with "answered" and (serial, answer).
    """

    def __init__(self, number, classes, messages, store, tick, loop, send, report):
        self._number, self._messages, self._store, self._tick = number, messages, store, tick
        self._loop, self._send, self._report = loop, send, report
        self._system = System(classes)
        self._class = classes[number]
        self._kept = ("decided", *self._class.durable)
        self._count, clock = store.last()
        self._clock = clock or [0] * len(classes)
        self._alarms = {}  # name of an armed timer -> the loop's handle
        self._events, self._sent, self._after, self._flushing = [], [], [], False
        self._choices, self._decided, self._answered = [], False, 0  # the last two: what was reported
        self._pick = random.Random().choice

    def begin(self):
        """Start, or restart if there was an earlier life."""
        cls, kept = self._class, self._store.fields
        fields = tuple(kept.get(name, default) for name, default in cls.state_defaults.items())
        local = Local.of(fields, kept.get("decided", ()), ())
        self._node = self._system.wake(self._number, local, self._choose)
        if self._store.fresh:
            self._react("start")
        else:
            self._happen("restart", [], "restart")
        self.flush()

    # -- events ---------------------------------------------------------------------------------------------

    def propose(self, value):
        """What a client of the node wants; at a `Client` node, the serial of the last command that is asked so."""
        self._happen("propose", [self._number, plain(value)], "propose", value)
        return len(self._node.answers) + len(self._node.queue) if self._class.client else None

    def hear(self, sender, data):
        """A frame of another node; one that holds no message of these nodes is ignored."""
        try:
            clock, written = data
            message = read_value({"message": written}, self._messages)
            if not all(type(count) is int for count in clock):
                return
            known = [max(mine, theirs) for mine, theirs in zip(self._clock, clock, strict=True)]
        except (ProtocolError, TypeError, ValueError):
            return
        self._clock = known
        self._happen("deliver", [sender, self._number, written], "receive", sender, message)

    def _ring(self, name):
        del self._alarms[name]
        self._node._timers = tuple(timer for timer in self._node._timers if timer != name)
        self._happen("timeout", [self._number, name], "timeout", name)

    def state(self, names):
        """The fields by name, all or those of `names`, in their JSON form."""
        known = (*self._class.state_defaults, "decided")
        return {name: plain(getattr(self._node, name)) for name in known if name in names or not names}

    def after_saving(self, call):
        """Call `call` once all that has happened so far is saved."""
        self._after.append(call)
        self._plan_to_flush()

    # -- how it is done -------------------------------------------------------------------------------------

    def _happen(self, kind, details, handler, *arguments):
        event = self._write_down(kind, details or [self._number])
        self._react(handler, *arguments)
        if self._choices:
            event.append([plain(choice) for choice in self._choices])
            self._choices.clear()

    def _write_down(self, kind, details):
        """An event in the form in which `run_json` has it."""
        self._count += 1
        self._clock = [*self._clock]
        self._clock[self._number] = self._count
        event = [kind, time.monotonic(), *details]
        self._events.append((self._count, self._clock, event))
        return event

    def _react(self, handler, *arguments):
        node = self._node
        last, written, data = None, None, b""
        try:
            node._run(getattr(node, handler), *arguments)
            for to, message in node._outbox:
                if message is not last:  # else it is broadcast
                    last, written = message, message_object(message)
                    data = frame([self._clock, written])
                self._sent.append((to, written, data))
        except Exception as error:
            raise self._system.blame(self._number, (handler, *arguments), error) from error
        for name, after in node._clock:
            if name in self._alarms:
                self._alarms.pop(name).cancel()
            if after is not None:
                self._alarms[name] = self._loop.call_later(after * self._tick, self._ring, name)
        node._outbox.clear()
        node._clock.clear()
        node._rare.clear()
        self._plan_to_flush()

    def _plan_to_flush(self):
        if not self._flushing:
            self._flushing = True
            self._loop.call_soon(self.flush)  # by then, all that has come meanwhile has been handled too

    def flush(self):
        """Save what has happened, and then let it out."""
        self._flushing = False
        node = self._node
        fields = {name: node._decisions if name == "decided" else getattr(node, name) for name in self._kept}
        self._store.save(self._events, fields)
        self._events.clear()
        lost = []
        for to, written, data in self._sent:
            if not self._send(to, data) and (to, written) not in lost:
                lost.append((to, written))
        self._sent.clear()
        for to, written in lost:
            self._write_down("drop", [self._number, to, written])
            self._plan_to_flush()
        self._tell()
        after, self._after = self._after, []
        for call in after:
            call()

    def _tell(self):
        node = self._node
        if node.decided is not None and not self._decided:
            self._decided = True
            self._report("decided", plain(node.decided))
        if self._class.client:
            for serial, _, answer in node.answers[self._answered :]:
                self._report("answered", [serial, plain(answer)])
            self._answered = len(node.answers)

    def _choose(self, options):
        self._choices.append(self._pick(options))
        return self._choices[-1]
