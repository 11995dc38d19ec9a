"""Values of nodes and messages: whether they may be any, in which order they come, and how they are written."""

from consensus_lab.model.errors import ProtocolError


def require_hashable(message):
    """Raise ProtocolError where a message carries something that can change on the way."""
    try:
        hash(message)
    except TypeError as error:
        raise ProtocolError(f"the message {message!r} cannot be hashed ({error}); use a tuple or a frozenset") from None


def require_immutable(cls, name, value):
    """Raise ProtocolError where the value of a class's field can change unseen."""
    try:
        hash(value)
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
        return 1, value
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
