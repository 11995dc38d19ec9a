"""Breadth first over the ints of an space: the loop that all the time goes into."""

import sys

from consensus_lab.model.errors import TooManyChoices

CHOICES = 1_000  # of one handler, that are looked at in any case
CHUNK = 1_000  # configurations between two looks at the bound
REPORT = 100_000  # configurations between two reports of progress


def breadth_first(space, start, most, progress, enough=None):
    """All that can be reached from `start`, up to `most` configurations.

    `enough(expanded, found)` is asked now and then, of configurations that were expanded and of those that were found
    by this; once it says so, the search stops.

    Returns
    -------
    parents : dict of int to int
        Every configuration found, in order of its distance, with the one that it was first reached from.
    expanded : int
        How many of these, the first ones, have all their successors among them.
    stopped : None, "interrupted" or "violation"
    """
    parents, expanded, level, due = {start: None}, 0, [start], REPORT
    space.most = max(most, CHOICES)
    size = min(CHUNK, 1 + most // 100)
    expand = _expand_plain if space.plain else _expand
    try:
        while level:
            later = []
            for at in range(0, len(level), size):
                chunk = level[at : at + size]
                new = expand(space, chunk, parents)
                if len(parents) > most:
                    return parents, expanded + chunk.index(_trim(parents, most)), None
                later += new
                expanded += len(chunk)
                if enough and enough(chunk, new):
                    return parents, expanded, "violation"
                if progress and len(parents) >= due:
                    due += REPORT
                    progress(len(parents), len(parents) - expanded)
            level = later
    except KeyboardInterrupt:
        return parents, expanded, "interrupted"
    except TooManyChoices:
        return parents, expanded, None
    return parents, expanded, None


def _expand(space, keys, parents):
    """Add what can come next to `parents`; the new ones as a list."""
    found, successors, canonical = [], space.successors, space.canonical
    for key in keys:
        for there in successors(key):
            if there not in parents:
                there = canonical(there)
                if there not in parents:
                    parents[there] = key
                    found.append(there)
    return found


def _expand_plain(space, keys, parents):
    """The same, with the successors worked out in the loop, where it counts."""
    found, tables = [], space.tables
    append = found.append
    for key in keys:
        for mask, memo in tables:
            for x, o in memo[key & mask]:
                there = (key ^ x) | o
                if there not in parents:
                    parents[there] = key
                    append(there)
    return found


def _trim(parents, most):
    """Leave `most` of the configurations; the first one that has lost a successor."""
    key = None
    while len(parents) > most:
        _, key = parents.popitem()
    return key


def print_progress(found, left):
    """Print how far the search is, to the standard error stream."""
    print(f"{found:,} configurations, {left:,} to go", file=sys.stderr)
