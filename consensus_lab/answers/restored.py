"""What code of a reader may have changed in Python itself, put back: the next question finds all as it was."""

import builtins
import sys
from collections.abc import Callable
from typing import Any

BUILTINS = builtins.__dict__
PACKAGE = "consensus_lab"


class Restored:
    """``with Restored():`` puts back, at the end, the builtins, the names of this package, its classes, and settings.

    It is for accidents, such as ``builtins.len = None`` or ``Node.decide = mine``, and not for malice: what a reader
    types runs in the reader's own Python, which has nothing to protect from its owner. What was added stays, but
    among the builtins, since a name there changes what other code means.

    Examples
    --------
    >>> with Restored():
    ...     builtins.len = None
    >>> len("as it was")
    9
    """

    def __enter__(self):
        self._builtins = BUILTINS.copy()
        self._modules = {name: module for name, module in sys.modules.items() if _ours(name)}
        spaces = [vars(module) for module in self._modules.values()]
        self._spaces = [(space, space.copy()) for space in spaces]
        classes = {thing: None for space in spaces for thing in space.values() if _is_ours(thing)}
        self._classes = [(cls, dict(vars(cls))) for cls in classes]
        self._settings = sys.getrecursionlimit(), sys.stdout, sys.stderr, sys.gettrace(), sys.getprofile()
        return self

    def __exit__(self, *error):
        BUILTINS.clear()  # no builtin is looked up before they are back
        BUILTINS.update(self._builtins)
        sys.modules.update(self._modules)
        for space, saved in self._spaces:
            space |= saved
        for cls, saved in self._classes:
            now = vars(cls)
            for name, value in saved.items():
                if name not in now or now[name] is not value:
                    type.__setattr__(cls, name, value)
        limit, sys.stdout, sys.stderr, trace, profile = self._settings
        _put_back(sys.setrecursionlimit, sys.getrecursionlimit(), limit)
        _put_back(sys.settrace, sys.gettrace(), trace)
        _put_back(sys.setprofile, sys.getprofile(), profile)


def _put_back(change: Callable[[Any], None], now: Any, before: Any) -> None:
    if now is not before and now != before:
        change(before)


def _ours(name):
    return name == PACKAGE or name.startswith(f"{PACKAGE}.")


def _is_ours(thing):
    return issubclass(type(thing), type) and type(thing.__module__) is str and _ours(thing.__module__)
