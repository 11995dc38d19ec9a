"""How blind a check is: which known and generated mistakes it catches, and which it lets pass."""

from collections.abc import Mapping
from dataclasses import dataclass

from consensus_lab.exploration.explore import explore
from consensus_lab.model.errors import ProtocolError
from consensus_lab.model.properties import Violation
from consensus_lab.model.system import System
from consensus_lab.mutation.mutants import Mutant

RAISES = "raises an error"


@dataclass(frozen=True)
class Caught:
    """A mutant that a check refuses.

    Attributes
    ----------
    mutant : Mutant or Node class
    by : str
        The name of the property that it breaks, or that it raises an error.
    events : int or None
        How many events the run has that shows it; None for an error.
    """

    mutant: object
    by: str
    events: int | None

    def __str__(self):
        return f"{_named(self.mutant)}: {self.by}" + ("" if self.events is None else f", {self.events} events")


@dataclass(frozen=True)
class MutationScore:
    """What one check makes of many mutants.

    Attributes
    ----------
    caught : tuple of Caught
    missed : tuple of Mutant or Node class
        Those of which the check says that all is well.
    """

    caught: tuple
    missed: tuple

    @property
    def share(self):
        """The share of the mutants that are caught, from 0 to 1."""
        every = len(self.caught) + len(self.missed)
        return len(self.caught) / every if every else 1.0

    def __str__(self):
        every = len(self.caught) + len(self.missed)
        lines = [f"caught {len(self.caught)} of {every}"]
        lines += [f"  caught  {caught}" for caught in self.caught]
        lines += [f"  MISSED  {_named(mutant)}" for mutant in self.missed]
        return "\n".join(lines)


def mutation_score(check, mutants):
    """Run one check on every mutant.

    Parameters
    ----------
    check : function of a Node class, or System
        A function returns what has `violations`, as the graph of `explore` and a `Run` have, or such a mapping of
        names to runs itself; nothing in it means that all is well. A System is explored as it is, with the original
        replaced by the mutant.
    mutants : iterable of Mutant or Node class
        What `mutants` gives, the known mistakes of a family, or both.

    Returns
    -------
    MutationScore
        What was caught, by which property and in how many events, and what was missed.

    Raises
    ------
    ValueError
        If the check gives something else, if it refuses the protocol that mutants were made from, or if a System has
        no class that a mutant could stand for.

    Examples
    --------
    The vote of three, and what a search of all its schedules would have seen.

    >>> from consensus_lab import Agreement, explore
    >>> from consensus_lab.mutation.mutants import mutants
    >>> from consensus_lab.protocols import MajorityVote
    >>> def check(protocol):
    ...     return explore(System(protocol, 3, {0: "red", 1: "blue"}), properties=[Agreement()])
    >>> score = mutation_score(check, mutants(MajorityVote))
    >>> len(score.caught), len(score.missed)
    (4, 4)
    """
    run, mutants = _exploring(check) if isinstance(check, System) else check, tuple(mutants)
    for original in dict.fromkeys(mutant.original for mutant in mutants if isinstance(mutant, Mutant)):
        found = _violations(run, original)
        if found:
            raise ValueError(f"the check refuses {original.__name__} itself: {found[0][0]}; mend the check first")
    caught, missed = [], []
    for mutant in mutants:
        found = _violations(run, mutant)
        if not found:
            missed.append(mutant)
            continue
        name, events = min(found, key=lambda pair: (pair[1] is None, pair[1] or 0, pair[0]))
        caught.append(Caught(mutant, name, events))
    return MutationScore(tuple(caught), tuple(missed))


def _exploring(system):
    def run(protocol):
        base = next((cls for cls in system.classes if issubclass(protocol, cls)), None)
        if base is None:
            raise ValueError(f"{protocol.__name__} is no variant of a class of {system}; pass a function as the check")
        return explore(system.replace(protocol=[protocol if cls is base else cls for cls in system.classes]))

    return run


def _violations(run, mutant):
    """[(property, events)] that the check finds in a mutant."""
    protocol = mutant.protocol if isinstance(mutant, Mutant) else mutant
    try:
        outcome = run(protocol)
        outcome = getattr(outcome, "violations", outcome)
    except ProtocolError:
        return [(RAISES, None)]
    if outcome is None:
        return []
    if not isinstance(outcome, Mapping):
        raise ValueError(f"the check gives {outcome!r}; give the graph of explore, or {{property's name: Run}}")
    return [(name, _events(witness)) for name, witness in outcome.items()]


def _events(witness):
    return witness.step if isinstance(witness, Violation) else len(witness)


def _named(mutant):
    return str(mutant) if isinstance(mutant, Mutant) else mutant.__name__
