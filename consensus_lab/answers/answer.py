"""The one function that answers the stage's requests, in a live kernel and in the page's own Python alike.

A page's first answer waits for all that is imported here, so what only some requests need is imported when they come.
"""

import json
from functools import cache

import consensus_lab.protocols  # noqa: F401  a run names its classes, and these are the book's
from consensus_lab.answers.raft_lab import anew, end
from consensus_lab.answers.raft_lab import go_on as go_on_for_a_while
from consensus_lab.answers.random_choice import then_at_random
from consensus_lab.answers.reply import json_text, one_line
from consensus_lab.answers.restored import Restored
from consensus_lab.answers.shared_run import open_run
from consensus_lab.answers.state_graph import reach
from consensus_lab.model.errors import ProtocolError
from consensus_lab.model.events import Crash, Deliver, Drop, Duplicate, Propose, Restart, Timeout
from consensus_lab.model.json_text import parse
from consensus_lab.model.node import Node
from consensus_lab.model.run import Run
from consensus_lab.model.run_json import as_object
from consensus_lab.scene.moves import meant, moves
from consensus_lab.scene.scene import scene
from consensus_lab.simulation.simulate import simulate

MOST_EVENTS = 2_000  # in a run that a reader has grown
SYSTEMS = 4  # that are kept from one request to the next


def answer(message, protocol=None):
    """The reply to a request: ``{"scene": ...}``, or ``{"error": one line}`` where it cannot be met.

    Requests are ``{"do": "extend", "run", "at", "event"}``, ``{"do": "continue", "run", "at", "seed"}`` and
    ``{"do": "seed", "run", "seed"}``, and for a run from elsewhere ``{"do": "open", "run"}``. The list of what can
    happen asks ``{"do": "moves", "run", "at"}`` and gets ``{"next": ...}``, see `consensus_lab.scene.moves`. The
    sweep asks ``{"do": "sweep", ...}`` and gets ``{"sweep": ...}``, see `consensus_lab.answers.sweep`. An exercise
    asks ``{"do": "check", ...}`` and gets ``{"check": ...}``, see `consensus_lab.answers.exercise`. The derivation asks
    ``{"do": "draft", "name"}`` and gets ``{"draft": ...}``, see `consensus_lab.answers.derive`; the duel
    ``{"do": "duel", "run", "at", "event", "clock", "seed"}``, see `consensus_lab.answers.duel`; the playground for
    Raft ``{"do": "raft", "run", "seed", "servers", "spread"}`` and a "continue" with nodes that are "apart", see
    `consensus_lab.answers.raft_lab`. Who plays the network asks what `consensus_lab.answers.network` answers; what a
    panel of real processes asks (``"cluster"``), its own kernel alone can answer; and
    ``{"do": "with", "code", "request"}`` is a request about protocols that the reader has typed. `protocol` is a class
    or classes in which the run's names are looked up first.
    """
    try:
        with Restored():
            return _reply(message, protocol)
    except KeyboardInterrupt:  # in a kernel: the way out of a handler that never ends
        return {"error": "this was interrupted"}
    except BaseException as error:  # a protocol may raise anything, SystemExit too, and a page waits for its reply
        return {"error": one_line(error)}


def _reply(message, protocol):
    match message:
        case {"do": "sweep"}:
            from consensus_lab.answers.sweep import measure

            return {"sweep": measure(message)}
        case {"do": "check"}:
            from consensus_lab.answers.exercise import check

            return {"check": check(message)}
        case {"do": "draft"}:
            from consensus_lab.answers.derive import search

            return {"draft": search(message)}
        case {"do": "duel"}:
            return {"scene": _duel(message, protocol)}
        case {"do": "cluster"}:
            raise ProtocolError("real processes need a kernel; open the chapter in a notebook")
        case {"do": "with", "code": code, "request": inner}:
            from consensus_lab.answers.exercise import classes

            if isinstance(inner, dict) and inner.get("do") == "with":
                raise ProtocolError("a request about a protocol that is typed is not one about another that is")
            return _reply(inner, classes(code, message.get("exercise")))
        case {"do": "open"}:
            return {"scene": open_run(message, protocol)}
        case {"do": "state"}:
            return {"scene": reach(message, protocol)}
        case {"do": "prospects" | "hint" | "adversary" as do}:
            from consensus_lab.answers.network import opponent

            return opponent(do, _run(message, protocol), _whole(message, "at"))
    return _answer(message, protocol)


def answer_text(text, source=""):
    """The same from JSON text to JSON text, for the page's own Python.

    `source` defines the protocols that the page's chapter has written itself. It is a part of the page, as its
    scripts are, and never of a request.
    """
    try:
        return json_text(answer(parse(text), _defined(source)))
    except BaseException as error:  # a chapter's own protocols that cannot be defined, a reply that is no JSON
        return json_text({"error": one_line(error)})


