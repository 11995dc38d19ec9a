"""The arrows between the rooms of the package go down, and no name of a room hides a module."""

import ast
import importlib
import pkgutil
from pathlib import Path
from types import ModuleType

import pytest

import consensus_lab

PACKAGE = Path(consensus_lab.__file__).parent
LAYERS = (  # a room may import rooms of the lines above its own
    "model",
    "protocols simulation exploration linearizability",
    "valency experiments write_once hunting",
    "verdicts mutation etcd cluster scene",
    "exercises figures",
    "answers",
    "widgets",
)
FLOOR = {room: floor for floor, rooms in enumerate(LAYERS) for room in rooms.split()}
TYPED = ("starters", "templates")  # what readers begin with: text, not modules of the package


def arrows():
    """(importing module, imported module), both dotted, of all imports within the package."""
    for path in sorted(PACKAGE.rglob("*.py")):
        if set(TYPED) & set(path.parts):
            continue
        here = ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.ImportFrom(module=str(module), level=0):
                    yield here, module
                case ast.Import(names=names):
                    yield from ((here, name.name) for name in names)


def room(module):
    """The room of a dotted module name, or None for the face of the package and for what is not of it."""
    package, _, rest = module.partition(".")
    return rest.partition(".")[0] or None if package == "consensus_lab" else None


def test_arrows_go_down():
    up = [
        f"{here} imports {there}"
        for here, there in arrows()
        if room(here) and room(there) and room(here) != room(there) and FLOOR[room(here)] <= FLOOR[room(there)]
    ]
    assert not up, up
    assert not [here for here, there in arrows() if room(here) and there == "consensus_lab"]


def test_every_room_has_a_floor():
    rooms = {path.name for path in PACKAGE.iterdir() if path.is_dir() and path.name != "__pycache__"}
    assert rooms == set(FLOOR)


def modules():
    found = pkgutil.walk_packages([str(PACKAGE)], "consensus_lab.")
    return [module.name for module in found if not set(TYPED) & set(module.name.split("."))]


@pytest.mark.parametrize("name", modules())
def test_a_module_is_found_under_its_name(name):
    """`import consensus_lab.x` gives a module, and never something else of that name in its package."""
    package, _, last = name.rpartition(".")
    module = importlib.import_module(name)
    assert getattr(importlib.import_module(package), last) is module and isinstance(module, ModuleType)


def test_no_function_of_the_package_goes_by_the_name_of_a_module():
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("consensus_lab.simulate")
