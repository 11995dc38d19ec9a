"""The rooms of a scene: each module of this folder is one, with its class as ``ROOM``. Its files are all it takes."""

from importlib import import_module
from pkgutil import iter_modules


def room_classes():
    """The classes of all rooms by name, in the order of their names.

    Returns
    -------
    dict of str to type
        Subclasses of `consensus_lab.scene.room.Room`.

    Examples
    --------
    >>> list(room_classes())
    ['ballots', 'logs']
    """
    return {name: import_module(f"{__name__}.{name}").ROOM for name in sorted(m.name for m in iter_modules(__path__))}
