"""What `System` asks of its arguments: each is refused here with what is wrong and how to mend it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from consensus_lab.model.budgets import Budgets
from consensus_lab.model.errors import ProtocolError
from consensus_lab.model.node import Node
from consensus_lab.model.values import kinds, same


def classes_of(protocol: type[Node] | Sequence[type[Node]], n: int | None) -> tuple[type[Node], ...]:
    """The class of every node."""
    given: Any = protocol  # whatever a reader passes
    many = isinstance(given, (list, tuple))
    classes: tuple[Any, ...] = tuple(given) if many else (given,) * (n if isinstance(n, int) else 0)
    if n is not None and (not isinstance(n, int) or n != len(classes)):
        raise ProtocolError(f"n={n!r}: a system has a whole number of nodes, one for each class of a list")
    if not classes:
        raise ProtocolError("a system of no nodes has nothing to agree on; pass n=3, say, or a list of classes")
    for cls in classes:
        if not (isinstance(cls, type) and issubclass(cls, Node)):
            raise ProtocolError(f"{cls!r} is no protocol; pass a subclass of Node, the class itself")
        if cls.receive is Node.receive and cls.timeout is Node.timeout:
            raise ProtocolError(f"{cls.__name__} has no receive(self, sender, message); write one")
    return classes


def servers_of(classes: Sequence[type[Node]]) -> range:
    """The numbers of the nodes that are no clients."""
    servers = range(sum(not cls.client for cls in classes))
    if not servers or any(classes[i].client for i in servers):
        raise ProtocolError("clients ask the nodes before them: put them last, as in [Raft, Raft, Raft, Client]")
    return servers


def budgets_of(**counts: int | None) -> Budgets:
    """The Budgets of these counts; None is no limit."""
    for name, count in counts.items():
        given: Any = count
        if given is not None and (not isinstance(given, int) or given < 0):
            raise ProtocolError(f"{name}={given!r}; pass how many a run may hold, or None for no limit")
    return Budgets(**counts)


def names_of(names: Sequence[str] | None, n: int) -> tuple[str, ...]:
    """One name a node: the letters where none are given."""
    if names is None:
        return tuple("ABCDEFGHIJKLMNOPQRSTUVWXYZ"[:n]) if n <= 26 else tuple(map(str, range(n)))
    names = tuple(map(str, names))
    if len(names) != n or len(set(names)) != n:
        raise ProtocolError(f"names={names!r}: give {n} different names, one a node")
    return names


def planned_of(proposals: Mapping[int, Any] | None) -> list[tuple[Any, Any]]:
    """The pairs of a node and its proposal."""
    try:
        return list(dict(proposals or {}).items())
    except (TypeError, ValueError):
        raise ProtocolError(f'proposals={proposals!r}: say which node proposes what: {{0: "red"}}') from None


def require_proposal(cls: type[Node], i: int, value: object) -> None:
    """Raise ProtocolError unless node `i`, of this class, can be asked to propose `value`."""
    if value is None:
        raise ProtocolError(f"{cls.__name__}, node {i}: None cannot be proposed; it stands for undecided")
    if not cls.handles_proposals:
        raise ProtocolError(f"{cls.__name__}, node {i}: proposed is {value!r}, but it has no propose(self, value)")
    try:
        kinds(value)
    except TypeError:
        raise ProtocolError(
            f"{cls.__name__}, node {i}: the proposal {value!r} cannot be hashed; use a string or a tuple"
        ) from None


def require_distinct(value: object, others: Iterable[object]) -> None:
    """Raise ProtocolError where another value is equal to `value` and not the same."""
    for other in others:
        if value == other and not same(value, other):
            raise ProtocolError(
                f"{value!r} and {other!r} are both proposed, and a set of values has room for one of them, as Python "
                "takes them for equal; propose another value"
            )
