"""Every public part of the package says what it is, in numpydoc's form."""

import importlib
import pkgutil
import warnings
from functools import cached_property
from pathlib import Path
from types import FunctionType

import pytest
from numpydoc.validate import validate

import consensus_lab
from consensus_lab.experiments.synod_derivation import DETOURS, DRAFTS
from consensus_lab.protocols import BenOr

PACKAGE = Path(consensus_lab.__file__).parent
TYPED = ("starters", "templates")  # what readers begin with: text, not modules of the package
ROOMS = sorted(path.name for path in PACKAGE.iterdir() if (path / "__init__.py").exists())
FACES = ("", *(room for room in ROOMS if hasattr(importlib.import_module(f"consensus_lab.{room}"), "__all__")))

FORM = (  # what no docstring may have wrong, whatever sections it has; numpydoc's manual has the meaning of each
    "GL03 GL05 GL06 GL07 GL09 GL10 SS04 PR02 PR03 PR05 PR08 PR10 RT05 SA03 SA04 EX02".split()
)
KINDS = (type, FunctionType, property, cached_property, classmethod, staticmethod)
SECTIONS = ["PR01", "RT01", "YD01"]  # parameters, what is returned, what is yielded: what a user's function must tell

# Chapters show these classes as they are, line by line; what a method is for stands in the text around them.
SHOWN = {base for draft in (*DRAFTS, *DETOURS) for base in draft.protocol.__mro__} | {BenOr}

# Rooms that are not done yet: take a room out when it is.
UNDOCUMENTED = {"exploration", "model", "verdicts"}
MALFORMED = {"verdicts"}
UNSECTIONED = {"", "cluster", "etcd", "exercises", "figures", "linearizability", "widgets", "write_once"}


def modules(room):
    found = pkgutil.walk_packages([str(PACKAGE / room)], f"consensus_lab.{room}.")
    names = [module.name for module in found if not set(TYPED) & set(module.name.split("."))]
    return [importlib.import_module(name) for name in names]


def parts(module):
    """(dotted name, object) of the public functions and classes that a module defines, and of their methods."""
    for name, value in vars(module).items():
        own = getattr(value, "__module__", None) == module.__name__ and getattr(value, "__qualname__", None) == name
        if own and not name.startswith("_") and (isinstance(value, KINDS[:2]) or hasattr(value, "__wrapped__")):
            yield f"{module.__name__}.{name}", value
            yield from methods(f"{module.__name__}.{name}", value)


def methods(name, cls):
    if isinstance(cls, type):
        for method, value in vars(cls).items():
            if not method.startswith("_") and isinstance(value, KINDS):
                yield f"{name}.{method}", value


def documented(name, value):
    """Whether it has a docstring of its own, or it is a method that a base class documents or a chapter shows."""
    if isinstance(value, type):
        return bool(value.__doc__) and not value.__doc__.startswith(f"{value.__name__}(")  # as a dataclass makes it
    owner, _, method = name.rpartition(".")
    cls = _named(owner)
    bases = getattr(cls, "__mro__", ())
    inherited = any(method in vars(base) and vars(base)[method].__doc__ for base in bases)
    return bool(value.__doc__) or inherited or cls in SHOWN - {consensus_lab.Node}


def _named(name):
    value, *rest = (importlib.import_module("consensus_lab"), *name.split(".")[1:])
    for part in rest:
        value = getattr(value, part)
    return value


def faults(name, codes):
    with warnings.catch_warnings(action="ignore"):  # of a section that numpydoc does not know, such as an argument
        return [f"{name}: {code} {text}" for code, text in validate(name)["errors"] if code in codes]


@pytest.mark.parametrize("room", [room for room in ROOMS if room not in UNDOCUMENTED])
def test_every_part_is_documented(room):
    bare = [module.__name__ for module in modules(room) if Path(module.__file__).stat().st_size and not module.__doc__]
    found = [part for module in modules(room) for part in parts(module)]
    assert found and bare + [name for name, value in found if not documented(name, value)] == []


@pytest.mark.parametrize("room", [room for room in ROOMS if room not in MALFORMED])
def test_docstrings_are_in_numpydoc_form(room):
    found = [(name, value) for module in modules(room) for name, value in parts(module) if value.__doc__]
    assert found and [fault for name, value in found for fault in faults(name, FORM)] == []


@pytest.mark.parametrize("face", [face for face in FACES if face not in UNSECTIONED])
def test_what_a_user_calls_tells_of_its_parameters_and_results(face):
    found = dict(interface(face))
    assert found and [fault for name in found for fault in faults(name, SECTIONS)] == []


def interface(face):
    """What a room hands on, with the methods of its classes but for the handlers of protocols."""
    module = importlib.import_module(f"consensus_lab.{face}".rstrip("."))
    for handed_on in module.__all__:
        value = getattr(module, handed_on)
        if isinstance(value, (type, FunctionType)):
            name = f"{value.__module__}.{value.__qualname__}"
            yield name, value
            if not (isinstance(value, type) and issubclass(value, consensus_lab.Node)) or value is consensus_lab.Node:
                yield from methods(name, value)
