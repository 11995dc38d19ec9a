"""What a verdict consists of, and the check that a witness shows what it is shown for."""

from dataclasses import dataclass, field
from typing import Literal, get_args

from consensus_lab.model.errors import ProtocolError
from consensus_lab.model.events import Crash, Restart
from consensus_lab.model.properties import Agreement, Property, Termination, Validity, checked
from consensus_lab.model.run import Run
from consensus_lab.model.system import System
from consensus_lab.verdicts import explanations

Kind = Literal["disagrees", "invalid", "violates", "blocks", "runs forever", "decides", "holds", "unknown"]
KINDS: tuple[Kind, ...] = get_args(Kind)
"""From the worst to none, and then what is said where nothing was found."""


@dataclass(frozen=True)
class Finding:
    """One thing that a protocol does, and the run that shows it.

    Attributes
    ----------
    kind : str
        One of `KINDS`. "violates" is of a property of one's own; "holds" is said of these where no node decides.
    run : Run or None
        The witness. None for "decides", "holds" and "unknown".
    explanation : str
        A paragraph.
    system : System
        What was proposed and which faults were allowed.
    prefix : Run or None
        For a fair cycle: how to get there.
    cycle : tuple of events
        For a fair cycle: what then happens over and over.
    broken : Property or None
        Which property the run breaks, where it breaks one.
    """

    kind: Kind
    run: Run | None
    explanation: str
    system: System
    prefix: Run | None = None
    cycle: tuple = ()
    broken: Property | None = None

    def __bool__(self):
        raise ProtocolError("a verdict is no truth value; ask for its kind: verdict(...).kind == 'decides'")


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
    complete : bool
        True when these were all. Else the first finding is the worst that was found, and not for certain the worst
        that there is.
    """

    findings: tuple[Finding, ...] = field(default=())
    covered: str = ""
    complete: bool = True

    def __repr__(self):
        least = "" if explanations.certain(self) else "at least "
        return f"<verdict: {self.system} {least}{self.kind}>"

    def __str__(self):
        parts = [f"{explanations.headline(self)}\n", explanations.wrapped(self.explanation)]
        if self.run is not None:
            parts += ["", str(self.run)]
        if len(self.findings) > 1:
            parts += ["", explanations.wrapped(explanations.others(self.findings[1:]))]
        return "\n".join([*parts, "", explanations.wrapped(self.covered)])


def goes_on(run):
    """Whether something is left to happen at the end of a run that is no fault."""
    return any(not isinstance(event, (Crash, Restart)) for event in run.system.events(run.last))


def require_witness(finding):
    """The finding, once its run is seen to show what the finding says.

    Raises
    ------
    AssertionError
        If it does not, which is a mistake of this package.
    """
    run = finding.run
    if run is None:
        return finding
    last, system, shows = run.last, run.system, True
    undecided = Termination().undecided(last) and (last.proposed or not system.proposals)
    match finding.kind:
        case "disagrees":
            shows = checked(Agreement(), last)
        case "invalid":
            shows = checked(finding.broken or Validity(), last)
        case "violates":
            shows = checked(finding.broken, last)
        case "blocks":
            shows = undecided
        case "runs forever":
            shows = undecided and goes_on(run) and (not finding.cycle or finding.prefix.last == last)
    assert shows, f"this run does not show that {system} {finding.kind}: {run}"
    return finding
