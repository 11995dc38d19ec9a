"""What a page tells of a draft of the synod: what was checked, what came of it, the new code, and the run to watch."""

from dataclasses import replace

from consensus_lab.exercises.checker import Case
from consensus_lab.experiments.synod_derivation import DETOURS, DRAFTS, mends_of
from consensus_lab.model.errors import ProtocolError
from consensus_lab.scene.moves import moves
from consensus_lab.scene.scene import scene

BY_NAME = {draft.protocol.__name__: draft for draft in (*DRAFTS, *DETOURS)}
SAFETY = ("Agreement", "Validity")


def found(draft):
    """What a search of every schedule has found, as plain JSON.

    ``{"kind": "holds"|"disagrees"|"stuck", "configurations", "holds": [property, ...], "breaks": property or None,
    "events", "why"}``; `holds` has the safety properties alone, as a search within some rounds proves no other.
    """
    graph, run = draft.graph, draft.counterexample
    broken = set(graph.violations)
    if draft.breaks:
        kind = "disagrees" if draft.breaks == "Agreement" else "stuck"
        why = run.check(draft.properties)[draft.breaks].why
    else:
        kind, why = "holds", ""
    return {
        "kind": kind,
        "configurations": len(graph),
        "holds": [name for name in SAFETY if name not in broken],
        "breaks": draft.breaks,
        "events": len(run) if run else 0,
        "why": why,
    }


def told(draft):
    """What a page shows of a draft before its code and its run are looked at."""
    mends = sorted(mends_of(draft.protocol), key=lambda mend: mend.title)
    return {
        "name": draft.protocol.__name__,
        "title": draft.title,
        "idea": draft.idea,
        "checked": checked(draft),
        "found": found(draft),
        "mends": [mend.protocol.__name__ for mend in mends],
    }


def shown(draft):
    """``{"code", "scene"}``: the lines of a diff, and the shortest run that breaks it, None where nothing does."""
    code = draft.diff() if draft.mends else "\n".join(f" {line}" for line in draft.source().splitlines())
    run = draft.counterexample
    played = run and scene(run, draft.title, properties=draft.properties) | {"next": moves(run)}
    return {"code": code, "scene": played}


def checked(draft):
    """The system that is searched, in words."""
    text = str(Case(n=draft.n, **draft.options))
    return f"{text}, {draft.rounds} ballot{'s' * (draft.rounds > 1)} a node" if draft.rounds else text


def search(message):
    """What ``{"do": "draft", "name"}`` finds, in a search that is made anew."""
    name = message.get("name")
    if not isinstance(name, str) or name not in BY_NAME:
        raise ProtocolError(f"there is no draft {name!r}; there are {', '.join(BY_NAME)}")
    return found(replace(BY_NAME[name]))
