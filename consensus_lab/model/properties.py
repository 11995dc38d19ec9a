"""What a protocol owes: Agreement, Validity and Termination.

A property is checked in one configuration. A safety property says why it is broken there. An eventual one says
whether it is met, and is broken where a run has come to its end without.
"""

from dataclasses import dataclass

from consensus_lab.model.values import show


@dataclass(frozen=True)
class Violation:
    """Where and how a run breaks a property: the step (0 before the first event), the nodes, and why, in words."""

    step: int
    nodes: tuple[int, ...]
    why: str


class Property:
    """Something that every run of a protocol should have. Subclass it to check a property of your own.

    `broken(configuration)` gives None where the property holds, else (nodes, why).
    """

    eventual = False
    sometimes = False
    reads = "nodes"  # of a configuration: which "decisions" and proposals there are, "nodes", or "messages" too

    @property
    def name(self):
        """What it is called in a graph's `violations` and in a picture; by default the class's name."""
        return type(self).__name__

    def broken(self, configuration):
        """None where the property holds in a configuration, else the nodes that break it, and why."""
        raise NotImplementedError

    def violation(self, run):
        """The Violation at the first step of `run` that breaks it, or None."""
        for step in range(len(run) if self.eventual else 0, len(run) + 1):
            broken = self.broken(run.configurations[step])
            if broken:
                return Violation(step, *broken)
        return None

    def met(self, configuration):
        """True once an eventual property can no longer be broken."""
        return False


def decided(configuration):
    """(node, value) for every decision, a node's second ones among them, in the order of the nodes."""
    return [(i, value) for i, local in enumerate(configuration.nodes) for value in local.decisions]


class Agreement(Property):
    """No two decisions differ: not those of two nodes, and not two of one node."""

    reads = "decisions"

    def broken(self, configuration):
        decisions = decided(configuration)
        for i, value in decisions:
            first, agreed = decisions[0]
            if value != agreed:
                names = configuration.system.names
                then = "then" if i == first else f"{names[i]} decided"
                return (first, i), f"{names[first]} decided {show(agreed)}, {then} {show(value)}"
        return None


class Validity(Property):
    """Every decision is a value that somebody proposed before; a tuple may be several, proposed one by one."""

    reads = "decisions"

    def broken(self, configuration):
        proposed = configuration.proposed
        for i, value in decided(configuration):
            if value not in proposed and not any(value in several for several in proposed if type(several) is tuple):
                return (i,), f"{configuration.system.names[i]} decided {show(value)}, which nobody has proposed"
        return None


class Termination(Property):
    """Once something is proposed, every node that stays up decides.

    A finite run breaks it only by coming to an end: nothing is left to happen but faults, something has been
    proposed (or is never going to be), and a live node is undecided.
    """

    eventual = True

    def undecided(self, configuration):
        """The live nodes that owe a decision, in order."""
        classes = configuration.system.classes
        nodes = enumerate(configuration.nodes)
        return tuple(i for i, local in nodes if local.up and not local.decisions and classes[i].decides)

    def broken(self, configuration):
        waiting = self.undecided(configuration)
        asked = configuration.proposed or not configuration.system.proposals
        if not (waiting and asked and configuration.system.quiet(configuration)):
            return None
        names = [configuration.system.names[i] for i in waiting]
        who = names[0] if len(names) == 1 else ", ".join(names[:-1]) + " and " + names[-1]
        return waiting, f"nothing is left to happen, and {who} {'has' if len(names) == 1 else 'have'} not decided"

    def met(self, configuration):
        return bool(decided(configuration)) and not self.undecided(configuration)


class Sometimes(Property):
    """Something that has to happen in some schedule, so that no check passes because nothing ever happened.

    A single run does not break it. `explore` does not find it broken before it has covered every schedule.

    >>> Sometimes("somebody decides", lambda configuration: configuration.decisions).name
    'somebody decides'
    """

    name = None
    sometimes = True

    def __init__(self, name, happens, reads="nodes"):
        self.name, self.reads, self._happens = name, reads, happens

    def happens(self, configuration):
        """Whether it happens in a configuration."""
        return bool(self._happens(configuration))

    def broken(self, configuration):
        return None


CONSENSUS = (Agreement(), Validity(), Termination())
