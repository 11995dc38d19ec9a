"""One experiment, many seeds and parameters: how often does what happen?

An experiment is a function of a seed and some parameters that says in a word how it ended. A sweep runs it for every
seed at every point, here or on any `concurrent.futures.Executor`, and counts. Which worker ran what, and who was
first, does not show in the result.

Computing elsewhere
-------------------
An executor is all there is to set up. The processors of this machine:

    with ProcessPoolExecutor() as executor:
        result = sweep(split_vote, {"n": [4, 6, 8]}, seeds=100_000, executor=executor)

A cluster, through Dask: start ``dask scheduler`` on one machine and ``dask worker tcp://scheduler:8786`` on the
others, each with this package and the module of your experiment installed, or let dask-jobqueue or Dask Gateway start
them for you. Then

    with Client("tcp://scheduler:8786") as client:
        result = sweep(split_vote, {"n": [4, 6, 8]}, seeds=10_000_000, executor=client.get_executor(), batch=5_000)

A task costs Dask about three milliseconds, wherever it runs; with `batch` seeds in a task that take a second or so
together, none of that is felt. Workers in other processes find the experiment by its name, so define it at the top
of a module and not in a cell. Scripts that start processes do so under ``if __name__ == "__main__":``.
"""

from collections import deque, namedtuple
from itertools import product
from math import nan, sqrt

from consensus_lab.model.errors import ProtocolError
from consensus_lab.model.values import show

Share = namedtuple("Share", "share low high")
Share.__doc__ = "A share of the runs, and the ends of its confidence interval."


def sweep(experiment, parameters, seeds=1000, *, executor=None, batch=100):
    """Run an experiment with every seed at every point, and count how it ends.

    Parameters
    ----------
    experiment : function
        Called as ``experiment(seed=..., **point)``; returns its outcome as text. The same call has to return the
        same text.
    parameters : mapping of name to list, or list of mappings of name to value
        A mapping stands for all combinations of its values; a list names the points one by one.
    seeds : int or iterable of int
        A number stands for that many seeds, from 0 on.
    executor : concurrent.futures.Executor, optional
        Where to run: threads, processes, a cluster. By default here, in this thread.
    batch : int
        How many seeds an executor gets in one task.

    Returns
    -------
    Sweep
        A Tally for each point.

    Examples
    --------
    >>> from consensus_lab.experiments.sweeps import split_vote
    >>> print(sweep(split_vote, {"n": [3, 4], "spread": [0.2, 1.0]}, seeds=100))
    split_vote: 100 seeds at 4 points
    n  spread         decides blue             decides red                splits
    3     0.2    0.0% (0.0 to 3.7)  100.0% (96.3 to 100.0)     0.0% (0.0 to 3.7)
    3     1.0  13.0% (7.8 to 21.0)    87.0% (79.0 to 92.2)     0.0% (0.0 to 3.7)
    4     0.2    0.0% (0.0 to 3.7)    98.0% (93.0 to 99.4)     2.0% (0.6 to 7.0)
    4     1.0    4.0% (1.6 to 9.8)    67.0% (57.3 to 75.4)  29.0% (21.0 to 38.5)
    """
    results = sweeping(experiment, parameters, seeds, executor=executor, batch=batch)
    return deque(results, maxlen=1).pop()


def sweeping(experiment, parameters, seeds=1000, *, executor=None, batch=100):
    """The same, as it comes in: yields a `Sweep` of all that is known after each batch. The last one is complete.

    All points grow at about the same pace. To stop early, stop iterating: what has not begun is canceled.
    """
    name = getattr(experiment, "__qualname__", repr(experiment))
    if not callable(experiment):
        raise ProtocolError(f"{name} is no experiment; pass a function of a seed and the parameters")
    points, seeds = _points(parameters), _seeds(seeds)
    if type(batch) is not int or batch < 1:
        raise ProtocolError(f"batch={batch!r}; it is how many seeds go into one task, 1 or more")
    chunks = [seeds[start : start + batch] for start in range(0, len(seeds), batch)]
    tasks = [(number, chunk) for chunk in chunks for number in range(len(points))]
    counts = [{} for _ in points]
    work = _here if executor is None else _on(executor)
    return _sweeping(name, experiment, points, len(seeds), counts, work, tasks)