@cache
def _defined(source):
    names = {"__name__": "chapter"}
    exec(compile(source, "<chapter>", "exec"), names)
    return tuple(thing for thing in names.values() if isinstance(thing, type) and issubclass(thing, Node)) or None


def _answer(message, protocol):
    if not isinstance(message, dict):
        raise ProtocolError(f"a request is an object, not {message!r}")
    do = message.get("do")
    if do not in ("extend", "continue", "seed", "raft", "moves"):
        raise ProtocolError(f"no such request: {do!r}; use extend, continue, seed, open or moves")
    at = 0 if do in ("seed", "raft") else _whole(message, "at")
    begun = _run(message, protocol, at).rewind(at)
    if do == "seed":
        seed, system = _whole(message, "seed"), begun.system
        return {"scene": scene(simulate(system, seed, until=end(system), max_events=MOST_EVENTS))}
    if do == "raft":
        return {"scene": scene(anew(begun, message, _whole(message, "seed")))}
    if do == "moves":
        return {"next": moves(begun, at)}
    by_reader = _by_reader(message, at)
    if do == "continue":
        longer = go_on_for_a_while(begun, _whole(message, "seed"), message.get("apart", []), MOST_EVENTS - at)
        return {"scene": scene(longer, by_reader=by_reader)}
    longer = then_at_random(begun, _event(message.get("event"), begun))
    return {"scene": scene(longer, by_reader={*by_reader, at + 1})}


def _duel(message, protocol):
    from consensus_lab.answers.duel import go_on

    at, event = _whole(message, "at"), message.get("event")
    begun = _run(message, protocol, at).rewind(at)
    event = None if event is None else _event(event, begun)
    return go_on(begun, event, bool(message.get("clock")), _whole(message, "seed"), _by_reader(message, at))


def _by_reader(message, at):
    """The numbers of the steps up to this one that a reader did by hand."""
    marked = message["run"].get("by_reader")
    return {k for k in marked if type(k) is int and k <= at} if isinstance(marked, list) else set()


def _run(message, protocol, at=None):
    """The run that a message brings, or as much of it as is needed: its first `at` events."""
    data = message.get("run")
    if at is not None and isinstance(data, dict) and isinstance(data.get("events"), list) and at >= 0:
        data = {**data, "events": data["events"][:at]}
    run = Run.from_object(data, protocol, known=_known if _strings(message) else None)
    if len(run) > MOST_EVENTS:
        raise ProtocolError(f"this run has {len(run):,} events; the limit here is {MOST_EVENTS:,}")
    return run


def _event(data, run):
    """The event that a reader asks for at the end of a run."""
    kind = data.get("kind") if isinstance(data, dict) else None
    if kind in ("deliver", "drop", "duplicate"):
        number = _whole(data, "msg")
        if not 0 <= number < len(run.flights):
            raise ProtocolError(f"there is no message {number} at step {len(run)}")
        return {"deliver": Deliver, "drop": Drop, "duplicate": Duplicate}[kind](run.flights[number].envelope)
    if kind in ("crash", "restart"):
        return (Crash if kind == "crash" else Restart)(_whole(data, "node"))
    if kind == "timeout":
        node = _whole(data, "node")
        return Timeout(node, meant(data.get("name"), run.last.timers(run.system.number(node))))
    if kind == "propose":
        return Propose(_whole(data, "node"), meant(data.get("value"), run.system.proposals.values()))
    raise ProtocolError(f"no such event: {kind!r}; use deliver, drop, duplicate, crash, restart, timeout or propose")


def _whole(data, name):
    value = data.get(name)
    if type(value) is not int:
        raise ProtocolError(f"{name} is {value!r}; it has to be a whole number")
    return value


# -- what one request leaves to the next ------------------------------------------------------------------------

_systems = {}


def _known(system):
    """An equal system that an earlier request was about, since it knows how its nodes react; else this one."""
    key = system.classes, json.dumps(as_object(Run(system))["system"])
    known = _systems.pop(key, system)
    _systems[key] = known if known.same_as(system) else system
    if len(_systems) > SYSTEMS:
        del _systems[next(iter(_systems))]
    return _systems[key]


def _strings(message):
    """True where all that is proposed in the run or by the reader is strings.

    Python holds that True and 1 are equal, and so a system that has met the one may show it for the other.
    """
    run, event = message.get("run"), message.get("event")
    events = run.get("events") if isinstance(run, dict) else ()
    rows = [row for row in events if isinstance(row, list)] if isinstance(events, list) else ()
    values = [value for row in rows if row[:1] == ["propose"] for value in row[3:4]]
    values += [event.get("value", "")] if isinstance(event, dict) else []
    return all(isinstance(value, str) for value in values)
