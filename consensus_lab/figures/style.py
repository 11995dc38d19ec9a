"""The book's colors and type: the one place in Python where they are said.

Color is a value; ink is all else. Each color has a light and a dark form. In an SVG it is a CSS variable, so that a
picture follows the page that it stands on.
"""

from contextlib import contextmanager
from typing import Any

COLORS = {  # name: (light, dark)
    "surface": ("#ffffff", "#14181e"),
    "line": ("#e3e7ea", "#2a313a"),
    "line-2": ("#b4bdc6", "#556070"),
    "ink": ("#171c22", "#e9edf1"),
    "ink-2": ("#4d5864", "#adb7c2"),
    "ink-3": ("#66717d", "#8c97a4"),
    "accent": ("#0a7566", "#4fc4ae"),
    "red": ("#c6432a", "#f0836c"),
    "blue": ("#2459b3", "#78adfb"),
    "amber": ("#e5a50a", "#f0c24f"),
    "amber-line": ("#8f6000", "#f0c24f"),
    "violet": ("#8a3fae", "#cf9df5"),
    "grey": ("#5b6672", "#97a3af"),
}
SLOTS = ("red", "blue", "amber", "violet", "grey")  # the palette of values, by slot
HATCHES = ("||", "--", "..", "//", "")  # the same, for matplotlib
FONT = "-apple-system, 'Segoe UI', 'Helvetica Neue', Arial, sans-serif"


def color(name):
    """The light form of a color, for matplotlib; `Picture.of` makes it follow the page."""
    if name not in COLORS:
        raise ValueError(f"{name!r} is no color of the book; use one of {', '.join(COLORS)}")
    return COLORS[name][0]


def line_color(slot):
    """The name of the color that a line for the value in this slot has."""
    return "amber-line" if SLOTS[slot] == "amber" else SLOTS[slot]


def css(selector, names=COLORS):
    """CSS that defines the colors as variables of `selector`, light and dark."""
    light, dark = (";".join(f"--{name}:{COLORS[name][form]}" for name in names) for form in (0, 1))
    return f"{selector}{{{light}}}@media(prefers-color-scheme:dark){{{selector}{{{dark}}}}}"


@contextmanager
def style(changes=None):
    """matplotlib in the book's colors and type, inside a ``with``; `changes` maps further rcParams to values."""
    import matplotlib
    from cycler import cycler

    settings: dict[Any, Any] = {
        "figure.figsize": (7, 3.6), "figure.constrained_layout.use": True,
        "font.family": "sans-serif", "font.sans-serif": ["DejaVu Sans"], "font.size": 11,
        "text.color": color("ink"), "axes.labelcolor": color("ink-2"), "axes.titlecolor": color("ink"),
        "axes.titlesize": 12, "axes.titleweight": "bold", "axes.titlelocation": "left",
        "axes.edgecolor": color("line-2"), "axes.linewidth": 0.8, "axes.facecolor": "none",
        "axes.spines.top": False, "axes.spines.right": False,
        "axes.grid": True, "axes.grid.axis": "y", "axes.axisbelow": True,
        "grid.color": color("line"), "grid.linewidth": 0.8,
        "axes.prop_cycle": cycler(color=[color(line_color(slot)) for slot in range(len(SLOTS))],
                                  linestyle=["-", "--", "-.", ":", "-"], marker=["o", "s", "D", "^", "x"]),
        "xtick.color": color("line-2"), "ytick.color": color("line-2"),
        "xtick.labelcolor": color("ink-2"), "ytick.labelcolor": color("ink-2"),
        "lines.linewidth": 1.8, "lines.markersize": 4.5, "patch.linewidth": 0,
        "hatch.linewidth": 1, "hatch.color": color("surface"),
        "legend.frameon": False, "figure.facecolor": "none", "savefig.facecolor": "none", "savefig.transparent": True,
    }  # fmt: skip
    with matplotlib.rc_context(settings | dict(changes or {})):
        yield
