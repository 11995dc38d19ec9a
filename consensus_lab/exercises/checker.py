"""An exercise, and the checker that runs a reader's class under every schedule within bounds that it states."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from itertools import chain

from consensus_lab.exploration.explore import explore
from consensus_lab.model.properties import CONSENSUS, Property
from consensus_lab.model.run import Run
from consensus_lab.model.system import System
from consensus_lab.model.values import show
from consensus_lab.simulation.simulate import simulate

MOST_STATES = 200_000  # of one case; beyond it the checker says that it has not seen all
NUMBERS = ("no", "one", "two", "three", "four", "five", "six")


@dataclass(frozen=True)
class Reachable:
    """Something that some schedule has to bring about, so that a protocol that does nothing fails."""

    words: str  # completes "no schedule in which ..."
    holds: object  # a function of a configuration


def can_decide(*values):
    """For each of the values: some schedule decides it."""
    return tuple(
        Reachable(f"a node decides {show(value)}", lambda c, value=value: value in c.decisions.values())
        for value in values
    )


@dataclass(frozen=True)
class Case:
    """One system in which a protocol is run under every schedule: the parameters of `System`, and what is owed."""

    n: int = 3
    proposals: tuple = ((0, "red"), (1, "blue"))
    network: str = "reliable"
    crashes: int = 0
    restarts: int = 0
    timeouts: int | None = 0  # None: timers fire whenever they like
    owes: tuple[Property, ...] = CONSENSUS
    sometimes: tuple[Reachable, ...] = can_decide("red", "blue")
    classes: tuple[str, ...] = ()  # the names of the class of every node, where they differ
    names: tuple[str, ...] | None = None

    def system(self, protocol, defined=None):
        """The System in which the case checks a protocol; `defined` has the classes that `classes` names."""
        budgets = {"crashes": self.crashes, "restarts": self.restarts, "timeouts": self.timeouts}
        what = [(defined or {})[name] for name in self.classes] or protocol
        return System(what, self.n, dict(self.proposals), network=self.network, names=self.names, **budgets)

    def __str__(self):
        names = self.names or "ABCDEFGHIJ"
        asked = [f"{names[node]} proposes {show(value)}" for node, value in self.proposals]
        budgets = [
            f"at most {NUMBERS[count]} {word}{'s' * (count > 1)}"
            for word, count in (("crash", self.crashes), ("restart", self.restarts), ("timeout", self.timeouts))
            if count
        ]
        if self.timeouts is None:
            budgets.append("timers fire whenever they like")
        text = ", ".join([f"{self.n} nodes, {self.network} network", *asked, *(budgets or ["no faults"])])
        return text.replace("crashs", "crashes")


@dataclass
class Outcome:
    """What the checker found.

    Attributes
    ----------
    kind : "passed", "broken", "never" or "bound"
        All holds; a property is broken; something that should be able to happen never does; or the search stopped
        before it had seen every schedule.
    headline, why : str
    lines : list of (sign, text)
        What was looked at; a sign is "holds", "broken" or "open".
    runs : dict of title to Run
        The shortest run that breaks each broken property; else one run of many.
    owes : tuple of Property
    """

    kind: str
    headline: str
    why: str
    lines: list = field(default_factory=list)
    runs: Mapping[str, Run] = field(default_factory=dict)
    owes: tuple = CONSENSUS

    @property
    def passed(self):
        """True where the protocol does all that was asked for."""
        return self.kind == "passed"

    def __bool__(self):
        """The same: an exercise that failed is no success in an ``if``."""
        return self.passed

    def __repr__(self):
        signs = {"holds": "✓", "broken": "✗", "open": "?"}
        text = "\n".join([self.headline, self.why, *(f"{signs[sign]} {line}" for sign, line in self.lines)])
        shown = "" if self.passed else "".join(f"\n\n{title}:\n{run}" for title, run in self.runs.items())
        return text + shown

    __str__ = __repr__


@dataclass(frozen=True)
class Exercise:
    """Something to write, and what is checked of it.

    Attributes
    ----------
    name : str
        What it is called in the catalog, and the name of its starter's file.
    title, task : str
        The task has paragraphs, and code in backticks.
    asks : str
        The name of the class that the reader completes; a subclass of it will do.
    cases : tuple of Case
        In the order in which they are looked at.
    """

    name: str
    title: str
    task: str
    asks: str
    cases: tuple[Case, ...]

    @property
    def starter(self):
        """The code that the reader begins with."""
        return files("consensus_lab.exercises").joinpath("starters", f"{self.name}.py").read_text(encoding="utf-8")

    def check(self, protocol, defined=None):
        """Run `protocol` under every schedule of every case; gives the Outcome of the first that fails, or of all.

        `defined` has the classes of other nodes by name, where a case needs them.
        """
        defined = (defined or {}) | {self.asks: protocol}
        return _first_failure(self.cases, protocol, defined)


def _first_failure(cases, protocol, defined):
    lines, seen, system = [], 0, None
    for case in cases:
        system = case.system(protocol, defined)
        graph = explore(system, max_states=MOST_STATES, properties=case.owes)
        seen += len(graph)
        line = f"{case}: {counted(graph)}"
        failures = (look(graph, case) for look in (broken, unfinished, never))
        failure = next((found for found in failures if found is not None), None)
        lines.append(("holds" if failure is None else "open" if failure.kind == "bound" else "broken", line))
        if failure is not None:
            failure.lines = lines
            return failure
    owes = cases[-1].owes
    holds = "holds" if len(owes) == 1 else "hold"
    why = f"{listed([prop.name for prop in owes])} {holds} in every schedule. That was {seen:,} configurations."
    if len({case.owes for case in cases}) > 1:
        why = f"What each case owes holds in every schedule. That was {seen:,} configurations."
    return Outcome("passed", "Passed", why, lines, {"One run of many": one_run(system)}, owes)


def broken(graph, case):
    """The Outcome where a property is broken, the one with the shortest run first."""
    if not graph.violations:
        return None
    runs = dict(sorted(graph.violations.items(), key=lambda item: len(item[1])))
    name, run = next(iter(runs.items()))
    why = run.check(case.owes)[name].why
    steps = f"A shortest run that shows it has {len(run)} event{'s' * (len(run) != 1)}."
    titled = {f"{name} is broken": run for name, run in runs.items()}
    return Outcome("broken", f"{name} is broken", f"{capital(why)}. {steps}", runs=titled, owes=case.owes)


def unfinished(graph, case):
    """The Outcome where the checker's bound was hit, else None."""
    if graph.complete:
        return None
    why = (
        f"Nothing is broken so far, but there are more schedules than the checker looks at: it stopped at "
        f"{len(graph):,} configurations. Does a number or a set in a field grow without end?"
    )
    return Outcome("bound", "Too many configurations to see them all", why, owes=case.owes)


def never(graph, case):
    """The Outcome where something that has to be able to happen cannot, else None."""
    start = graph.system.initial()
    for wish in case.sometimes:
        if not any(map(wish.holds, chain([start], graph))):
            why = f"Nothing bad happens, but not enough happens either: there is no schedule in which {wish.words}."
            runs = {"One run of many": one_run(graph.system)}
            return Outcome("never", "It keeps its promises by doing too little", why, runs=runs, owes=case.owes)
    return None


def one_run(system):
    """A run to look at, where none is broken."""
    return simulate(system, seed=1, max_events=500)


def counted(graph):
    """How many configurations a graph has, in words."""
    return f"{len(graph):,} configuration{'s' * (len(graph) != 1)}{'' if graph.complete else ', and there are more'}"


def listed(words):
    """Words as a list in a sentence: one, two and three."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def capital(text):
    """The text with a capital at its beginning."""
    return text[:1].upper() + text[1:]
