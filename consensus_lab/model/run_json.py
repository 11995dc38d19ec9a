"""A run as JSON, version 1.

::

    {"format": "consensus-lab run", "version": 1,
     "system": {"protocol": "MajorityVote",           # or a list with the name of every node's class
                "n": 3, "proposals": [[0, "red"], [1, "blue"]], "network": "reliable",
                "crashes": 0, "restarts": 0, "timeouts": 0,    # null is no limit
                "names": ["A", "B", "C"]},
     "seed": 7,                                       # or null
     "events": [["propose", 0.0, 0, "red"],           # kind, virtual time, node, value
                ["deliver", 0.8, 0, 2, ["VoteFor", "red"]],    # from, to, message; also "drop" and "duplicate"
                ["timeout", 2.0, 1, "tie"], ["crash", 2.5, 2], ["restart", 3.0, 2]]}

An event whose handler made choices ends with the list of them. Numbers, strings, true, false and null stand for
themselves; a tuple is ``{"tuple": [...]}``, a frozenset ``{"set": [...]}`` in canonical order, a Message inside
another value ``{"message": ["Voted", "red"]}``. Other keys beside these are left to those who add them, and ignored.

What is read is data. Its names are looked up among classes that exist; no module is imported for it and none of it
is run. Every event is replayed, so what comes out is a run that the model allows.
"""

import json
from dataclasses import replace
from typing import Any

from consensus_lab.model.budgets import Budgets
from consensus_lab.model.errors import ProtocolError
from consensus_lab.model.events import Crash, Deliver, Drop, Duplicate, Envelope, Propose, Restart, Timeout
from consensus_lab.model.json_text import parse
from consensus_lab.model.json_values import Classes, brief, message_object, need, plain, read_value, wrong
from consensus_lab.model.system import System

FORMAT, VERSION = "consensus-lab run", 1
LARGEST_TIME = 1e300
LONGEST_TEXT, MOST_EVENTS, MOST_NODES, LONGEST_NAME = 100_000_000, 1_000_000, 1_000, 200
POSTAL = {"deliver": Deliver, "drop": Drop, "duplicate": Duplicate}
SIZES = {"deliver": 3, "drop": 3, "duplicate": 3, "propose": 2, "timeout": 2, "crash": 1, "restart": 1}


def dump(run):
    """The run as JSON text."""
    return json.dumps(as_object(run), ensure_ascii=False, separators=(",", ":"))


def load(text, protocol=None):
    """The parts of the run that `dump` wrote, as `from_object` gives them; ProtocolError where the text is no run.

    `protocol` is a Node class or a sequence of them in which names are looked up first, before those
    that this process has imported or defined.
    """
    if not isinstance(text, str):
        raise wrong(f"it is a {type(text).__name__}", "pass the text that run.to_json() gave")
    if len(text) > LONGEST_TEXT:
        raise wrong(f"it is {len(text):,} characters long", f"the limit is {LONGEST_TEXT:,}")
    try:
        data = parse(text)
    except ProtocolError as error:
        raise wrong(str(error), "pass the text that run.to_json() gave") from None
    return from_object(data, protocol)


def as_object(run) -> dict[str, Any]:
    """The run as the lists and dictionaries of its JSON form."""
    system = run.system
    names = [cls.__name__ for cls in system.classes]
    return {
        "format": FORMAT,
        "version": VERSION,
        "system": {
            "protocol": names[0] if len(set(system.classes)) == 1 else names,
            "n": system.n,
            "proposals": [[node, plain(value)] for node, value in system.proposals.items()],
            "network": system.network.name,
            **system.budgets._asdict(),
            "names": list(system.names),
        },
        "seed": plain(run.seed),
        "events": [_write(event, time) for event, time in zip(run.events, run.times)],
    }


def from_object(data, protocol=None, *, known=None):
    """The run whose JSON form, already parsed, is `data`: (system, events, times, seed, trace).

    `protocol` is as in `load`.

    `known` is a function of a System that gives an equal one, whose reactions may be known already.
    """
    need(isinstance(data, dict), "it is not an object", 'it begins with {"format": "consensus-lab run", ...}')
    need(data.get("format") == FORMAT, f"its format is {brief(data.get('format'))}", f'it has to be "{FORMAT}"')
    version = data.get("version")
    need(
        version == VERSION,
        f"its version is {brief(version)}",
        f"this package reads version {VERSION}; is a newer one out?",
    )
    classes = Classes(protocol)
    system = _system(_key(data, "system", dict), classes)
    system = known(system) if known else system
    seed, listed = data.get("seed"), _key(data, "events", list)
    seed = read_value(seed, classes) if isinstance(seed, dict) else seed  # a large one
    need(seed is None or isinstance(seed, (int, str)), f"the seed is {brief(seed)}", "use a whole number or null")
    need(len(listed) <= MOST_EVENTS, f"it has {len(listed):,} events", f"the limit is {MOST_EVENTS:,}")
    trace, post, events, times = [(None, system.initial())], _Post(system), [], []
    for number, item in enumerate(listed, 1):
        try:
            event, time = _read(item, post, classes)
            if times and time < times[-1]:
                raise wrong(f"its time is {time}, before that of the event before it", "put them in order")
            event = _as_it_chose(system, trace[-1][1], event)
            trace.append(system.react(trace[-1][1], event, within_budget=False))
        except ProtocolError as error:
            raise ProtocolError(f"event {number} of the run: {error}") from None
        post.send(event.node, trace[-1][0].sent)
        events.append(event)
        times.append(time)
    return system, events, times, seed, trace


