"""Requests of "you are the network": where each event leads, how far the reader got, and what the adversary does.

What can still be decided is `consensus_lab.valency.adversary`'s to say. Here it becomes words, and a score: how many
events, and how many fair rounds, a run has been kept open. A round is over when all that waited at its beginning has
happened.
"""

from bisect import bisect_left
from functools import cache

from consensus_lab.answers.random_choice import then_at_random
from consensus_lab.model.errors import ProtocolError
from consensus_lab.model.events import Crash, bare, describe
from consensus_lab.model.properties import decided
from consensus_lab.model.values import show
from consensus_lab.scene.moves import asked
from consensus_lab.scene.scene import scene
from consensus_lab.scene.words import capital, listed
from consensus_lab.valency.adversary import hint, play, prospects
from consensus_lab.valency.of_configuration import Valency

MOST_EVENTS = 300  # of a run that is kept open; who got so far has seen that it can go on


def opponent(do, run, at):
    """The reply to a request about the first `at` steps of `run`.

    ``prospects`` gives ``{"prospects": ...}``, see `standing`; ``hint`` gives ``{"hint": {"event", "why"}}``, or None
    where there is nothing left to do; ``adversary`` lets it play one more round: ``{"scene": ..., "prospects": ...}``.
    """
    begun = run.rewind(at)
    if do == "prospects":
        return {"prospects": standing(begun)}
    if do == "hint":
        found = hint(begun)
        return {"hint": found and {"event": asked(begun, found.event), "why": found.reason}}
    if at >= MOST_EVENTS:
        raise ProtocolError(f"this has been kept open for {at} events; the game goes no further")
    longer = one_round(begun)
    return {"scene": scene(longer), "prospects": standing(longer)}


def one_round(begun):
    """The run after one more round of the adversary, who orders events but does not choose how a coin falls."""
    run = begun
    for event in play(begun.system, 1, start=begun, max_events=MOST_EVENTS).events[len(begun) :]:
        run = then_at_random(run, bare(event))
        if run.events[-1] != event:
            break  # it has planned for another side of the coin
    return run


def standing(run):
    """Where the game stands at the end of `run`, and where each next event leads, as plain JSON.

    ``{"at", "state", "say", "kept", "rounds", "round": [happened, of], "oldest": {"event", "waits"} | None,
    "moves": [[event, [[lead, value], ...]], ...]}``; `state` and `lead` are "open", "only", "decided", "stuck" or
    "unknown", with a value for "only" and "decided". An event that a coin follows can have several leads.
    """
    game = _Game(run)
    kept = game.first(lambda state: state != "open") - 1
    rounds, begins = _rounds(run, kept)
    due, waiting = _waiting(run, begins), _waiting(run, len(run))
    left = sum(since <= begins for _, since in waiting)
    oldest = min(waiting, key=lambda one: one[1], default=None)
    return {
        "at": len(run),
        "state": game.standing(len(run))[0],
        "say": game.say(),
        "kept": kept,
        "rounds": rounds,
        "round": [len(due) - left, len(due)],
        "oldest": oldest and {"event": oldest[0], "waits": len(run) - oldest[1]},
        "moves": _leads(run),
    }


# -- where it stands -----------------------------------------------------------------------------------------------


def _state(c, values, stuck):
    """How things stand in `c`, where `values` can be decided (None: not known) and some node perhaps never can."""
    if decided(c):
        return "decided"
    if values is not None and len(values) > 1:
        return "open"
    if stuck or values is not None and not values:
        return "stuck"
    return "unknown" if values is None else "only"


def _leads(run):
    """[[event as a reader asks for it, its leads]], one row for all ways of its handler to choose."""
    c, rows = run.last, {}
    for (event, there), found in zip(c.system.successors(c), prospects(c)):
        state = _state(there, found.valency, found.stuck)
        values = there.decisions.values() if state == "decided" else found.valency if state == "only" else ()
        lead = [state, listed(sorted({show(value) for value in values})) if values else None]
        _, leads = rows.setdefault(bare(event), (event, []))
        if lead not in leads:
            leads.append(lead)
    return [[asked(run, event), leads] for event, leads in rows.values()]


