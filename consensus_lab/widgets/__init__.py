"""The interactive parts of the book: a thin Python side, and one ES module each.

They need anywidget; what is behind them needs nothing but the standard library.
"""

from importlib import import_module

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
__all__ = list(_MODULES)


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
