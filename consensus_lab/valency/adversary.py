"""The adversary: the network as an opponent that keeps a protocol undecided, and does so fairly.

It plays the proof of Fischer, Lynch and Paterson (1985), section 3, https://doi.org/10.1145/3149.214121. What waits
(messages, proposals, timers) stands in a queue, and the oldest comes first. By Lemma 3 there is, in a protocol that
survives a crash, always a detour after which the oldest can happen and two decisions are still possible: the
adversary finds the shortest one. A protocol in which there is none has a node that is about to decide one way or the
other by what it hears first. That node the adversary crashes. If it may not, all that is left is to delay.
"""

from collections import deque, namedtuple
from typing import Any

from consensus_lab.model.errors import ProtocolError
from consensus_lab.model.events import Crash, Deliver, Envelope, Propose, Timeout, bare, describe
from consensus_lab.model.properties import decided
from consensus_lab.model.run import Run
from consensus_lab.model.values import canonical
from consensus_lab.valency.of_configuration import EFFORT, VISITED, Valency

DETOUR = 400  # configurations looked at to find one detour

Hint = namedtuple("Hint", "event reason")
Hint.__doc__ = "The adversary's next event, and why, in words."

Prospect = namedtuple("Prospect", "event valency stuck")
Prospect.__doc__ = """One event that can happen next, and where it leads: the frozenset of values that can still be
decided after it, None where that is not known; and whether some live node can then never decide (True, False, None)."""


def prospects(configuration):
    """A Prospect for each event that can happen now, in the order of `System.events`. The work is bounded."""
    system = configuration.system
    futures = Valency(system, configuration)
    found = []
    for event, there in system.successors(configuration):
        known = futures if futures.exact or futures.values(there)[1] else Valency(system, there, VISITED)
        values, exact = known.values(there)
        found.append(Prospect(event, values if exact else None, known.hopeless(there)))
    return tuple(found)


def hint(run):
    """The adversary's move at the end of `run`, a Run or a Configuration: a Hint, or None when nothing can happen.

    How long a message has been waiting is in the run; from a bare configuration all have waited equally long.
    """
    if not isinstance(run, Run):
        return _Adversary(run.system, run).move(run, _waiting(run))
    return _Adversary(run.system, run.last).move(run.last, list(queue(run)))


def play(system, rounds=10, *, start=None, max_events=2_000):
    """The run that the adversary makes of `system`, from its initial configuration or on from the Run `start`.

    A round ends when all that waited at its beginning has happened. The run ends after so many rounds, when a node
    decides, when nothing is left to happen, or after `max_events` events.
    """
    if rounds < 1:
        raise ProtocolError(f"rounds={rounds!r}: let the adversary play at least one round")
    return rounds_of(system, rounds, start=start, max_events=max_events, patient=True)[0]


def rounds_of(system, rounds, *, start=None, max_events=2_000, patient=False):
    """(the adversary's run, how many full rounds of it there are); with patience it thinks anew in every round."""
    run = Run(system) if start is None else start
    events, c, waiting = list(run.events), run.last, queue(run)
    adversary, played, since = _Adversary(system, c), 0, len(events)
    while played < rounds and len(events) < len(run) + max_events and not decided(c):
        hint = adversary.move(c, list(waiting))
        if hint is None:
            break
        events.append(hint.event)
        reaction, c = system.react(c, hint.event)
        waiting = _later(waiting, hint.event, reaction, c, len(events))
        if all(step > since for step in waiting.values()):
            played, since = played + 1, len(events)
            adversary.futures.effort = EFFORT if patient else adversary.futures.effort
    return Run(system, events), played


def queue(run):
    """{event without its choices: the step since when it has been waiting}, the oldest first, at the end of a run."""
    waiting = dict.fromkeys(_waiting(run.configurations[0]), 0)
    for step, (event, (reaction, c)) in enumerate(zip(run.events, run.trace[1:]), 1):
        waiting = _later(waiting, event, reaction, c, step)
    return waiting


