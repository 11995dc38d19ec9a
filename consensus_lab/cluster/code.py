"""How a process comes by the node classes, and by the message classes that its peers may name.

A class of a module is imported under the same name. A class of a notebook or of a script, which no other process can
import, goes along as source, with all that it uses of the other cells. What comes over the network only ever names
message classes, and only those of the modules that the node classes come from.
"""

import importlib
import sys
from types import ModuleType

from consensus_lab.model.class_source import definitions
from consensus_lab.model.errors import ProtocolError
from consensus_lab.model.json_values import brief
from consensus_lab.model.message import Message

CUT_OUT = "consensus_lab_cluster_source"  # the module that source goes into, in the processes


def to_spec(classes):
    """What `from_spec` makes the same classes from, in another process; ProtocolError where it could not."""
    specs = []
    for cls in classes:
        if cls.__module__ == "__main__":
            specs.append([CUT_OUT, cls.__qualname__])
        else:
            module = sys.modules.get(cls.__module__)
            if module is None or _find(module, cls.__qualname__) is not cls:
                raise ProtocolError(
                    f"{cls.__module__}.{cls.__qualname__}: another process cannot import it; define the class at the "
                    "top level of a module, of a script or of a notebook"
                )
            specs.append([cls.__module__, cls.__qualname__])
    source = definitions(classes)
    if any(module == CUT_OUT for module, _ in specs) and not source:
        raise ProtocolError("the classes have no source to be found; define them in a module, a script or a notebook")
    return {"classes": specs, "source": source}


def from_spec(spec):
    """The classes, in the process that is to run them."""
    if spec["source"]:
        module = sys.modules[CUT_OUT] = ModuleType(CUT_OUT)
        exec(compile(spec["source"], f"<{CUT_OUT}>", "exec"), module.__dict__)
    return [_find(importlib.import_module(module), name) for module, name in spec["classes"]]


def _find(module, qualname):
    found = module
    for name in qualname.split("."):
        found = getattr(found, name, None)
    return found


class Messages:
    """The message classes that may come over the network, by name: those in the modules of the node classes.

    It is what `json_values.read_value` looks messages up in.
    """

    def __init__(self, classes):
        self._named = {}
        for cls in dict.fromkeys(classes):
            for name, found in _seen_by(cls).items():
                other = self._named.setdefault(name, found)
                if other is not found:
                    raise ProtocolError(
                        f"{other.__module__} and {found.__module__} both have a message class {name}, and a name has "
                        "to tell which is meant; rename one"
                    )

    def message(self, name, fields):
        """The message; ProtocolError where no such class is known, or it has other fields."""
        cls = self._named.get(name) if isinstance(name, str) else None
        if cls is None or len(cls._fields) != len(fields):
            raise ProtocolError(f"{brief(name)} with {len(fields)} fields is no message of these nodes")
        return cls(*fields)


def _seen_by(cls):
    """{name: message class} of the modules of a node class and of its bases, the nearest last."""
    found = {}
    for base in reversed(cls.__mro__):
        for module in dict.fromkeys([*(type(value).__module__ for value in vars(base).values()), base.__module__]):
            names = vars(sys.modules[module]) if module in sys.modules else {}
            for value in list(names.values()):
                if isinstance(value, type) and issubclass(value, Message) and value is not Message:
                    found[value.__name__] = value
    return found
