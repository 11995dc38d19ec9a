"""Values of nodes and messages: which may be any, when two are the same, their order, and how they are written.

For Python ``False == 0`` and ``1 == 1.0``. For the model they differ: a node that has heard from nobody (`False`) is
not one that has heard from node 0. Two values are the *same* when they are equal and of the same type, down to the
last item. Since tuples and sets compare their items as Python does, what stands for a state in a dict or a set has the
`kinds` of its values beside them.
"""

from math import copysign

from consensus_lab.model.errors import ProtocolError

DEEPEST = 100  # values within values; a hash of one that is much deeper ends the interpreter
PLAIN = frozenset({str, int, type(None)})  # no value of another of these types is equal to one of these
ATOMS = PLAIN | {bool}


def kinds(value, depth=0):
    """What tells a value from those that are equal to it and not the same; None where all that are equal are the same.

    Raises TypeError for a value that cannot be hashed.

    >>> kinds((1, "red")), kinds(1.0), kinds((0, False))
    (None, <class 'float'>, (None, <class 'bool'>))
    """
    kind = value.__class__
    if kind in PLAIN:
        return None
    if kind is bool:
        return kind
    if kind is float:
        if value != value:
            raise ProtocolError("nan is not even equal to itself, so no state can hold it; use None, say")
        return kind if value or copysign(1.0, value) > 0 else "-0.0"
    if depth == DEEPEST:
        raise ProtocolError(f"a value is nested more than {DEEPEST} deep; keep it flat")
    if isinstance(value, tuple):
        parts = _parts(value, depth)
        return parts if kind is tuple else (kind, parts)
    if isinstance(value, frozenset):
        if kind is not frozenset:
            return kind
        parts = _parts(value, depth)
        return None if parts is None else frozenset(pair for pair in zip(value, parts) if pair[1] is not None)
    values_of = getattr(kind, "_values_of", None)
    if values_of is not None:  # messages compare by value and type themselves
        _parts(values_of(value), depth)
        return None
    if hasattr(kind, "__dataclass_fields__"):
        return _parts([getattr(value, name) for name in kind.__dataclass_fields__], depth)
    hash(value)
    return kind


def _parts(values, depth):
    """The kinds of each of the values, or None where all of them are None; the short cuts are most of the speed."""
    if PLAIN.issuperset(map(type, values)):
        return None
    parts = []
    for value in values:
        kind = value.__class__
        if kind in PLAIN or kind is tuple and PLAIN.issuperset(map(type, value)):
            parts.append(None)
        else:
            parts.append(kinds(value, depth + 1))
    return None if parts.count(None) == len(parts) else tuple(parts)


def same(a, b):
    """True when two values are equal and of the same type, and so are their parts.

    >>> same(1, 1), same(1, True), same((1, 2), (1, 2.0))
    (True, False, False)
    """
    if a is b:
        return True
    kind = a.__class__
    if kind in ATOMS:
        return kind is b.__class__ and a == b
    return a == b and kinds(a) == kinds(b)


def among(value, values):
    """True when one of `values` is the same as `value`."""
    return any(same(value, other) for other in values)


def require_hashable(message):
    """Raise ProtocolError where a message carries something that can change on the way, or is nested too deep."""
    if PLAIN.issuperset(map(type, message._values())):  # most are so, and then this is all
        return
    try:
        kinds(message)
    except TypeError as error:
        raise ProtocolError(f"the message {message!r} cannot be hashed ({error}); use a tuple or a frozenset") from None


def require_immutable(cls, name, value):
    """Raise ProtocolError where the value of a class's field can change unseen."""
    try:
        kinds(value)
    except TypeError:
        kind = type(value).__name__
        instead = {"list": "tuple", "set": "frozenset", "dict": "frozenset of pairs"}.get(kind, "tuple")
        raise ProtocolError(
            f"{cls.__name__}.{name} holds a {kind}, which can change behind the model's back; use a {instead}"
        ) from None


def show(value):
    """A value as a person reads it, the same in every process: sets are sorted."""
    if isinstance(value, frozenset):
        return "{" + ", ".join(map(show, sorted(value, key=canonical))) + "}"
    if isinstance(value, tuple):
        return "(" + ", ".join(map(show, value)) + ")"
    return "none" if value is None else str(value)


def written(value):
    """The repr of a value, the same in every process."""
    if isinstance(value, frozenset) and value:
        return "frozenset({" + ", ".join(map(written, sorted(value, key=canonical))) + "})"
    if type(value) is tuple:
        return "(" + ", ".join(map(written, value)) + ("," if len(value) == 1 else "") + ")"
    return repr(value)


def canonical(value):
    """A key that sorts any values of nodes and messages in one order, the same in every process."""
    if value is None:
        return (0,)
    if isinstance(value, (bool, int, float)):
        return 1, value, type(value).__name__
    if isinstance(value, str):
        return 2, value
    if isinstance(value, tuple):
        return 3, tuple(map(canonical, value))
    if isinstance(value, frozenset):
        return 4, tuple(sorted(map(canonical, value)))
    if hasattr(value, "__dataclass_fields__"):
        kind, names = type(value), value.__dataclass_fields__
        return 5, kind.__name__, tuple(canonical(getattr(value, name)) for name in names), kind.__module__
    return 6, type(value).__name__, repr(value)
