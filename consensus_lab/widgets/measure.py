"""How often votes split, measured bit by bit: what the sweep's page asks for and draws."""

from consensus_lab.errors import ProtocolError
from consensus_lab.experiments import split_vote
from consensus_lab.sweep import Tally, run_batch

MOST_RUNS, MOST_AT_ONCE = 100_000, 500

SETTINGS = {  # name: (label, {value: text}, the index of the first)
    "n": ("Nodes", {n: str(n) for n in range(2, 10)}, 2),
    "spread": ("Spread of delays", {s: str(s) if s else "none" for s in (0, 0.1, 0.2, 0.3, 0.5, 0.7, 1, 1.5, 2, 3)}, 6),
    "loss": ("Messages lost", {p / 100: f"{p}%" if p else "none" for p in (0, 1, 2, 5, 10, 15, 20, 30, 50)}, 0),
}
OUTCOMES = {  # outcome: (what it is called, the kind of its bar)
    "decides red": ("Red wins", "0"),
    "decides blue": ("Blue wins", "1"),
    "splits": ("Split vote", "split"),
    "waits": ("Still waiting", "wait"),
}


def measure(message):
    """The answer to ``{"do": "sweep", "point", "counts", "seeds"}``: `counts` and so many further runs."""
    point, counts, seeds = (message.get(name) for name in ("point", "counts", "seeds"))
    if not isinstance(point, dict) or point.keys() != SETTINGS.keys():
        raise ProtocolError(f"the point {point!r:.80} has to give {', '.join(SETTINGS)}")
    for name, (_, texts, _) in SETTINGS.items():
        if type(point[name]) not in (int, float) or point[name] not in texts:
            raise ProtocolError(f"{name} is {point[name]!r:.80}; it has to be one of {', '.join(map(str, texts))}")
    if not isinstance(counts, dict) or not all(_whole(runs, 0, MOST_RUNS) for runs in counts.values()):
        raise ProtocolError(f"counts are {counts!r:.80}; they have to be whole numbers by outcome")
    if counts.keys() - OUTCOMES.keys():
        raise ProtocolError(f"no such outcome: {min(counts.keys() - OUTCOMES.keys())!r:.80}")
    begin = sum(counts.values())
    if not _whole(seeds, 0, MOST_AT_ONCE) or begin + seeds > MOST_RUNS:
        raise ProtocolError(f"{seeds!r:.80} seeds; at most {MOST_AT_ONCE} at once and {MOST_RUNS:,} in all")
    found = run_batch(split_vote, point, range(begin, begin + seeds))
    counts = {outcome: counts.get(outcome, 0) + found.get(outcome, 0) for outcome in OUTCOMES}
    return describe(Tally(point, counts))


def describe(tally):
    """A Tally of the vote as the page draws it."""
    rows = []
    for outcome, (label, kind) in OUTCOMES.items():
        share, low, high = tally.share(outcome) if tally.runs else (0.0, 0.0, 1.0)
        words = {"label": label, "kind": kind, "text": f"{share:.1%}", "between": f"{low:.1%} to {high:.1%}"}
        rows.append(words | {"share": share, "low": low, "high": high})
    return {
        "point": tally.point,
        "counts": tally.counts,
        "runs": tally.runs,
        "rows": rows,
        "name": _name(tally.point),
        "say": _say(tally),
    }


def _name(point):
    n, spread, loss = (SETTINGS[name][1][point[name]] for name in SETTINGS)
    spread = f"spread {spread}" if point["spread"] else "no spread"
    return f"{n} nodes, {spread}, {loss if point['loss'] else 'no'} loss"


def _say(tally):
    splits, waits, runs = tally.counts.get("splits", 0), tally.counts.get("waits", 0), tally.runs
    if not runs:
        return "No vote has been held yet."
    share, low, high = tally.share("splits")
    words = f"{splits:,} of {runs:,} votes split, or {share:.1%}. "
    if splits:
        words += f"With 95% confidence, the true share is between {low:.1%} and {high:.1%}."
    else:
        words = f"None of {runs:,} votes split"
        odd = ", and none ever will: of an odd number of votes, one color has more than half."
        words += odd if tally.point["n"] % 2 else f". With 95% confidence, the true share is at most {high:.1%}."
    if waits:
        words += f" In {waits:,} more, nobody knows enough to decide, and the messages that would tell are lost."
    return words


def _whole(value, low, high):
    return type(value) is int and low <= value <= high
