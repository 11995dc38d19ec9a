"""Protocols with one thing left out or weakened: what a check of the right one should be able to tell from it.

Each is the class that it derives from, but for one place in the source of one of its handlers, or one durable field.
The operators are those that the known mistakes of consensus protocols are made of: a condition that is not asked, a
comparison that is off by one, an assignment or a message forgotten, a quorum that is too small, the earliest in place
of the latest, a field that is not on disk.

Mutation analysis of tests goes back to DeMillo, Lipton and Sayward, "Hints on test data selection: help for the
practicing programmer", IEEE Computer 11 (1978), https://doi.org/10.1109/C-M.1978.218136.
"""

import ast
import inspect
import textwrap
from dataclasses import dataclass

from consensus_lab.model.configuration import Configuration
from consensus_lab.model.errors import ProtocolError
from consensus_lab.model.node import Node
from consensus_lab.model.system import System
from consensus_lab.mutation.operators import variants

MOST_STATES = 3_000  # configurations in which a mutant is compared with the original
LEFT_OUT = "(left out)"


@dataclass(frozen=True)
class Mutant:
    """A protocol with one change.

    Attributes
    ----------
    protocol : type
        The changed class, a subclass of the original.
    original : type
        The class that it was made from.
    place : str
        Where the change is: the name of the method, or ``durable``.
    before, after : str
        The line that was changed, and what it has become.
    """

    protocol: type
    original: type
    place: str
    before: str
    after: str

    def __str__(self):
        return f"{self.place}: {self.before}  →  {self.after}"


def mutants(protocol, *, system=None, most=MOST_STATES):
    """Every protocol that differs from `protocol` in one thing, and behaves otherwise.

    Parameters
    ----------
    protocol : Node class
        Its source has to be at hand: from a file, or from a cell of a notebook.
    system : System, optional
        What a mutant has to behave otherwise in. One that does the same in each of its configurations is left out.
        By default three nodes with two proposals, a lossy network, a crash, a restart and two timeouts.
    most : int
        How many configurations are compared. Where the system has more, a mutant without a difference is kept:
        it may differ beyond.

    Returns
    -------
    tuple of Mutant
        In the order of the source.

    Raises
    ------
    ProtocolError
        If `protocol` is no Node class, or its source cannot be found.

    Examples
    --------
    >>> from consensus_lab.protocols import Coordinator
    >>> for mutant in mutants(Coordinator):
    ...     print(mutant)
    propose: self.send(bully(self.nodes), Initialize(value))  →  (left out)
    receive: case Initialize(value) if self.value is None:  →  case Initialize(value):
    receive: self.value = value  →  (left out)
    receive: self.broadcast(Final(value))  →  (left out)
    """
    if not (isinstance(protocol, type) and issubclass(protocol, Node)):
        raise ProtocolError(f"mutants({protocol!r}): pass a Node class")
    found = [*_of_methods(protocol), *_of_durable_fields(protocol)]
    compare = _Comparison(system or _small(protocol), protocol, most)
    return tuple(mutant for mutant in found if not compare.same(mutant.protocol))


def _of_methods(protocol):
    for name, (defining, method) in _methods(protocol).items():
        tree = _tree(protocol, method)
        for before, after, changed in variants(tree):
            function = _compiled(changed, method, defining)
            yield Mutant(_subclass(protocol, {name: function}), protocol, name, before, after or LEFT_OUT)


def _of_durable_fields(protocol):
    for field in protocol.durable:
        fewer = tuple(name for name in protocol.durable if name != field)
        yield Mutant(_subclass(protocol, {"durable": fewer}), protocol, "durable", field, LEFT_OUT)


def _methods(protocol):
    """{name: (the class that defines it, the function)} of what the protocol itself calls, in the order of the source.

    What an overriding method hides is not among them, as a subclass cannot change it.
    """
    found = {}
    for cls in protocol.__mro__[: protocol.__mro__.index(Node)]:
        for name, value in vars(cls).items():
            if inspect.isfunction(value) and not name.startswith("__"):
                found.setdefault(name, (cls, value))
    return found


def _tree(protocol, method):
    try:
        source = textwrap.dedent(inspect.getsource(method))
    except (OSError, TypeError):
        raise ProtocolError(
            f"the source of {protocol.__name__}.{method.__name__} cannot be found; define the class in a file or a cell"
        ) from None
    (tree,) = ast.parse(source).body
    return tree


def _compiled(tree, method, defining):
    """The changed function, with all that the original one sees: `super()` is that of the class that defines it."""
    names = inspect.getclosurevars(method).nonlocals
    tree = _NamedSuper(tree.args.args[0].arg).visit(tree)
    module = ast.fix_missing_locations(ast.Module([tree], []))
    namespace = {**method.__globals__, **names, "__defining__": defining}
    exec(compile(module, f"<mutant of {method.__qualname__}>", "exec"), namespace)
    return namespace[method.__name__]


class _NamedSuper(ast.NodeTransformer):
    """Writes out which class `super()` stands for, as the function is compiled outside of it."""

    def __init__(self, me):
        self._me = me

    def visit_Call(self, node):
        self.generic_visit(node)
        if isinstance(node.func, ast.Name) and node.func.id == "super" and not node.args:
            node.args = [ast.Name("__defining__", ast.Load()), ast.Name(self._me, ast.Load())]
        return node


def _subclass(protocol, namespace):
    return type(protocol)(protocol.__name__, (protocol,), {"__module__": protocol.__module__, **namespace})


def _small(protocol):
    proposals = {0: "red", 1: "blue"} if protocol.handles_proposals else {}
    return System(protocol, 3, proposals, network="lossy", crashes=1, restarts=1, timeouts=2)


class _Comparison:
    """What the original does in each configuration of a small system, and whether a mutant does the same."""

    def __init__(self, system, protocol, most):
        if protocol not in system.classes:
            raise ProtocolError(f"{system} has no node of class {protocol.__name__}; pass a system= that has one")
        self.system, self.protocol = system, protocol
        start = system.initial()
        self.steps: dict[Configuration, list] = {}
        self.complete = False
        waiting, met = [start], {start}
        for configuration in waiting:
            if len(waiting) > most:
                break
            found = list(system.successors(configuration))
            self.steps[configuration] = found
            for _, there in found:
                if there not in met:
                    met.add(there)
                    waiting.append(there)
        else:
            self.complete = True

    def same(self, mutant):
        """True when the mutant takes the same steps in every schedule; an error that it raises is a difference."""
        if not self.complete:
            return False
        classes = [mutant if cls is self.protocol else cls for cls in self.system.classes]
        other = self.system.replace(protocol=classes)
        try:
            return other.initial() == self.system.initial() and all(
                list(other.successors(configuration)) == found for configuration, found in self.steps.items()
            )
        except ProtocolError:
            return False
