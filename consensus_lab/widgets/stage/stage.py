"""The stage: runs that play, can be stepped through, and branch where the reader wants them to."""

import re
from collections.abc import Mapping

from consensus_lab.figures.run import scene_picture
from consensus_lab.model.class_source import definitions
from consensus_lab.model.run import Run
from consensus_lab.scene.moves import moves
from consensus_lab.scene.scene import scene
from consensus_lab.widgets.base import Recorded


class Stage(Recorded):
    """Recorded runs on a stage.

    Parameters
    ----------
    runs : Run, list of Run, or mapping of title to either
        A mapping gives a picker of prepared runs. A list gives other seeds, which "New seed" goes round; a run in it
        that begins as an earlier one and then goes another way is a second road of that one.
    title : str
        The title of a single entry; by default the name of the protocol.
    about : str, or mapping of title to str
        One sentence about a single entry, or about each.
    open : str
        The title of the entry that is shown first.
    step : int
        The step that is shown first.

    Examples
    --------
    >>> from consensus_lab import System, simulate
    >>> from consensus_lab.protocols import MajorityVote
    >>> system = System(MajorityVote, n=4, proposals={0: "red", 3: "blue"})
    >>> Stage(simulate(system, seed=7), title="A vote")
    Stage('A vote': MajorityVote, 4 nodes, 20 events)
    """

    kind, heading = "stage", "Transcript"

    def __init__(self, runs, title="", about: str | Mapping[str, str] = "", *, open=None, step=0):
        entries = _entries(runs, title)
        titles = [name for name, _ in entries]
        if open is not None and open not in titles:
            raise ValueError(f"open={open!r} is none of the titles: {', '.join(map(repr, titles))}")
        first = titles.index(open) if open is not None else 0
        opened = entries[first][1][0]
        if type(step) is not int or not 0 <= step <= len(opened):
            raise ValueError(f"step={step!r}: {titles[first]!r} has {len(opened)} events; pass 0 to {len(opened)}")
        self._runs = [run for _, listed in entries for run in listed]
        self._classes = list(dict.fromkeys(cls for run in self._runs for cls in run.system.classes))
        self._shown = titles[first], opened
        payload = {
            "version": 1,
            "open": {"entry": first, "seed": 0, "road": 0, "step": step},
            "entries": [
                {
                    "id": _slug(titles, number),
                    "title": name,
                    "about": _about(about, name),
                    "seeds": _seeds(name, listed),
                }
                for number, (name, listed) in enumerate(entries)
            ],
        }
        source = definitions(self._classes)
        super().__init__(payload=payload | ({"source": source} if source else {}))

    def __repr__(self):
        title, run = self._shown
        more = len(self._runs) - 1
        kinds = " and ".join(cls.__name__ for cls in dict.fromkeys(run.system.classes))
        events = f"{len(run)} event{'s' * (len(run) != 1)}"
        others = f", and {more} more run{'s' * (more > 1)}" if more else ""
        return f"Stage({title!r}: {kinds}, {run.system.n} node{'s' * (run.system.n > 1)}, {events}{others})"

    @property
    def picture(self):
        """The still picture of the run that is shown first."""
        at = self.payload["open"]
        return scene_picture(self.payload["entries"][at["entry"]]["seeds"][0][0])

    @property
    def transcript(self):
        """The run that is shown first, a line an event."""
        return str(self._shown[1])

    @property
    def protocols(self):
        return self._classes


def _entries(runs, title):
    """(title, runs) of every entry."""
    if isinstance(runs, Mapping):
        if title:
            raise ValueError(f"title={title!r} goes with one entry; the mapping has its titles already")
        pairs = list(runs.items())
    else:
        pairs = [(title, runs)]
    entries = []
    for name, listed in pairs:
        listed = [listed] if isinstance(listed, Run) else listed
        if not isinstance(listed, (list, tuple)) or not listed or not all(isinstance(run, Run) for run in listed):
            raise ValueError(f"{listed!r:.80} is no run; pass a Run, a list of runs, or a mapping of title to these")
        entries.append((str(name) or " and ".join(c.__name__ for c in dict.fromkeys(listed[0].system.classes)), listed))
    if not entries:
        raise ValueError("there is no run to show; pass a Run, a list of runs, or a mapping of title to these")
    return entries


def _about(about, title):
    return about.get(title, "") if isinstance(about, Mapping) else about


def _slug(titles, number):
    """A name for links, different for every entry."""
    slugs = [re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-") or "run" for title in titles]
    again = slugs[: number + 1].count(slugs[number])
    return slugs[number] if again == 1 else f"{slugs[number]}-{again}"


def _seeds(title, runs):
    """The runs as lists of roads, each a list of scenes: a run that leaves an earlier one is a road of it."""
    seeds = []
    for run in runs:
        for roads in seeds:
            shared, road = max((_shared(run, other), -number) for number, (other, _) in enumerate(roads))
            if _is_road(run, shared):
                roads.append((run, {"road": -road, "step": shared}))
                break
        else:
            seeds.append([(run, None)])
    return [[_recorded(run, title) | ({"fork": fork} if fork else {}) for run, fork in roads] for roads in seeds]


def _recorded(run, title):
    """The scene, with what can happen next: for a page to tell without Python."""
    return scene(run, title) | {"next": moves(run)}


def _shared(run, other):
    """How many events two runs begin with in common."""
    if not run.system.same_as(other.system):
        return 0
    both = zip(run.events, other.events, run.times, other.times)
    return next((k for k, (a, b, t, u) in enumerate(both) if (a, t) != (b, u)), min(len(run), len(other)))


def _is_road(run, shared):
    """True where a run goes its own way after that many events that it shares with another.

    What happens at time 0 is common to the runs of all seeds.
    """
    planned = sum(time == 0 for time in run.times) if run.seed is not None else 0
    return planned < shared < len(run)
