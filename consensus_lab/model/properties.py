"""What a protocol owes: Agreement, Validity and Termination.

A property is checked in one configuration. A safety property says why it is broken there. An eventual one says
whether it is met, and is broken where a run has come to its end without.
"""

from dataclasses import dataclass
from typing import cast

from consensus_lab.model.errors import ProtocolError
from consensus_lab.model.values import among, same, show

READS = ("decisions", "nodes", "messages")
HOW = 'return None where the property holds, else the nodes and why: return (0, 1), "both are inside"'


@dataclass(frozen=True)
class Violation:
    """Where and how a run breaks a property: the step (0 before the first event), the nodes, and why, in words."""

    step: int
    nodes: tuple[int, ...]
    why: str


class _ClassName:
    """A name that is the class's own until an instance sets one: no `property`, which would refuse that."""

    def __get__(self, prop: object, cls: type) -> str:
        return cls.__name__


class Property:
    """Something that every run of a protocol should have. Subclass it to check a property of your own.

    `broken(configuration)` gives None where the property holds, else (nodes, why).

    Attributes
    ----------
    name : str
        What it is called in what is printed: the name of its class.
    eventual : bool
        True where it is broken only by a run that has come to its end.
    sometimes : bool
        True where some schedule has to bring it about; see `Sometimes`.
    reads : "decisions", "nodes" or "messages"
        What it looks at: which decisions and proposals there are, the nodes too, or the messages in flight too.

    Examples
    --------
    >>> class OneInside(Property):
    ...     def broken(self, configuration):
    ...         inside = tuple(i for i in configuration.system.nodes if configuration.state(i)["inside"])
    ...         return (inside, "more than one is inside") if len(inside) > 1 else None
    >>> OneInside().name
    'OneInside'
    """

    eventual = False
    sometimes = False
    reads = "nodes"

    # What it is called in a graph's `violations` and in a picture; a subclass may set it.
    name: str = cast("str", _ClassName())

    def broken(self, configuration):
        """None where the property holds in a configuration, else (nodes, why)."""
        raise NotImplementedError

    def violation(self, run):
        """The Violation at the first step of `run` that breaks it, or None."""
        for step in range(len(run) if self.eventual else 0, len(run) + 1):
            broken = checked(self, run.configurations[step])
            if broken:
                return Violation(step, *broken)
        return None

    def met(self, configuration):
        """True once an eventual property can no longer be broken."""
        return False


def checked(prop, configuration):
    """What `prop.broken(configuration)` says, in its proper form.

    Returns
    -------
    None, or (tuple of int, str)

    Raises
    ------
    ProtocolError
        If it raises, or gives anything else. The error says how to write it.
    """
    broken = _asked(prop, prop.broken, "broken", configuration)
    match broken:
        case None:
            return None
        case ((*nodes,), str(why)) if why and all(type(i) is int and 0 <= i < configuration.system.n for i in nodes):
            return tuple(nodes), why
    raise ProtocolError(f"{prop.name}: broken(configuration) gave {broken!r:.80}; {HOW}")


def happens(prop, configuration):
    """Whether what should happen sometimes happens here; raises ProtocolError where its function does."""
    return _asked(prop, prop.happens, "its function", configuration)


def _asked(prop, function, called, configuration):
    try:
        return function(configuration)
    except NotImplementedError:
        raise ProtocolError(f"{prop.name} has no broken(self, configuration); write one: {HOW}") from None
    except ProtocolError:
        raise
    except Exception as error:
        what = f"{type(error).__name__}: {error}"
        states = [configuration.state(i) for i in configuration.system.nodes]
        raise ProtocolError(f"{prop.name}: {called} raised {what}, asked of nodes with the states {states}") from error


def require_properties(properties):
    """`properties` as a tuple of Property, each of another name.

    Raises
    ------
    ProtocolError
        If it is anything else. The error says how to write it.
    """
    alone = properties.__name__ + "()" if isinstance(properties, type) else f"{type(properties).__name__}()"
    if isinstance(properties, Property) or isinstance(properties, type) and issubclass(properties, Property):
        raise ProtocolError(f"properties={properties!r}: pass a tuple, of one if need be: properties=({alone},)")
    try:
        properties = tuple(properties)
    except TypeError:
        raise ProtocolError(f"properties={properties!r}: pass a tuple such as (Agreement(), Validity())") from None
    for prop in properties:
        if isinstance(prop, type) and issubclass(prop, Property):
            raise ProtocolError(f"properties: {prop.__name__} is a class; pass one of it, {prop.__name__}()")
        if not isinstance(prop, Property):
            raise ProtocolError(f"properties: {prop!r} is no property; pass instances of subclasses of Property")
        if not isinstance(prop.name, str) or not prop.name:
            raise ProtocolError(f"properties: {prop!r} has {prop.name!r} for a name; give it a text")
        if prop.reads not in READS:
            raise ProtocolError(f"{prop.name} reads {prop.reads!r}; it is one of {', '.join(map(repr, READS))}")
    names = [prop.name for prop in properties]
    for name in names:
        if names.count(name) > 1:
            raise ProtocolError(f"properties: two of them are called {name}; give each a name of its own")
    return properties


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
            if not same(value, agreed):
                names = configuration.system.names
                then = "then" if i == first else f"{names[i]} decided"
                return (first, i), f"{names[first]} decided {show(agreed)}, {then} {show(value)}"
        return None


class Validity(Property):
    """Every decision is a value that somebody proposed before; a tuple may be several, proposed one by one.

    Parameters
    ----------
    also : iterable of values
        What may be decided though nobody proposed it: the "abort" of an atomic commit, say.
    """

    reads = "decisions"

    def __init__(self, also=()):
        self.also = tuple(also)

    def broken(self, configuration):
        proposed = configuration.proposed.union(self.also)
        for i, value in decided(configuration):
            if not among(value, proposed) and not any(among(value, some) for some in proposed if type(some) is tuple):
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

    sometimes = True

    def __init__(self, name, happens, reads="nodes"):
        if not callable(happens):
            raise ProtocolError(f"Sometimes({name!r}, {happens!r:.80}): pass a function of a configuration")
        self.name, self.reads, self._happens = name, reads, happens

    def happens(self, configuration):
        """Whether it has happened in a configuration."""
        return bool(self._happens(configuration))

    def broken(self, configuration):
        return None


CONSENSUS = (Agreement(), Validity(), Termination())
