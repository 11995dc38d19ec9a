"""You are the network: the reader orders the events, and tries to keep a protocol undecided."""

import re
from collections.abc import Mapping

from consensus_lab.answers.network import one_round, standing
from consensus_lab.figures.run import run_picture
from consensus_lab.model.class_source import definitions
from consensus_lab.model.errors import ProtocolError
from consensus_lab.model.run import Run
from consensus_lab.model.system import System
from consensus_lab.protocols import BenOr, Coordinator, MajorityVote, TieBreakVote
from consensus_lab.scene.moves import moves
from consensus_lab.scene.scene import scene
from consensus_lab.widgets.base import Recorded

OPPONENTS = {
    "Coordinator": Coordinator, "Majority vote": MajorityVote, "Tie-break": TieBreakVote, "Ben-Or": BenOr,
}  # fmt: skip
PROPOSALS = {0: "red", 1: "blue"}
SHOWN = 3  # rounds of the adversary in the still picture


class Network(Recorded):
    """A game: choose what happens next, and keep a vote undecided for as long as you can.

    Parameters
    ----------
    opponents : Node class or System, list of these, or mapping of a name to one
        Whom to play against. A class becomes three nodes, of which A proposes red and B blue, and one of which may
        crash; timers may fire at any moment. By default the coordinator, majority voting, the tie-break and Ben-Or.
    title : str
        Stands above the game.

    Examples
    --------
    >>> Network()
    Network('Coordinator', 'Majority vote', 'Tie-break', 'Ben-Or')
    """

    kind, heading = "network", "What the adversary does"
    needs = ("stage",)

    def __init__(self, opponents=None, *, title="You are the network"):
        self._systems = _systems(OPPONENTS if opponents is None else opponents)
        self._classes = list(dict.fromkeys(cls for system in self._systems.values() for cls in system.classes))
        found = [_opponent(name, number, system) for number, (name, system) in enumerate(self._systems.items())]
        payload, source = {"version": 1, "title": title, "opponents": found}, definitions(self._classes)
        super().__init__(payload=payload | ({"source": source} if source else {}))

    def __repr__(self):
        return f"Network({', '.join(map(repr, self._systems))})"

    @property
    def picture(self):
        """A few rounds of the adversary against the first opponent."""
        name, system = next(iter(self._systems.items()))
        return run_picture(_played(system), f"The adversary against {name}")

    @property
    def transcript(self):
        """The same, a line an event."""
        return str(_played(next(iter(self._systems.values()))))

    @property
    def protocols(self):
        return self._classes


def _systems(opponents):
    """{name: System}"""
    if not isinstance(opponents, (Mapping, list, tuple)):
        opponents = [opponents]
    if not opponents:
        raise ProtocolError("there is nobody to play against; pass protocols, such as [Coordinator, BenOr]")
    if not isinstance(opponents, Mapping):
        known = {cls: name for name, cls in OPPONENTS.items()}
        opponents = {known.get(one) or _name(one): one for one in opponents}
    return {
        str(name): one if isinstance(one, System) else System(one, 3, PROPOSALS, crashes=1, timeouts=None)
        for name, one in opponents.items()
    }


def _name(one):
    """The name of a class, or of those of a system, as words."""
    classes = dict.fromkeys(one.classes) if isinstance(one, System) else [one]
    return " and ".join(re.sub(r"(?<=[a-z])(?=[A-Z])", " ", getattr(cls, "__name__", "")) for cls in classes)


def _opponent(name, number, system):
    first = Run(system)
    about = (system.classes[0].__doc__ or "").strip().split("\n\n")[0]
    start = scene(first, name) | {"next": moves(first)}
    entry = {"id": f"network-{number}", "title": name, "about": "", "seeds": [[start]]}
    stage = {"version": 1, "open": {"entry": 0, "seed": 0, "road": 0, "step": 0}, "entries": [entry]}
    return {"name": name, "about": " ".join(about.split()), "stage": stage, "prospects": standing(first)}


def _played(system):
    run = Run(system)
    for _ in range(SHOWN):
        run = one_round(run)
    return run
