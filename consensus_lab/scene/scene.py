"""A run as a scene: plain JSON with every state, word and verdict that the stage draws.

JavaScript knows no rule of any protocol, so whatever is to be seen or read is worked out here. The README beside this
file has the format.
"""

from consensus_lab.model.budgets import SPENDS
from consensus_lab.model.events import Drop, Duplicate, Propose, Timeout
from consensus_lab.model.properties import CONSENSUS
from consensus_lab.model.run_json import as_object
from consensus_lab.model.values import show
from consensus_lab.protocols.raft.properties import FIGURE_3, is_raft
from consensus_lab.scene.captions import Narrator
from consensus_lab.scene.look import Look, first
from consensus_lab.scene.words import held_words, plain
from consensus_lab.valency.of_run import valencies

SIGNS = {"Agreement": "ne", "Validity": "cross", "Termination": "none"}


def scene(run, title="", *, properties=None, by_reader=(), valencies=True):
    """The scene of `run`.

    Parameters
    ----------
    run : Run
        What is drawn.
    title : str
        By default the name of the protocol.
    properties : iterable of Property, optional
        What the line of properties shows; by default what the protocol owes.
    by_reader : collection of int
        The numbers of the steps that a reader did by hand.
    valencies : bool
        Whether to work out what can still be decided, which is most of the work.
    """
    look, system = Look(run), run.system
    verdicts = [_verdict(prop, run) for prop in properties or _owed(system)]
    narrator = Narrator(look, verdicts)
    views = _Views(look)
    protocol = " and ".join(cls.__name__ for cls in dict.fromkeys(system.classes))
    data = {
        "title": title or protocol,
        "protocol": protocol,
        "network": system.network.name,
        "seed": run.seed,
        "names": list(system.names),
        "values": [[text, slot] for text, slot in look.slots.items()],
        "nodes": [views.view(0, i) for i in system.nodes],
        "steps": [_step(look, views, narrator, k, by_reader) for k in range(1, len(run) + 1)],
        "messages": [_message(look, flight) for flight in run.flights],
        "properties": verdicts,
        "can": _valencies(look) if valencies else None,
        "budgets": {kind: system.budgets.of(name) for kind, name in SPENDS.items() if system.budgets.of(name) != 0},
        "run": as_object(run) | ({"by_reader": sorted(by_reader)} if by_reader else {}),
    }
    tags = first(room.tags() for room in look.rooms.values())
    parts = {name: room.part() for name, room in look.rooms.items() if name not in look.hidden}
    found = {"tags": tags} | parts
    return data | {name: part for name, part in found.items() if part is not None}


class _Views:
    """What the nodes look like, step by step."""

    def __init__(self, look):
        self.look = look
        self.alarms = [[] for _ in look.system.nodes]
        for alarm in look.run.alarms:
            self.alarms[alarm.node].append((alarm, self._due(alarm)))
        self._last = [self.view(0, i) for i in look.system.nodes]

    def change(self, k, i):
        """What node `i` looks like after step `k`, its own, with the fields that are not as before; else None."""
        before, now = self._last[i], self.view(k, i)
        self._last[i] = now
        fields = [field for field in now["fields"] if field not in before["fields"]]
        return now | {"fields": fields} if now != before else None

    def view(self, k, i):
        look, cls = self.look, self.look.system.classes[i]
        decided, (field, held, _), tally = look.appearance(k, i)
        if not look.up(k, i):
            state, words = "crashed", "crashed"
        elif decided:
            state, words = "decided", "decided " + ", then ".join(decided)
        elif held:
            state, words = "voted", f"{held_words(field)[1]} {held}"
        else:
            state, words = "undecided", "undecided" if cls.decides else "empty"
        if look.up(k, i):
            words = first(room.words(k, i, state == "undecided") for room in look.claimants) or words
        fields = [[plain(name), look.display(name, value)] for name, value in look.fields(k, i).items()]
        if decided:
            fields.append(["decided", ", then ".join(decided)])
        view = {"state": state, "value": decided[0] if decided else held, "words": words}
        if tally is not None:
            view["tally"] = tally
        timers = self._timers(k, i)
        if timers:
            view["timers"] = timers
        for room in look.rooms.values():
            view |= room.view(k, i)
        return view | {"fields": fields}

    def _timers(self, k, i):
        armed = [(a, due) for a, due in self.alarms[i] if a.set_at <= k and (a.off is None or k < a.off)]
        return [[show(alarm.name), self._time(alarm.set_at), due] for alarm, due in armed]

    def _time(self, k):
        return round(self.look.run.times[k - 1], 3) if k else 0

    def _due(self, alarm):
        """When the timer is due; None where the run does not go by the clock, so that it may fire at any moment."""
        run, off = self.look.run, alarm.off
        until = run.times[off - 1] if off is not None else run.times[-1] if run.times else 0.0
        fired = off is not None and isinstance(run.events[off - 1], Timeout) and run.events[off - 1].name == alarm.name
        late, early = until > alarm.due + 1e-6, fired and until < alarm.due - 1e-6
        return None if late or early else round(alarm.due, 3)


def _owed(system):
    """Consensus; and the servers of Raft, that for their first entry, and the properties of Raft for all."""
    if not any(map(is_raft, system.classes)):
        return CONSENSUS
    return (*FIGURE_3, *(CONSENSUS if not any(cls.client for cls in system.classes) else ()))


def _step(look, views, narrator, k, by_reader):
    run = look.run
    event = run.events[k - 1]
    what = narrator.tell(k)
    step = {"t": round(run.times[k - 1], 3), "kind": type(event).__name__.lower(), "node": event.node}
    number = narrator.flight(k)
    if number is not None:
        step["msg"] = number
    match event:
        case Propose(_, value):
            step["value"] = show(value)
        case Timeout(_, name):
            step["name"] = show(name)
    step["text"] = what.text
    if what.effect:
        step["effect"] = what.effect
    if what.mark:
        step["mark"] = what.mark
    step["say"] = what.say
    if not isinstance(event, (Drop, Duplicate)):
        view = views.change(k, event.node)
        if view:
            step["set"] = {str(event.node): view}
    if k in by_reader:
        step["by"] = "reader"
    return step


def _message(look, flight):
    message = flight.envelope.message
    value = look.message_value(message)
    row = [
        flight.envelope.sender, flight.envelope.receiver, type(message).__name__, value,
        flight.sent, flight.end, flight.fate,
    ]  # fmt: skip
    fields = look.content(message)
    said = len(fields) == (value is not None)
    return row if said else [*row, fields]


def _verdict(prop, run):
    violation = run.check([prop]).get(prop.name)
    verdict = {"name": prop.name, "sign": SIGNS.get(prop.name, "bang"), "broken": None, "met": None}
    verdict |= {"between": [], "why": ""}
    if prop.eventual:
        verdict["eventual"] = True
        verdict["met"] = next((k for k, c in enumerate(run.configurations) if prop.met(c)), None)
    if violation:
        nodes = sorted(set(violation.nodes))
        between = nodes if len(nodes) == 2 and not prop.eventual else []
        verdict |= {"broken": violation.step, "between": between, "why": violation.why}
    return verdict


def _valencies(look):
    """What can still be decided: a list of [step, values] where it changes."""
    rows, last = [], ()
    for k, values in enumerate(valencies(look.run)):
        texts = None if values is None else [text for text in look.slots if text in set(map(show, values))]
        if texts != last:
            rows.append([k, texts])
            last = texts
    return None if rows == [[0, None]] else rows
