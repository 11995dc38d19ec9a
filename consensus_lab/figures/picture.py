"""A picture for the page: SVG and the text that stands in for it."""

import base64
import io
import re
from html import escape

from consensus_lab.figures import style


class Picture:
    """An SVG with its text alternative. In a notebook it shows as an image that follows light and dark.

    Parameters
    ----------
    svg : str
        The text of the SVG.
    alt : str
        What the picture shows, for those who do not see it.
    """

    def __init__(self, svg, alt):
        if not isinstance(svg, str) or "<svg" not in svg:
            raise ValueError(f"svg={svg!r:.60} is not the text of an SVG; for a matplotlib figure use Picture.of")
        if not isinstance(alt, str) or not alt.strip():
            raise ValueError("a picture needs alt, a text that says what it shows, for readers who do not see it")
        self.svg, self.alt = svg, "".join(c if c.isprintable() else " " for c in alt).strip()

    @classmethod
    def of(cls, figure, alt):
        """The picture of a matplotlib figure, best one drawn inside ``with style():``. The figure is closed.

        The bytes are the same on every machine that has the same version of matplotlib. The book's colors follow
        the page, and text stays text.
        """
        if not hasattr(figure, "savefig"):
            raise ValueError(
                f"{figure!r:.60} is no matplotlib figure; pass the figure itself, as in Picture.of(fig, alt)"
            )
        import matplotlib

        text = io.StringIO()
        with matplotlib.rc_context({"svg.hashsalt": "consensus-lab", "svg.fonttype": "none"}):
            metadata = dict.fromkeys(("Date", "Creator", "Format", "Type"))
            figure.savefig(text, format="svg", metadata=metadata, transparent=True)
        _close(figure)
        return cls(_with_our_colors(text.getvalue()), alt)

    def __repr__(self):
        return self.alt

    @property
    def image(self):
        """The picture as an HTML img."""
        data = base64.b64encode(self.svg.encode()).decode()
        return f'<img alt="{escape(self.alt)}" src="data:image/svg+xml;base64,{data}">'

    def _repr_mimebundle_(self, include=None, exclude=None):
        return {
            "text/plain": self.alt,
            "text/html": f'<figure class="cl-figure">{self.image}</figure>',
            "image/svg+xml": self.svg,
        }


def _close(figure):
    """Close the figure, so that a notebook does not show it once more by itself."""
    from matplotlib import pyplot

    pyplot.close(figure)


def _with_our_colors(svg):
    """matplotlib's SVG with the book's colors as variables, and the page's font."""
    svg = svg[svg.index("<svg") :]
    for name, (light, _) in style.COLORS.items():
        svg = re.sub(f"{light}\\b", f"var(--{name})", svg, flags=re.IGNORECASE)
    svg = re.sub(r"'DejaVu Sans'(, *('[^']*'|[\w-]+))*", style.FONT, svg)
    head, rest = svg.split(">", 1)
    return f'{head} class="cl-plot"><style>{style.css(".cl-plot")}</style>{rest}'
