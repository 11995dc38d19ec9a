"""The interactive parts of the book: a thin Python side, and one ES module each.

`Stage` needs anywidget; the scenes and answers behind it need nothing but the standard library.
"""

__all__ = ["Stage"]


def __getattr__(name):
    if name != "Stage":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        from consensus_lab.widgets.stage import Stage
    except ModuleNotFoundError as error:
        if error.name not in ("anywidget", "ipywidgets", "traitlets"):
            raise
        raise ImportError('Stage needs anywidget; install it: pip install "consensus-lab[widgets]"') from None
    return Stage
