"""What a verdict consists of."""

from dataclasses import dataclass, field

from consensus_lab.model.run import Run
from consensus_lab.model.system import System
from consensus_lab.verdicts import explanations

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
        parts = [f"{explanations.headline(self)}\n", explanations.wrapped(self.explanation)]
        if self.run is not None:
            parts += ["", str(self.run)]
        others = [finding.kind for finding in self.findings[1:]]
        if others:
            parts += ["", explanations.wrapped(f"It also {' and '.join(others)}; see findings.")]
        return "\n".join([*parts, "", explanations.wrapped(self.covered)])
