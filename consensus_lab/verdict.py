"""Which of the bad choices a protocol made.

Fischer, Lynch and Paterson (1985), https://doi.org/10.1145/3149.214121, leave a protocol for the asynchronous model
three: it forces a decision nowhere, so it can run forever; in one place, so a crash there blocks it; or in more than
one, so two nodes can decide differently although none has failed. `verdict` looks for all three, over the ways in
which values can be proposed, and gives the shortest run that it finds.

Crashes cost no search. A node that crashes is one that takes no further step, so what `crashes` crashes can do is
read off the schedules without any. Where there is no cycle and no end of the state space in sight, the adversary of
`consensus_lab.adversary` constructs the unending run.
"""

from dataclasses import dataclass, field

from consensus_lab.run import Run
from consensus_lab.system import System

KINDS = ("disagrees", "invalid", "blocks", "runs forever", "decides", "unknown")


@dataclass(frozen=True)
class Finding:
    """One thing that a protocol does, and the run that shows it.

    Attributes
    ----------
    kind : str
        One of `KINDS`.
    run : Run or None
        The witness. None for "decides" and "unknown".
    explanation : str
        A paragraph.
    system : System
        What was proposed and which faults were allowed.
    prefix : Run or None
        For a fair cycle: how to get there.
    cycle : tuple of events
        For a fair cycle: what then happens over and over.
    """

    kind: str
    run: Run | None
    explanation: str
    system: System
    prefix: Run | None = None
    cycle: tuple = ()


@dataclass(frozen=True)
class Verdict(Finding):
    """The first of the findings, all of them, and what was looked at.

    Attributes
    ----------
    findings : tuple of Finding
        At most one of a kind, in the order of `KINDS`. An unending run without a cycle is constructed only where
        nothing else was found.
    covered : str
        Which schedules were looked at, and which were not.
    """

    findings: tuple = field(default=())
    covered: str = ""

    def __repr__(self):
        return f"<verdict: {self.system} {self.kind}>"

    def __str__(self):
        from consensus_lab import wording

        parts = [f"{wording.headline(self)}\n", wording.wrapped(self.explanation)]
        if self.run is not None:
            parts += ["", str(self.run)]
        others = [finding.kind for finding in self.findings[1:]]
        if others:
            parts += ["", wording.wrapped(f"It also {' and '.join(others)}; see findings.")]
        return "\n".join([*parts, "", wording.wrapped(self.covered)])


def verdict(protocol, n=3, *, values=("red", "blue"), crashes=1, max_states=30_000, rounds=5, **budgets):
    """Say which of the bad choices a protocol made, and prove it with a run.

    Parameters
    ----------
    protocol : Node class, or list of Node classes
        As for `System`. Nodes whose class has no `propose` get no proposals.
    n : int
        How many nodes; with a list of classes, as many as there are.
    values : sequence
        What can be proposed: different values, two as a rule.
    crashes : int
        How many nodes may crash.
    max_states : int
        How many configurations to visit, over all the ways in which values can be proposed.
    rounds : int
        How long a run has to stay undecided where no cycle shows that it can do so forever. In a round everything
        happens that was possible at its beginning.
    **budgets
        `network`, `restarts`, `timeouts`, `names`, as for `System`; timers may fire without limit by default.

    Returns
    -------
    Verdict
    """
    from consensus_lab.inquiry import Inquiry  # here, since whoever only simulates need not wait for it

    inquiry = Inquiry(protocol, n, tuple(values), crashes, rounds, {"timeouts": None, **budgets})
    findings, covered = inquiry.findings(max_states)
    first = findings[0]
    return Verdict(
        first.kind, first.run, first.explanation, first.system, first.prefix, first.cycle, findings, covered
    )  # fmt: skip
