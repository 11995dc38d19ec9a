"""The still picture of a piece of code, for where it cannot be edited."""

from consensus_lab.figures import style
from consensus_lab.figures.glyphs import svg_text
from consensus_lab.figures.picture import Picture

WIDTH, ROW, TOP, COLUMN = 700, 19, 40, 7.8
MONO = "ui-monospace, SFMono-Regular, Menlo, Consolas, monospace"


def code_picture(title, code):
    """The first screenful of the code, as a Picture."""
    lines = code.rstrip().splitlines()
    height = TOP + ROW * len(lines) + 12
    rows = "".join(
        svg_text(14 + COLUMN * (len(line) - len(line.lstrip())), TOP + ROW * number + 14, line.strip(), "")
        for number, line in enumerate(lines)
        if line
    )
    names = ("surface", "line", "ink")
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="cl-code" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" '
        f'height="{height}"><style>{style.css(".cl-code", names)}.cl-code{{font:13px {MONO}}}text{{fill:var(--ink)}}'
        f".title{{font:650 16px {style.FONT}}}path{{fill:none;stroke:var(--line)}}</style>"
        f'<path d="M.5 .5h{WIDTH - 1}v{height - 1}H.5z"/>{svg_text(14, 26, title, "title")}{rows}</svg>'
    )
    return Picture(svg, f"{title}: the code to start from, {len(lines)} lines. It stands as text below.")
