"""A run: a schedule with the configurations it passes through."""

from collections import namedtuple
from functools import cached_property
from itertools import accumulate

from consensus_lab.model import run_json, shiviz
from consensus_lab.model.errors import ProtocolError
from consensus_lab.model.events import Deliver, Drop, Duplicate, Envelope, describe
from consensus_lab.model.properties import CONSENSUS
from consensus_lab.model.values import same, show

BY_HAND = 0.5  # virtual time between two events that no clock has timed

Flight = namedtuple("Flight", "envelope sent end fate")
Flight.__doc__ = "One message's way: the step that sent it, the step that ended it or None, and deliver, drop or None."

Alarm = namedtuple("Alarm", "node name set_at due off")
Alarm.__doc__ = "One timer: armed at this step, due at this time, off (fired, cleared, crashed) at this step or None."


class Run:
    """A system's run. It is never changed: `then` and `rewind` give new ones.

    Attributes
    ----------
    system : System
    events : tuple of events
        The schedule.
    times : tuple of float
        The virtual time of each event; where no clock has timed it, half a unit after the one before.
    configurations : tuple of Configuration
        One more than there are events.
    seed : int or None
        The seed of the simulation that it comes from.
    properties : tuple of Property
        What its transcript says is broken: Agreement, Validity and Termination, or, in a run that `explore` gives for
        a property, that one.
    """

    properties = CONSENSUS

    def __init__(self, system, events=(), times=None, *, seed=None, properties=CONSENSUS):
        self.system, self.events, self.seed = system, tuple(events), seed
        if properties is not CONSENSUS:
            self.properties = properties
        if times is None:
            times = accumulate([BY_HAND] * len(self.events))
        self.times = tuple(times)
        if len(self.times) != len(self.events):
            raise ProtocolError(f"{len(self.events)} events have {len(self.times)} times; give one time an event")

    def __len__(self):
        return len(self.events)

    def __bool__(self):
        return True  # a run of no events is a run

    def __eq__(self, other):
        same = isinstance(other, Run) and self.system.same_as(other.system)
        return same and self.events == other.events and self.times == other.times

    def __hash__(self):
        return hash((self.events, self.times))

    def __repr__(self):
        seed = "" if self.seed is None else f", seed {self.seed}"
        return f"<run: {self.system}{seed}, {len(self)} events>"

    def __str__(self):
        return self.transcript()

    @cached_property
    def configurations(self):
        """The configurations that it passes through, one more than it has events."""
        return tuple(configuration for _, configuration in self.trace)

    @cached_property
    def trace(self):
        """(Reaction, Configuration) after each event; the first has no reaction."""
        return self._follow([(None, self.system.initial())])

    def _follow(self, trace):
        """The trace of the first events, and then of all others."""
        trace = [*trace]
        for event in self.events[len(trace) - 1 :]:
            trace.append(self.system.react(trace[-1][1], event, within_budget=False))
        return trace

    @property
    def last(self):
        """The configuration in which the run ends."""
        return self.configurations[-1]

    @property
    def decisions(self):
        """What each node that has decided decided first, by its number."""
        return self.last.decisions

    @cached_property
    def violations(self):
        """{name: Violation} for each of its properties that the run breaks."""
        return self.check(self.properties)

    def check(self, properties):
        """{name: Violation} for each of `properties` that the run breaks, at the first step where it does."""
        found = {prop.name: prop.violation(self) for prop in properties}
        return {name: violation for name, violation in found.items() if violation}

    def then(self, *events):
        """This run, and then `events`; raises ProtocolError where one of them is not enabled."""
        run = self
        for event in events:
            reaction_and_next = self.system.react(run.last, event)
            time = run.times[-1] + BY_HAND if run.times else BY_HAND
            longer = Run(self.system, (*run.events, event), (*run.times, time), properties=self.properties)
            longer.__dict__["trace"] = [*run.trace, reaction_and_next]
            run = longer
        return run

    def rewind(self, k):
        """The first `k` events of this run."""
        if not 0 <= k <= len(self):
            raise ProtocolError(f"rewind({k}): the run has {len(self)} events; pass 0 to {len(self)}")
        shorter = Run(self.system, self.events[:k], self.times[:k], seed=self.seed, properties=self.properties)
        if "trace" in self.__dict__:
            shorter.__dict__["trace"] = self.trace[: k + 1]
        return shorter

    # -- what a picture of the run needs --------------------------------------------------------------------

    @cached_property
    def flights(self):
        """A Flight for every message sent, in the order of sending.

        A delivery ends the oldest flight of its message that is still open. On a lossy network a message that has
        already arrived can arrive again: that is one more flight, from the same sending.
        """
        flights, known = [], {}  # of each envelope the step that sent it first, and the numbers of its open flights

        def post(envelope, step):
            known.setdefault(envelope, (step, []))[1].append(len(flights))
            flights.append(Flight(envelope, step, None, None))

        for envelope in self.configurations[0].in_flight:
            post(envelope, 0)
        for step, event in enumerate(self.events, 1):
            if isinstance(event, (Deliver, Drop, Duplicate)):
                envelope = event.envelope
                if isinstance(event, Duplicate):
                    post(envelope, step)
                else:
                    fate = "deliver" if isinstance(event, Deliver) else "drop"
                    sent, numbers = known[envelope]
                    if not numbers:
                        post(envelope, sent)
                    ended = numbers[:] if fate == "drop" else numbers[:1]
                    del numbers[: len(ended)]
                    for number in ended:
                        flights[number] = Flight(envelope, flights[number].sent, step, fate)
            for to, message in self.trace[step][0].sent:
                post(Envelope(event.node, to, message), step)
        return tuple(flights)

    @cached_property
    def alarms(self):
        """An Alarm for every arming of a timer, in order."""
        alarms, armed = [], {}

        def end(node, names, step):
            for name in names:
                if (node, name) in armed:
                    number = armed.pop((node, name))
                    alarms[number] = alarms[number]._replace(off=step)

        def arm(node, clock, step, time):
            for name, after in clock:
                end(node, [name], step)
                if after is not None:
                    armed[node, name] = len(alarms)
                    alarms.append(Alarm(node, name, step, time + after, None))

        for node, clock in enumerate(self.system.started_clocks()):
            arm(node, clock, 0, 0.0)
        for step, (event, time) in enumerate(zip(self.events, self.times), 1):
            (reaction, configuration), node = self.trace[step], event.node
            gone = {name for number, name in armed if number == node} - {*configuration.timers(node)}
            end(node, sorted(gone), step)
            if getattr(event, "name", None):
                end(node, [event.name], step)
            arm(node, reaction.clock, step, time)
        return tuple(alarms)

    # -- forms for people and other tools -------------------------------------------------------------------

    def transcript(self):
        """One line an event: its number, its time, what happened, and what came of it."""
        names, lines = self.system.names, [str(self.system)]
        for step, (event, time) in enumerate(zip(self.events, self.times), 1):
            effects = self.effects(step)
            what = describe(event, names) + (f" [{', '.join(map(show, event.choices))}]" if _chosen(event) else "")
            lines.append(f"{step:4} {time:8.2f}  {what}" + (f": {'; '.join(effects)}" if effects else ""))
        for name, violation in self.violations.items():
            lines.append(f"{name} is broken at step {violation.step}: {violation.why}")
        return "\n".join(lines)

    def effects(self, step):
        """What event number `step` changed in its node, in words: a list, empty if nothing changed."""
        node = self.events[step - 1].node
        before, after = (self.configurations[k].state(node) for k in (step - 1, step))
        decided = after.pop("decided")
        effects = [] if same(decided, before["decided"]) else [f"decides {show(decided)}"]
        effects += [f"{name} = {show(value)}" for name, value in after.items() if not same(value, before[name])]
        return effects

    def to_json(self):
        """The run as JSON text; `consensus_lab.model.run_json` documents the schema."""
        return run_json.dump(self)

    @classmethod
    def from_json(cls, text, protocol=None):
        """The run that `to_json` wrote.

        `protocol` is a Node class or a sequence of them to look names up in; by default every protocol that
        this process has imported or defined. Text is data: no code in it is run, nothing is imported.
        """
        return cls._read(run_json.load(text, protocol))

    @classmethod
    def from_object(cls, data, protocol=None, *, known=None):
        """The run whose JSON form, already parsed, is `data`; see `consensus_lab.model.run_json.from_object`."""
        return cls._read(run_json.from_object(data, protocol, known=known))

    @classmethod
    def _read(cls, parts):
        system, events, times, seed, trace = parts
        run = cls(system, events, times, seed=seed)
        run.__dict__["trace"] = trace
        return run

    def to_shiviz(self):
        """The run in the two-line log format of ShiViz (https://bestchai.bitbucket.io/shiviz/), with vector clocks."""
        return shiviz.log(self)


def _chosen(event):
    return getattr(event, "choices", ())