def _as_it_chose(system, c, event):
    """The event with its choices as the handler offers them: JavaScript has written 10.0 as 10."""
    choices = getattr(event, "choices", ())
    if not choices or not c.nodes[system.number(event.node)].up and not isinstance(event, Restart):
        return event
    ways = [way for way in system.ways(c, replace(event, choices=())) if way.choices == choices]
    return event if len(ways) != 1 else ways[0]


# -- events -------------------------------------------------------------------------------------------------


def _write(event, time):
    """An event as a list."""
    kind = type(event).__name__.lower()
    match event:
        case Deliver(envelope) | Drop(envelope) | Duplicate(envelope):
            row = [kind, time, envelope.sender, envelope.receiver, message_object(envelope.message)]
        case Propose(node, what) | Timeout(node, what):
            row = [kind, time, node, plain(what)]
        case _:
            row = [kind, time, event.node]
    choices = getattr(event, "choices", ())
    return [*row, [plain(choice) for choice in choices]] if choices else row


def _read(row, post, classes):
    """The event that the list stands for, and its time."""
    if not isinstance(row, list) or len(row) < 3:
        raise wrong(f"{brief(row)} is no event", 'write ["crash", 2.5, 0], say')
    kind, time, *rest = row
    if type(time) not in (int, float) or not abs(time) <= LARGEST_TIME:
        raise wrong(f"its time is {brief(time)}", f"use a number, up to {LARGEST_TIME:.0e}")
    size = SIZES.get(kind) if isinstance(kind, str) else None
    if not size:
        raise wrong(f"its kind is {brief(kind)}", f"use one of {', '.join(SIZES)}")
    most = size + (kind in ("deliver", "propose", "timeout", "restart"))
    if not size <= len(rest) <= most:
        raise wrong(f"{brief(row)} has {len(row)} items", f"{kind} takes {size + 2} and perhaps its choices")
    rest, chosen = rest[:size], (rest[size:] or [[]])[0]
    if not isinstance(chosen, list):
        raise wrong(f"its choices are {brief(chosen)}", "use a list")
    choices = (tuple([read_value(choice, classes) for choice in chosen]),) if most > size else ()
    if kind in POSTAL:
        return POSTAL[kind](post.envelope(*rest), *choices), time
    node = rest[0]
    if type(node) is not int:
        raise wrong(f"its node is {brief(node)}", "use the node's number")
    if kind == "crash":
        return Crash(node), time
    if kind == "restart":
        return Restart(node, *choices), time
    return (Propose if kind == "propose" else Timeout)(node, read_value(rest[1], classes), *choices), time


class _Post:
    """What has been sent so far. Only that can arrive, so no message is ever made from data."""

    def __init__(self, system):
        self._sent, self._written = {}, {}  # (sender, receiver) -> {JSON text: message}; message -> JSON text
        for envelope in system.initial().in_flight:
            self.send(envelope.sender, [(envelope.receiver, envelope.message)])

    def send(self, sender, messages):
        for to, message in messages:
            text = self._written.get(message)
            if text is None:
                text = self._written[message] = json.dumps(message_object(message))
            self._sent.setdefault((sender, to), {})[text] = message

    def envelope(self, sender, receiver, written):
        """The envelope of the message that the list stands for."""
        sent = self._sent.get((sender, receiver), {}) if type(sender) is int and type(receiver) is int else {}
        message = sent.get(json.dumps(written)) if sent else None
        if message is not None:
            return Envelope(sender, receiver, message)
        what = f"no message {brief(written)} from {brief(sender)} to {brief(receiver)} is in flight"
        raise wrong(what, "deliver what was sent")


# -- systems and classes ------------------------------------------------------------------------------------


def _system(data, classes):
    n, names, kinds = _key(data, "n", int), _key(data, "names", list), data.get("protocol")
    need(0 < n <= MOST_NODES, f"it has {brief(n)} nodes", f"use 1 to {MOST_NODES:,}")
    listed = kinds if isinstance(kinds, list) else [kinds] * n
    need(len(listed) == n, f"it has {len(listed)} classes for {n} nodes", "name one class, or one a node")
    fit = all(isinstance(name, str) and len(name) <= LONGEST_NAME for name in names)
    need(fit, "a node's name is no string, or a long one", f"use up to {LONGEST_NAME} characters")
    protocol = [classes.node(name) for name in listed]  # before the proposals, whose names are looked up near them
    proposals = {}
    for pair in _key(data, "proposals", list):
        need(
            isinstance(pair, list) and len(pair) == 2 and type(pair[0]) is int,
            f"{brief(pair)} is no proposal",
            'write [0, "red"]',
        )
        proposals[pair[0]] = read_value(pair[1], classes)
    return System(
        protocol, proposals=proposals, network=_key(data, "network", str), names=names,
        **{name: data.get(name, 0) for name in Budgets._fields},
    )  # fmt: skip


def _key(data, name, kind):
    value = data.get(name)
    need(type(value) is kind, f"its {name} is {brief(value)}", f"it has to be a JSON {_JSON[kind]}")
    return value


_JSON = {dict: "object", list: "array", int: "whole number", str: "string"}
