"""Values, messages and classes in JSON: the parts that `run_json` is made of. It documents the schema."""

from __future__ import annotations

import re
import reprlib
import sys
from math import isfinite
from typing import Any

from consensus_lab.model.errors import ProtocolError
from consensus_lab.model.node import Message, Node
from consensus_lab.model.values import canonical

DEEPEST = 20  # values within values
LARGEST_INT = 2**53 - 1  # what every reader of JSON keeps exactly
MOST_DIGITS = 1_000  # of a larger one, which is written as text


def plain(value):
    """A value in its JSON form."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return str.__str__(value)  # a StrEnum is a string
    if isinstance(value, int) and abs(value) <= LARGEST_INT or isinstance(value, float) and isfinite(value):
        return value
    if type(value) is int and abs(value) < 10**MOST_DIGITS:
        return {"int": str(value)}
    if type(value) is float and value == value:
        return {"float": str(value)}
    if isinstance(value, tuple):
        return {"tuple": [plain(item) for item in value]}
    if isinstance(value, frozenset):
        return {"set": [plain(item) for item in sorted(value, key=canonical)]}
    if isinstance(value, Message):
        return {"message": message_object(value)}
    raise ProtocolError(
        f"{brief(value)}, a {type(value).__name__}, cannot be written as JSON; use strings, numbers, "
        "None, tuples, frozensets and Messages"
    )


def message_object(message):
    """A message as a list: the name of its class, then its fields."""
    return [type(message).__name__, *(plain(getattr(message, name)) for name in message._fields)]


def read_value(data: Any, classes: Any, depth: int = 0) -> Any:
    """The value whose JSON form is `data`."""
    need(depth < DEEPEST, "a value is nested too deeply", f"the limit is {DEEPEST}")
    if data is None or isinstance(data, (bool, str)):
        return data
    if isinstance(data, (int, float)):
        need(
            abs(data) <= LARGEST_INT or isinstance(data, float) and isfinite(data),
            "a number is too large",
            "use a string",
        )
        return data
    if isinstance(data, dict) and len(data) == 1:
        ((tag, items),) = data.items()
        if tag == "int" and isinstance(items, str) and len(items) <= MOST_DIGITS + 1 and _WHOLE.fullmatch(items):
            return int(items)
        if tag == "float" and items in ("inf", "-inf"):
            return float(items)
        if tag in ("tuple", "set", "message") and isinstance(items, list):
            if tag == "message":
                name, *fields = items or [None]
                return classes.message(name, [read_value(item, classes, depth + 1) for item in fields])
            values = (read_value(item, classes, depth + 1) for item in items)
            return tuple(values) if tag == "tuple" else frozenset(values)
    raise wrong(
        f"{brief(data)} is no value",
        'write null, true, 3, "red", {"tuple": [...]}, {"set": [...]} or {"message": [...]}',
    )


_published = []


def publish(classes):
    """Let the names of these Node classes stand for them in every run, before any others of the same name."""
    _published.extend(classes)


class Classes:
    """The classes that names in a run may stand for."""

    def __init__(self, protocol):
        given = () if protocol is None else (protocol,) if isinstance(protocol, type) else tuple(protocol)
        for cls in given:
            if not (isinstance(cls, type) and issubclass(cls, Node)):
                raise ProtocolError(
                    f"protocol={brief(cls)} is no protocol; pass a subclass of Node, or several in a list"
                )
        self._nodes = {cls.__name__: cls for cls in [*_descendants(Node), *_published, *given]}
        self._modules = {base.__module__ for cls in given for base in cls.__mro__}

    def node(self, name):
        """The Node class of that name; ProtocolError if there is none."""
        cls = self._nodes.get(name) if isinstance(name, str) else None
        need(cls, f"its protocol is {brief(name)}", "define that class first, or pass it as protocol=")
        self._modules.update(base.__module__ for base in cls.__mro__)
        return cls

    def message(self, name, fields):
        """A message of the class of that name, one of a module of the run's nodes if there is one."""
        named = [cls for cls in _descendants(Message) if cls.__name__ == name and "_fields" in cls.__dict__]
        near = [cls for cls in named if cls.__module__ in self._modules or self._uses(cls)]
        near = near or [cls for cls in named if self._knows(cls.__module__)]
        need(named, f"it has a message of class {brief(name)}", "define that class first")
        cls = (near or named)[-1]
        need(len(fields) == len(cls._fields), f"a {name} has {len(fields)} fields", f"it takes {len(cls._fields)}")
        return cls(*fields)

    def _uses(self, cls):
        """True when a module of the run's nodes has imported the class."""
        modules = (sys.modules.get(name) for name in self._modules)
        return any(getattr(module, cls.__name__, None) is cls for module in modules)

    def _knows(self, name):
        """True when a module of the run's nodes has imported anything from the module `name`."""
        modules = [vars(sys.modules[name]) for name in self._modules if name in sys.modules]
        return any(getattr(value, "__module__", None) == name for module in modules for value in module.values())


def _descendants(cls):
    found = []
    for sub in cls.__subclasses__():
        found += [sub, *_descendants(sub)]
    return found


def need(condition, what, remedy):
    """Raise a ProtocolError that says what is wrong and how to mend it, unless the condition holds."""
    if not condition:
        raise wrong(what, remedy)


def wrong(what, remedy):
    """The error that says what is wrong with a run and how to mend it."""
    return ProtocolError(f"this is no run: {what}; {remedy}")


def brief(value):
    """A value in a few words, however large it is."""
    return _SHORT.repr(value)


_WHOLE = re.compile(r"-?[0-9]+")
_SHORT = reprlib.Repr()
_SHORT.maxstring = _SHORT.maxother = 60