def _sweeping(name, experiment, points, wanted, counts, work, tasks):
    for number, found in work(experiment, points, tasks):
        for outcome, runs in found.items():
            counts[number][outcome] = counts[number].get(outcome, 0) + runs
        yield Sweep(name, points, counts, wanted)


class Sweep:
    """How often an experiment ended how, at each point. A sequence of `Tally`, in the order of the points.

    Attributes
    ----------
    experiment : str
        The name of the experiment.
    outcomes : tuple of str
        All that came out anywhere, in alphabetical order.
    runs, wanted : int
        How many runs are counted, and how many there will be when the sweep is complete.
    """

    def __init__(self, experiment, points, counts, seeds):
        self.experiment, self.seeds = experiment, seeds
        self.outcomes = tuple(sorted(set().union(*counts)))
        self._tallies = tuple(
            Tally(point, {outcome: found.get(outcome, 0) for outcome in self.outcomes})
            for point, found in zip(points, counts)
        )
        self.runs, self.wanted = sum(tally.runs for tally in self._tallies), seeds * len(points)

    @property
    def complete(self):
        """True when every seed that was asked for has been run."""
        return self.runs == self.wanted

    def at(self, **point):
        """The Tally of the one point that has these parameters."""
        found = [tally for tally in self._tallies if point.items() <= tally.point.items()]
        if len(found) != 1:
            known = "; ".join(_words(tally.point) for tally in self._tallies)
            raise ProtocolError(f"at({_words(point)}) fits {len(found)} points and has to fit one of: {known}")
        return found[0]

    def __getitem__(self, number):
        return self._tallies[number]

    def __len__(self):
        return len(self._tallies)

    def __eq__(self, other):
        return isinstance(other, Sweep) and vars(self) == vars(other)

    __hash__ = None  # pyright: ignore[reportAssignmentType]

    def __repr__(self):
        return f"<sweep: {self.experiment}, {len(self)} points, {self.runs:,} of {self.wanted:,} runs>"

    def __str__(self):
        """A table: a row a point, a column an outcome, shares with their 95% confidence intervals."""
        names = list(self._tallies[0].point)
        rows = [[*names, *self.outcomes]]
        for tally in self._tallies:
            rows.append([show(value) for value in tally.point.values()])
            rows[-1] += [_percent(tally.share(outcome)) for outcome in self.outcomes]
        widths = [max(map(len, column)) for column in zip(*rows)]
        lines = ["  ".join(cell.rjust(width) for cell, width in zip(row, widths)).rstrip() for row in rows]
        so_far = "" if self.complete else f", {self.runs:,} of {self.wanted:,} runs so far"
        points = f"{len(self)} points" if len(self) > 1 else "one point"
        return "\n".join([f"{self.experiment}: {self.seeds:,} seeds at {points}{so_far}", *lines])


class Tally(namedtuple("Tally", "point counts")):
    """One point of a sweep: its parameters, and how many runs had which outcome."""

    __slots__ = ()

    @property
    def runs(self):
        """How many seeds have been run."""
        return sum(self.counts.values())

    def share(self, *outcomes):
        """The Share of the runs that had one of these outcomes, with its 95% confidence interval."""
        return wilson(sum(self.counts.get(outcome, 0) for outcome in set(outcomes)), self.runs)


def wilson(hits, runs, z=1.959963984540054):
    """The Share of `hits` among `runs`, with Wilson's score interval; `z` standard deviations, so 95% by default.

    Unlike the usual plus or minus, it can be trusted near 0 and near 1: no hit in 100 runs may still be 3.7%.

    References
    ----------
    E. B. Wilson, Probable inference, the law of succession, and statistical inference, Journal of the American
    Statistical Association 22 (1927), https://doi.org/10.1080/01621459.1927.10502953.

    Examples
    --------
    >>> "{:.1%} ({:.1%} to {:.1%})".format(*wilson(10, 100))
    '10.0% (5.5% to 17.4%)'
    """
    if not 0 <= hits <= runs:
        raise ProtocolError(f"{hits!r} hits in {runs!r} runs; hits are between 0 and the number of runs")
    if not runs:
        return Share(nan, 0.0, 1.0)
    share, wide = hits / runs, z * z / runs
    middle, half = share + wide / 2, z * sqrt(share * (1 - share) / runs + wide / (4 * runs))
    low = (middle - half) / (1 + wide) if hits else 0.0
    high = (middle + half) / (1 + wide) if hits < runs else 1.0
    return Share(share, low, high)