class _Game:
    """A run as a game: what was known after each of its steps. Once it is not open any more, it never is again."""

    def __init__(self, run):
        self.run, self.names = run, run.system.names
        self.standing = cache(self._standing)

    def _standing(self, k):
        """(state, the values that can still be decided) after `k` steps."""
        c = self.run.configurations[k]
        futures = Valency(c.system, c)
        values, exact = futures.values(c)
        return _state(c, values if exact or len(values) > 1 else None, futures.hopeless(c)), values

    def first(self, holds):
        """The first step after which the state is such; one beyond the end if there is none."""
        if not holds(self.standing(len(self.run))[0]):
            return len(self.run) + 1
        return bisect_left(range(len(self.run)), True, key=lambda k: holds(self.standing(k)[0]))

    def say(self):
        """One sentence or two about how things stand, and about the step that settled them."""
        run = self.run
        state, values = self.standing(len(run))
        if state == "open":
            return f"{capital(listed(self.texts(values)))} can still be decided."
        if state == "unknown":
            return "Whether more than one value can still be decided is more than the search can tell."
        k = self.first(lambda state: state not in ("open", "unknown"))
        settled, rest = self.standing(k)
        told = {"only": self.only, "stuck": self.stuck}.get(settled, lambda k, values: "")(k, rest)
        if state == "decided":
            last = self.decision(values)
        else:
            last = "And now the others are stuck, too." if state != settled else ""
        return f"{told} {last}".strip()

    def only(self, k, values):
        only = f"only {listed(self.texts(values))} can be decided"
        return f"{self.cause(k)} settled it: {only}." if k else f"From the start {only}."

    def stuck(self, k, values):
        c = self.run.configurations[k]
        left = [self.names[i] for i in c.system.nodes if c.nodes[i].up and i not in c.decisions]
        never = "somebody can never decide" if values else f"{listed(left)} can never decide"
        if k and isinstance(self.run.events[k - 1], Crash):
            gone = self.names[self.run.events[k - 1].node]
            return f"Nobody can do without {gone}. It crashed at step {k}, and {never}, whatever comes."
        return f"{self.cause(k)} left it stuck: {never}, whatever comes." if k else f"From the start {never}."

    def cause(self, k):
        event = self.run.events[k - 1]
        return f"Step {k}, taken by {self.names[event.node]} ({describe(bare(event), self.names)}),"

    def decision(self, values):
        c = self.run.last
        found = listed([f"{self.names[i]} has decided {show(value)}" for i, value in c.decisions.items()])
        others = self.texts(values - {value for _, value in decided(c)})
        more = f" And yet {listed(others)} can be decided as well: this protocol can disagree." if others else ""
        return f"{found}.{more}"

    def texts(self, values):
        order = {value: k for k, value in enumerate(self.run.system.proposals.values())}
        return [show(value) for value in sorted(values, key=lambda value: (order.get(value, len(order)), show(value)))]


# -- fairness ------------------------------------------------------------------------------------------------------


def _waiting(run, k):
    """[(event as a reader asks for it, the step since when it waits)] after `k` steps; at a crashed node none does."""
    c = run.configurations[k]
    up = [local.up for local in c.nodes]
    found = [({"kind": "propose", "node": i, "value": show(value)}, 0) for i, value in sorted(c.pending) if up[i]]
    for number, flight in enumerate(run.flights):
        if flight.sent <= k and (flight.end is None or flight.end > k) and up[flight.envelope.receiver]:
            found.append(({"kind": "deliver", "msg": number}, flight.sent))
    if c.left.timeouts != 0:
        for alarm in run.alarms:
            if alarm.set_at <= k and (alarm.off is None or alarm.off > k):
                found.append(({"kind": "timeout", "node": alarm.node, "name": show(alarm.name)}, alarm.set_at))
    return found


def _rounds(run, kept):
    """(how many rounds were full after `kept` steps, the step at which the next one began)."""
    rounds = begins = 0
    for k in range(1, kept + 1):
        if all(since > begins for _, since in _waiting(run, k)):
            rounds, begins = rounds + 1, k
    return rounds, begins