def _waiting(c):
    """What can happen in `c` but faults: events without their choices."""
    system = c.system
    events = [Propose(i, value) for i, value in sorted(c.pending, key=lambda pair: pair[0]) if c.nodes[i].up]
    events += [Deliver(Envelope(*copy[:3])) for copy in system.deliverable(c)]
    if c.left.timeouts != 0:
        events += [Timeout(i, name) for i, local in enumerate(c.nodes) for name in local.timers]
    return events


def _later(waiting, event, reaction, c, step):
    """The queue after an event: it leaves, and what is new comes last; so does a timer that is armed anew."""
    new = {bare(event), *(Timeout(event.node, name) for name, after in reaction.clock if after is not None)}
    now = _waiting(c)
    possible = set(now)
    kept = {old: since for old, since in waiting.items() if old in possible and old not in new}
    return kept | {event: step for event in now if event not in kept}


class _Adversary:
    def __init__(self, system, start):
        self.system, self.names = system, system.names
        self.futures = Valency(system, start)
        self._plan, self._refused = [], None  # the rest of a detour; the event for which there is none

    def move(self, c, waiting):
        """The next event from `c`, with the reason; `waiting` is what waits there, the oldest first."""
        if decided(c) or not (waiting or self._crashes(c)):
            return None
        oldest = waiting[0] if waiting else None
        if oldest and oldest != self._refused and self.futures.bivalent(c):
            detour = self._plan if self._plan and self._plan[-1][0] == oldest else self._detour(c, oldest)
            if detour:
                self._plan, self._refused = detour[1:], None
                return Hint(detour[0][1], self._why(oldest, len(detour) - 1))
        self._refused = oldest
        return self._crash(c) or self._delay(c, waiting)

    def _detour(self, c, oldest):
        """[(event without choices, event)]: a shortest schedule that ends with `oldest` and leaves two decisions."""
        came: dict[Any, Any] = {c: None}
        line = deque([c])
        while line:
            here = line.popleft()
            for event in self.system.ways(here, oldest) if oldest in _waiting(here) else ():
                if self.futures.bivalent(self.system.react(here, event)[1]):
                    path = [(oldest, event)]
                    while came[here]:
                        here, event = came[here]
                        path.append((bare(event), event))
                    return path[::-1]
            for other in _waiting(here):
                if other == oldest:
                    continue
                for event in self.system.ways(here, other):
                    there = self.system.react(here, event)[1]
                    if there not in came and len(came) < DETOUR and not decided(there):
                        came[there] = here, event
                        line.append(there)
        return None

    def _why(self, oldest, before):
        what = describe(oldest, self.names)
        if not before:
            return f"{what}: it has waited longest, and after it two decisions are still possible."
        more = "one other event" if before == 1 else f"{before} other events"
        return f"{what} has waited longest. After {more} it can happen and leave two decisions possible: this first."

    def _crashes(self, c):
        return [Crash(i) for i, local in enumerate(c.nodes) if local.up] if c.left.crashes != 0 else []

    def _crash(self, c):
        """A crash after which some live node can never decide."""
        if self.futures.hopeless(c):
            return None
        for crash in self._crashes(c):
            there = self.system.react(c, crash)[1]
            if self.futures.hopeless(there) and not decided(there):
                name = self.names[crash.node]
                return Hint(crash, f"What is decided hangs on {name}. Without {name} nobody can ever tell.")
        return None

    def _delay(self, c, waiting):
        """The oldest of the events that lead nowhere, else that leave two decisions, else that decide nothing."""
        choices = []
        for age, other in enumerate(waiting):
            for event in self.system.ways(c, other):
                there = self.system.react(c, event)[1]
                if decided(there):
                    rank = 3
                elif self.futures.hopeless(there):
                    rank = 0
                else:  # where runs can be endless, to prefer what leaves two decisions could starve the oldest
                    rank = 1 if self.futures.exact and self.futures.bivalent(there) else 2
                choices.append((rank, age, canonical(event.choices if hasattr(event, "choices") else ()), event))
        if not choices:
            return None
        rank, _, _, event = min(choices, key=lambda choice: choice[:3])
        why = {
            0: "from here on nobody can force a decision.",
            1: "two decisions are still possible, though what has waited longest must go on waiting.",
            2: "the oldest that decides nothing.",
            3: "nothing else is left, and it decides.",
        }[rank]
        return Hint(event, f"{describe(event, self.names)}: {why}")
