"""The glyphs of a run's picture, and its text: the stage's visual language as SVG."""

from html import escape
from math import cos, sin

from consensus_lab.figures import style

TIPS = (  # arrow heads by palette slot, with their tip at 0, 0
    ((-7.5, -3.9), (0, 0), (-7.5, 3.9)),
    ((-6, -4.6), (0, 0), (-6, 4.6)),
    ((-3.6, -2.9), (0, 0), (-3.6, 2.9), (-7.2, 0)),
    ((-8.5, -4.2), (0, 0), (-8.5, 4.2)),
    ((-7, -2.6), (0, 0), (-7, 2.6)),
)
BARS = (  # the hatching of a value by palette slot, as in heraldry: red upright, blue level
    "M0-4V4M-2.6-3V3M2.6-3V3",
    "M-4 0H4M-3-2.6H3M-3 2.6H3",
    "M0 0h.01M-2.3-2.3h.01M2.3-2.3h.01M-2.3 2.3h.01M2.3 2.3h.01",
    "M-2.8 2.8 2.8-2.8M-3.6-.2-.2-3.6M.2 3.6 3.6.2",
    "",
)
SIGNS = {  # verdicts
    "ne": "M-4-1.9H4M-4 1.9H4M2.3-4.6-2.3 4.6",
    "cross": "M-3.2-3.2 3.2 3.2M3.2-3.2-3.2 3.2",
    "bang": "M0-4.6V.8M0 4.2v.01",
    "none": "M-4.2 0A4.2 4.2 0 1 0 4.2 0A4.2 4.2 0 1 0-4.2 0M-3 3 3-3",
}
CROSS = "M{0} {1}m-4-4 8 8m0-8-8 8"


def glyph(what, slot):
    """A definition to `use`: a node or an event in the color of a palette slot, or of none where it is below 0."""
    bars = f'<path class="bars" d="{BARS[slot]}"/>'
    shape = {
        "vote": f'<circle class="gap" r="9"/><circle class="fill s{slot}" r="6.5"/>{bars}',
        "decide": f'<circle class="gap" r="11.5"/><circle class="fill s{slot}" r="6.2"/>{bars}'
        f'<circle class="rim s{slot}" r="9"/>',
        "crash": '<path class="cross big" d="M-5-5 5 5M5-5-5 5"/>',
        "restart": '<circle class="gap" r="8"/><path class="cross" d="M4.6-1.6A4.8 4.8 0 1 0 4.8 1M5-4.8v3.3H1.7"/>',
        "down": '<circle class="down" r="7"/><path class="cross" d="M-2.8-2.8 2.8 2.8M2.8-2.8-2.8 2.8"/>',
        "none": '<circle class="empty" r="6"/>',
    }[what]
    return f'<g id="{what}{slot if slot >= 0 else ""}">{shape}</g>'


def tip(slot, x, y, angle):
    """The arrow head of a slot as path data, turned by `angle` with its tip at x, y."""
    c, s = cos(angle), sin(angle)
    shape = TIPS[-1 if slot is None else slot]
    points = [f"{round(x + a * c - b * s, 1)} {round(y + a * s + b * c, 1)}" for a, b in shape]
    return "M" + "L".join(points) + ("" if slot == 1 else "Z")


def sign(kind, x, y):
    """A verdict: a disc of ink with its sign."""
    return f'<g transform="translate({x} {y})"><circle class="disc" r="9"/><path class="sign" d="{SIGNS[kind]}"/></g>'


def svg_text(x, y, text, cls):
    """A text element; what cannot be printed, and would break the SVG, is replaced."""
    clean = "".join(character if character.isprintable() else "\ufffd" for character in str(text))
    return f'<text class="{cls}" x="{x}" y="{y}">{escape(clean)}</text>'


def shorten(text, most):
    """The text, cut to so many characters."""
    return text if len(text) <= most else text[: most - 1] + "…"


def wide(text, size=15):
    """About how wide a text is: wide enough for the fonts of most systems."""
    return len(text) * size * 0.56


def wrap(text, width, size):
    """The text as lines that are not wider than `width`."""
    rows = [""]
    for word in text.split():
        longer = f"{rows[-1]} {word}".strip()
        if rows[-1] and wide(longer, size) > width:
            rows.append(word)
        else:
            rows[-1] = longer
    return rows


def _slot_css(slot):
    name, line = style.SLOTS[slot], style.line_color(slot)
    head = "none" if slot == 1 else "var(--surface)" if slot == 3 else f"var(--{line})"
    return f".s{slot}{{stroke:var(--{line})}}.fill.s{slot}{{fill:var(--{name})}}.tip.s{slot}{{fill:{head}}}"


CSS = f"""
.cl-run{{font-family:{style.FONT}}}text{{fill:var(--ink)}}
.title{{font-size:17px;font-weight:650}}.about,.foot{{font-size:14px;fill:var(--ink-2)}}
.name{{font-size:15px;font-weight:650}}.word{{font-size:13px;fill:var(--ink-2)}}.sure{{font-size:13px;font-weight:650}}
.step{{font-size:11px;fill:var(--ink-3)}}.mid{{text-anchor:middle}}
.tag{{font-size:11px;font-weight:650;paint-order:stroke;stroke:var(--surface);stroke-width:4px;stroke-linejoin:round}}
.bold{{font-weight:650;fill:var(--ink)}}
path,circle{{fill:none;stroke-linecap:round;stroke-linejoin:round}}
.life{{stroke-width:2}}.life.su,.gone{{stroke:var(--line-2);stroke-width:1.5}}.gone{{stroke-dasharray:1 5}}
.thin{{stroke:var(--ink-3);stroke-width:1}}.su{{stroke:var(--ink-2)}}.tip.su{{fill:var(--ink-2)}}
.way,.tip{{stroke-width:1.3}}.open{{stroke-dasharray:3 4;opacity:.75}}
.end{{stroke-width:6.5}}.end2{{stroke:var(--surface);stroke-width:3.8}}
.dot{{stroke:var(--ink-3);stroke-width:5}}.dot2{{stroke:var(--surface);stroke-width:2.8}}
.cross{{stroke:var(--ink);stroke-width:1.9}}.big{{stroke-width:2.4}}
.clash{{stroke:var(--ink);stroke-width:1.5;stroke-dasharray:1 4}}
.gap{{fill:var(--surface)}}.fill{{stroke-width:.75}}.rim{{stroke-width:1.8}}
.bars{{stroke:var(--surface);stroke-opacity:.6;stroke-width:1.3}}
.empty,.down{{fill:var(--surface);stroke:var(--ink-3);stroke-width:1.5}}
.down{{stroke-width:1.2;stroke-dasharray:1.8 2.6}}
.disc{{fill:var(--ink)}}.sign{{stroke:var(--surface);stroke-width:1.9}}
{"".join(_slot_css(slot) for slot in range(len(style.SLOTS)))}""".replace("\n", "")
