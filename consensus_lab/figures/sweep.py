"""The still picture of a sweep: a bar for each outcome, with its confidence interval."""

from consensus_lab.figures import style
from consensus_lab.figures.glyphs import svg_text, wrap
from consensus_lab.figures.picture import Picture

WIDTH, LEFT, BAR, ROW, TOP = 560, 128, 300, 34, 66
CSS = f"""
.cl-bars{{font-family:{style.FONT};font-size:15px}}text{{fill:var(--ink)}}path{{fill:none}}
.title{{font-size:17px;font-weight:650}}.about,.foot{{font-size:14px;fill:var(--ink-2)}}.share{{font-weight:650}}
.track{{fill:var(--line)}}.k0{{fill:var(--red)}}.k1{{fill:var(--blue)}}.ksplit,.kne{{fill:var(--ink)}}.kok{{fill:var(--accent)}}
.kwait{{fill:var(--surface);stroke:var(--ink-3);stroke-width:1.5;stroke-dasharray:3 3}}
.k0+.hatch{{stroke-dasharray:1.4 4.6}}.hatch{{stroke:var(--surface);stroke-opacity:.35;stroke-width:20}}
.k1+.hatch{{stroke-width:1.4}}
.halo{{stroke:var(--surface);stroke-width:5}}.span{{stroke:var(--ink);stroke-width:1.75}}""".replace("\n", "")


def sweep_picture(result, title):
    """The picture of what `consensus_lab.answers.sweep.describe` found."""
    parts, y = [svg_text(10, 26, title, "title"), svg_text(10, 48, result["name"], "about")], TOP
    for row in result["rows"]:
        low, high, middle = (round(LEFT + BAR * row["low"], 1), round(LEFT + BAR * row["high"], 1), y + 11)
        wide = round(BAR * row["share"], 1)
        span = f"M{low} {middle - 5}v10M{high} {middle - 5}v10M{low} {middle}H{high}"
        parts += [
            svg_text(10, y + 16, row["label"], ""),
            f'<path class="track" d="M{LEFT} {y + 4}h{BAR}v14h{-BAR}z"/>',
            f'<path class="k{row["kind"]}" d="M{LEFT} {y + 1}h{wide}v20h{-wide}z"/>' if wide else "",
            _hatching(row["kind"], wide, y + 1),
            f'<path class="halo" d="{span}"/><path class="span" d="{span}"/>',
            svg_text(LEFT + BAR + 14, y + 16, row["text"], "share"),
        ]
        y += ROW
    words = wrap(result["say"], WIDTH - 20, 14)
    parts += [svg_text(10, y + 20 + 20 * number, line, "foot") for number, line in enumerate(words)]
    height = y + 16 + 20 * len(words)
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="cl-bars" viewBox="0 0 {WIDTH} {height}" width="700" '
        f'height="{round(height * 700 / WIDTH)}"><style>{style.css(".cl-bars")}{CSS}</style>{"".join(parts)}</svg>'
    )
    shares = ", ".join(f"{row['label'].lower()} {row['text']}" for row in result["rows"])
    return Picture(svg, f"{title} {result['name']}: {shares}. {result['say']}")


def _hatching(kind, wide, y):
    """What makes red more than a color, and blue: upright lines and level ones."""
    lines = {"0": f"M{LEFT} {y + 10}h{wide}", "1": "".join(f"M{LEFT} {y + d}h{wide}" for d in (4, 10, 16))}.get(kind)
    return f'<path class="hatch" d="{lines}"/>' if lines and wide else ""