# -- the work ---------------------------------------------------------------------------------------------------


def run_batch(experiment, point, seeds):
    """{outcome: runs} of an experiment at one point; what a worker is sent."""
    counts = {}
    for seed in seeds:
        try:
            outcome = experiment(seed=seed, **point)
            if not isinstance(outcome, str):
                raise TypeError(f"its outcome is {outcome!r:.80}; return text")
        except Exception as error:
            name, where = getattr(experiment, "__qualname__", repr(experiment)), {**point, "seed": seed}
            raise ProtocolError(f"{name} at {_words(where)}: {type(error).__name__}: {error}") from error
        counts[str(outcome)] = counts.get(outcome, 0) + 1
    return counts


def _here(experiment, points, tasks):
    for number, seeds in tasks:
        yield number, run_batch(experiment, points[number], seeds)


def _on(executor):
    from concurrent.futures import Executor, as_completed
    from pickle import PicklingError

    if not isinstance(executor, Executor):
        hint = "pass a concurrent.futures.Executor; a Dask client has one, client.get_executor()"
        raise ProtocolError(f"executor={executor!r:.80} is none; {hint}")

    def work(experiment, points, tasks):
        jobs = {}
        try:
            for number, seeds in tasks:
                jobs[executor.submit(run_batch, experiment, points[number], seeds)] = number
            for job in as_completed(jobs):
                if job.exception():
                    for first in jobs:  # of several that fail, the first in order, whichever came in first
                        first.result()
                yield jobs[job], job.result()
        except (PicklingError, AttributeError, TypeError) as error:  # those of the experiment, run_batch has caught
            raise ProtocolError(
                f"{experiment!r} cannot be sent to a {type(executor).__name__}: {error}. Define it at the top of a "
                "module that the workers can import, and let its parameters be plain values"
            ) from error
        finally:
            for job in jobs:
                job.cancel()

    return work


def _points(parameters):
    try:
        if hasattr(parameters, "items"):
            if any(isinstance(values, str) for values in parameters.values()):
                raise TypeError
            points = [dict(zip(parameters, values)) for values in product(*parameters.values())]
        else:
            points = [dict(point) for point in parameters]
    except (TypeError, ValueError):
        hint = 'pass {"n": [3, 4, 5]}, or a list of points such as [{"n": 3}, {"n": 4}]'
        raise ProtocolError(f"parameters={parameters!r:.80}: each name needs a list of values; {hint}") from None
    if not points:
        raise ProtocolError(f"parameters={parameters!r:.80} leaves no point to run; give each name a value")
    for point in points:
        if point.keys() != points[0].keys():
            raise ProtocolError(f"the points {_words(points[0])} and {_words(point)} do not have the same parameters")
        if "seed" in point:
            raise ProtocolError("seed is no parameter of a point; pass seeds=...")
        if points.count(point) > 1:
            raise ProtocolError(f"the point {_words(point)} is there twice; name it once")
    return points


def _seeds(seeds):
    given = seeds
    try:
        seeds = range(seeds) if type(seeds) is int else seeds if type(seeds) is range else list(seeds)
        whole = type(seeds) is range or all(type(seed) is int for seed in seeds) and len(set(seeds)) == len(seeds)
    except TypeError:
        whole, seeds = False, ()
    if not (whole and len(seeds)):
        raise ProtocolError(f"seeds={given!r:.80}; pass how many, 1 or more, or different whole numbers")
    return seeds


def _words(point):
    return ", ".join(f"{name}={value!r}" for name, value in point.items()) or "no parameters"


def _percent(share):
    if share.share != share.share:
        return "-"
    return "{:.1f}% ({:.1f} to {:.1f})".format(*(100 * part for part in share))
