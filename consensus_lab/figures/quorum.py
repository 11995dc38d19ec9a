"""A picture of two quorum systems: which nodes each quorum of the one shares with each quorum of the other."""

from consensus_lab.figures import style
from consensus_lab.figures.glyphs import SIGNS, svg_text
from consensus_lab.figures.picture import Picture

STEP, ROW, PAD, TOP = 19, 29, 17, 76  # between two nodes, between two rows, around a set, above the table
CSS = f"""
.cl-quorums{{font-family:{style.FONT};font-size:13px}}text{{fill:var(--ink-2)}}.title{{font-size:17px;font-weight:650;
fill:var(--ink)}}.name{{font-size:11px;font-weight:650;text-anchor:middle;fill:var(--surface)}}.rule{{stroke:var(--line-2)}}.side{{font-size:14px}}
.out{{fill:var(--line-2)}}.in{{fill:var(--ink-2)}}.both{{fill:var(--accent)}}
.disc{{fill:var(--ink)}}.sign{{fill:none;stroke:var(--surface);stroke-width:1.9;stroke-linecap:round}}
""".replace("\n", "")


def quorum_picture(phase_1, phase_2, title, names=None):
    """The Picture of what the quorums of phase 1 (rows) share with those of phase 2 (columns).

    Every set is a row with a place for each node. The nodes shared have the accent; a sign stands where there is none.

    Parameters
    ----------
    phase_1, phase_2 : quorum system
        See `consensus_lab.protocols.quorums`.
    title : str
        Stands above the picture.
    names : sequence of str, optional
        One a node; A, B, C, ... by default.
    """
    if not (phase_1 and phase_2):
        raise ValueError("a quorum system without a quorum has no picture; give each phase one at least")
    n = 1 + max(frozenset().union(*phase_1, *phase_2))
    names = names or "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[:n]
    if len(names) < n:
        raise ValueError(f"names={names!r}: there are {n} nodes; give each a name")
    wide = STEP * (n - 1) + 2 * PAD
    left = max(wide, 76)
    width, height = max(left + wide * len(phase_2) + PAD, 9.2 * len(title) + 20), TOP + ROW * len(phase_1) + 26
    parts = [svg_text(10, 26, title, "title"), svg_text(PAD - 7, TOP + 5, "Phase 1", "side")]
    parts.append(svg_text(left + PAD - 7, TOP - 22, "Phase 2", "side"))
    for column, second in enumerate(phase_2):
        parts.append(_set(left + wide * column, TOP, n, second, "in", names))
    end, bottom = left + wide * len(phase_2), TOP + ROW * len(phase_1) + 16
    parts.append(f'<path class="rule" d="M{PAD - 7} {TOP + 14.5}H{end}M{left} {TOP - 12}V{bottom}"/>')
    for row, first in enumerate(phase_1):
        y = TOP + ROW * (row + 1) + 2
        parts.append(_set(0, y, n, first, "in", names))
        for column, second in enumerate(phase_2):
            x = left + wide * column
            shared = first & second
            parts.append(_set(x, y, n, shared, "both", names) if shared else _nothing(x + wide / 2, y))
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="cl-quorums" viewBox="0 0 {width:g} {height}" '
        f'width="{width:g}" height="{height}"><style>{style.css(".cl-quorums")}{CSS}</style>{"".join(parts)}</svg>'
    )
    pairs = [(first, second) for first in phase_1 for second in phase_2]
    disjoint = sum(not first & second for first, second in pairs)
    count = f"{len(phase_1)} quorums of phase 1 and {len(phase_2)} of phase 2"
    say = "every pair shares a node" if not disjoint else f"{disjoint} of {len(pairs)} pairs share no node"
    return Picture(svg, f"{title}: {count}; {say}.")


def _set(x, y, n, members, kind, names):
    """A set as a row of dots, where its members have their names."""
    dots = []
    for node in range(n):
        at = x + PAD + STEP * node
        if node in members:
            dots += [f'<circle class="{kind}" cx="{at}" cy="{y}" r="8.5"/>', svg_text(at, y + 4, names[node], "name")]
        else:
            dots.append(f'<circle class="out" cx="{at}" cy="{y}" r="2"/>')
    return "".join(dots)


def _nothing(x, y):
    return (
        f'<g transform="translate({x:g} {y})"><circle class="disc" r="9"/><path class="sign" d="{SIGNS["none"]}"/></g>'
    )
