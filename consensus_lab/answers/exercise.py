"""Requests of an exercise: check what the reader has typed, and answer about runs of it.

The code comes from the editor in the reader's own page, and nowhere else: a link or a file has no way to put it there.
"""

from functools import lru_cache

from consensus_lab.answers.reader import Flaw, define, flaw, protocol, protocols
from consensus_lab.answers.restored import Restored
from consensus_lab.exercises import CATALOG
from consensus_lab.exercises.own import case_of, examine
from consensus_lab.model.errors import ProtocolError
from consensus_lab.scene.scene import scene

OWN = "own"  # the exercise without a task: any protocol, in a system that the reader chooses


def check(message):
    """The result of ``{"do": "check", "exercise": name, "code": text, "system": settings}``, as plain JSON.

    ``{"kind", "headline", "why", "lines": [[sign, text], ...], "stage": payload}`` with the kinds of an Outcome; or
    ``{"kind": "flaw", "headline", "why", "line"}`` where the code cannot be run.
    """
    name, code = message.get("exercise"), message.get("code")
    exercise = CATALOG.get(name) if isinstance(name, str) else None
    if name != OWN and exercise is None:
        raise ProtocolError(f"there is no exercise {name!r}")
    case = case_of(message.get("system")) if name == OWN else None
    try:
        with Restored():
            names = _defined(code, name)
            return _told(exercise.check(protocol(names), names) if exercise else examine(protocol(names), case))
    except Flaw as found:
        return _flawed(found)
    except KeyboardInterrupt:  # in a kernel: the way out of a handler that never ends
        raise ProtocolError("the check was interrupted") from None
    except BaseException as error:  # whatever the reader's class may raise, SystemExit too
        return _flawed(flaw(error, code))


def classes(code, exercise=None):
    """The protocols that the reader's code defines, for requests about runs of them.

    Parameters
    ----------
    code : str
    exercise : str, optional
        The name of the exercise that it is for, whose starter may define what the code builds on.

    Returns
    -------
    tuple of type

    Raises
    ------
    ProtocolError
        Where the code cannot be run.
    """
    try:
        return tuple(protocols(_defined(code, exercise)))
    except Flaw as found:
        raise ProtocolError(found.why) from None


@lru_cache(maxsize=2)
def _defined(code, exercise):
    given = CATALOG.get(exercise) if isinstance(exercise, str) else None
    return define(code, given.starter if given else "")


def _told(outcome):
    return {
        "kind": outcome.kind,
        "headline": outcome.headline,
        "why": outcome.why,
        "lines": [list(line) for line in outcome.lines],
        "stage": _stage(outcome),
    }


def _flawed(found):
    headline = f"Line {found.line} of your code" if found.line else "Your code cannot be run yet"
    return {"kind": "flaw", "headline": headline, "why": found.why, "line": found.line}


def _stage(outcome):
    """The payload of a stage with the outcome's runs."""
    entries = [
        {"id": f"yours-{number}", "title": title, "about": "", "seeds": [[scene(run, title, properties=outcome.owes)]]}
        for number, (title, run) in enumerate(outcome.runs.items(), 1)
    ]
    return {"version": 1, "open": {"entry": 0, "seed": 0, "road": 0, "step": 0}, "entries": entries}
