"""The run of a simulation."""

from dataclasses import replace
from functools import cached_property

from consensus_lab.model.events import Deliver, Envelope
from consensus_lab.model.run import Run


class Recorded(Run):
    """A run whose events are still in the form in which the simulation wrote them down."""

    def __init__(self, system, log, chosen, before):
        self.system, self._log, self._chosen, self._before = system, log, chosen, before

    def __len__(self):
        return len(self._before) + len(self._log)

    @cached_property
    def events(self):
        """The schedule, as events of the model."""
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
        """(Reaction, Configuration) after each event; the first has no reaction."""
        return self._follow(self._before.trace)

    @cached_property
    def times(self):
        """The virtual time of each event."""
        return (*self._before.times, *(entry[0] for entry in self._log))
