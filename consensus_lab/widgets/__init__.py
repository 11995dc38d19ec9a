"""The interactive parts of the book: a thin Python side, and one ES module each.

They need anywidget; what is behind them needs nothing but the standard library.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from consensus_lab.widgets.cluster_panel.cluster_panel import ClusterPanel as ClusterPanel
    from consensus_lab.widgets.derive.derive import Derive as Derive
    from consensus_lab.widgets.duel.duel import Duel as Duel
    from consensus_lab.widgets.exercise.exercise import Exercise as Exercise
    from consensus_lab.widgets.exercise.exercise import YourProtocol as YourProtocol
    from consensus_lab.widgets.network.network import Network as Network
    from consensus_lab.widgets.raft_lab.raft_lab import RaftLab as RaftLab
    from consensus_lab.widgets.stage.stage import Stage as Stage
    from consensus_lab.widgets.state_graph.state_graph import GraphView as GraphView
    from consensus_lab.widgets.sweep.sweep import Sweep as Sweep

_MODULES = {
    "ClusterPanel": "cluster_panel.cluster_panel",
    "Derive": "derive.derive",
    "Duel": "duel.duel",
    "Exercise": "exercise.exercise",
    "GraphView": "state_graph.state_graph",
    "Network": "network.network",
    "RaftLab": "raft_lab.raft_lab",
    "Stage": "stage.stage",
    "Sweep": "sweep.sweep",
    "YourProtocol": "exercise.exercise",
}
__all__ = list(_MODULES)  # pyright: ignore[reportUnsupportedDunderAll]


def __getattr__(name):
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        module = import_module(f"{__name__}.{_MODULES[name]}")
    except ModuleNotFoundError as error:
        if error.name not in ("anywidget", "ipywidgets", "traitlets"):
            raise
        raise ImportError(f'{name} needs anywidget; install it: pip install "consensus-lab[widgets]"') from None
    return getattr(module, name)
