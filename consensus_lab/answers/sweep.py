"""The experiments that a sweep shows, measured bit by bit: what its page asks for and draws."""

from collections.abc import Callable
from dataclasses import dataclass

from consensus_lab.experiments.sweeps import DEADLINE, split_vote, tie_break
from consensus_lab.model.errors import ProtocolError
from consensus_lab.simulation.sweep import Tally, run_batch

MOST_RUNS, MOST_AT_ONCE = 100_000, 500
SPREADS = {s: str(s) if s else "none" for s in (0, 0.1, 0.2, 0.3, 0.5, 0.7, 1, 1.5, 2, 3)}


@dataclass(frozen=True)
class Shown:
    """An experiment with its sliders, its bars and its words.

    Attributes
    ----------
    run : function
        The experiment, of a seed and the settings; see `consensus_lab.simulation.sweep`.
    title : str
    settings : dict
        {name: (label, {value: text}, the index of the first value)}; the first setting is the one that is recorded.
    outcomes : dict
        {outcome: (what it is called, the kind of its bar)}; the first one is what the words are about.
    name, say : function
        The words for a point with its settings as texts, and those for a Tally.
    """

    run: Callable
    title: str
    settings: dict
    outcomes: dict
    name: Callable
    say: Callable


def measure(message):
    """The answer to ``{"do": "sweep", "experiment", "point", "counts", "seeds"}``: `counts` and so many runs more."""
    name, point, counts, seeds = (message.get(name) for name in ("experiment", "point", "counts", "seeds"))
    shown = EXPERIMENTS.get(name) if isinstance(name, str) else None
    if shown is None:
        raise ProtocolError(f"no such experiment: {name!r:.80}; there are {', '.join(EXPERIMENTS)}")
    settings, outcomes = shown.settings, shown.outcomes
    if not isinstance(point, dict) or point.keys() != settings.keys():
        raise ProtocolError(f"the point {point!r:.80} has to give {', '.join(settings)}")
    for name, (_, texts, _) in settings.items():
        if type(point[name]) not in (int, float) or point[name] not in texts:
            raise ProtocolError(f"{name} is {point[name]!r:.80}; it has to be one of {', '.join(map(str, texts))}")
    if not isinstance(counts, dict) or not all(_whole(runs, 0, MOST_RUNS) for runs in counts.values()):
        raise ProtocolError(f"counts are {counts!r:.80}; they have to be whole numbers by outcome")
    if counts.keys() - outcomes.keys():
        raise ProtocolError(f"no such outcome: {min(counts.keys() - outcomes.keys())!r:.80}")
    begin = sum(counts.values())
    if not _whole(seeds, 0, MOST_AT_ONCE) or begin + seeds > MOST_RUNS:
        raise ProtocolError(f"{seeds!r:.80} seeds; at most {MOST_AT_ONCE} at once and {MOST_RUNS:,} in all")
    found = run_batch(shown.run, point, range(begin, begin + seeds))
    counts = {outcome: counts.get(outcome, 0) + found.get(outcome, 0) for outcome in outcomes}
    return describe(shown, Tally(point, counts))


def describe(shown, tally):
    """A Tally of the experiment as the page draws it."""
    rows = []
    for outcome, (label, kind) in shown.outcomes.items():
        share, low, high = tally.share(outcome) if tally.runs else (0.0, 0.0, 1.0)
        words = {"label": label, "kind": kind, "text": f"{share:.1%}", "between": f"{low:.1%} to {high:.1%}"}
        rows.append(words | {"share": share, "low": low, "high": high})
    texts = {name: texts[tally.point[name]] for name, (_, texts, _) in shown.settings.items()}
    return {
        "point": tally.point,
        "counts": tally.counts,
        "runs": tally.runs,
        "rows": rows,
        "name": shown.name(**texts),
        "say": shown.say(tally) if tally.runs else "No vote has been held yet.",
    }


def _about(tally, outcome, verb):
    """How often it happened, and how far to trust that."""
    times, runs, (share, low, high) = tally.counts.get(outcome, 0), tally.runs, tally.share(outcome)
    if not times:
        return f"None of {runs:,} votes {verb}. With 95% confidence, the true share is at most {high:.1%}."
    true = f"With 95% confidence, the true share is between {low:.1%} and {high:.1%}."
    return f"{times:,} of {runs:,} votes {verb}, or {share:.1%}. {true}"


def _whole(value, low, high):
    return type(value) is int and low <= value <= high


# -- how often votes split ---------------------------------------------------------------------------------------


def _name_split(n, spread, loss):
    spread = "no spread" if spread == "none" else f"spread {spread}"
    return f"{n} nodes, {spread}, {'no' if loss == 'none' else loss} loss"


def _say_split(tally):
    words, waits = _about(tally, "splits", "split"), tally.counts.get("waits", 0)
    if tally.point["n"] % 2 and not tally.counts.get("splits"):
        never = "none ever will: of an odd number of votes, one color has more than half."
        words = f"None of {tally.runs:,} votes split, and {never}"
    if waits:
        words += f" In {waits:,} more, nobody knows enough to decide, and the messages that would tell are lost."
    return words


SPLIT = Shown(
    split_vote,
    "How often do votes split?",
    settings={
        "n": ("Nodes", {n: str(n) for n in range(2, 10)}, 2),
        "spread": ("Spread of delays", SPREADS, 6),
        "loss": ("Messages lost", {p / 100: f"{p}%" if p else "none" for p in (0, 1, 2, 5, 10, 15, 20, 30, 50)}, 0),
    },
    outcomes={
        "decides red": ("Red wins", "0"),
        "decides blue": ("Blue wins", "1"),
        "splits": ("Split vote", "split"),
        "waits": ("Still waiting", "wait"),
    },
    name=_name_split,
    say=_say_split,
)

# -- how long to wait for a node that may be dead ------------------------------------------------------------------


def _say_patience(tally):
    late = f"{tally.counts.get('late', 0):,} are not over after {DEADLINE:g} units of time."
    return f"{_about(tally, 'disagrees', 'end in disagreement')} {late}"


PATIENCE = Shown(
    tie_break,
    "How long should a tie-break wait?",
    settings={
        "patience": ("Patience", {p: str(p) for p in (0.25, 0.5, 1, 2, 3, 4, 6, 8)}, 3),
        "spread": ("Mean delay", {s: str(s) for s in (0.25, 0.5, 1, 1.5, 2, 3)}, 2),
        "dead": ("C is dead in", {p / 100: f"{p}%" if p else "no vote" for p in (0, 10, 25, 50, 75, 100)}, 3),
    },
    outcomes={
        "in time": ("In time", "ok"),
        "late": ("Too late", "wait"),
        "disagrees": ("Disagree", "ne"),
    },
    name=lambda patience, spread, dead: f"patience {patience}, mean delay {spread}, C is dead in {dead}",
    say=_say_patience,
)

EXPERIMENTS = {"split": SPLIT, "patience": PATIENCE}
