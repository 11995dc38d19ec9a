"""The still picture of a small state graph: every configuration, colored by what can still be decided from it.

A configuration in two colors is bivalent, one in a single color univalent; a step from the one to the other, drawn
in ink, decides the outcome (Fischer, Lynch and Paterson, 1985, section 3).
"""

from math import cos, pi, sin

from consensus_lab.figures import style
from consensus_lab.figures.glyphs import BARS, svg_text
from consensus_lab.figures.picture import Picture
from consensus_lab.figures.run import SHOWN_WIDTH, WIDTH
from consensus_lab.model.values import show
from consensus_lab.scene.look import value_slots
from consensus_lab.scene.words import listed

LARGEST = 400  # configurations that can still be told apart
MARGIN, TOP, HEIGHT = 16, 20, 330
NEAREST, FARTHEST = 6.5, 26  # between two configurations of a layer


def state_graph_picture(graph):
    """The configurations of `graph`, in layers by their distance from the start, as a Picture.

    Raises
    ------
    ValueError
        If there are more than 400 of them.
    """
    if len(graph) > LARGEST:
        raise ValueError(
            f"{len(graph):,} configurations are too many for a picture; the limit is {LARGEST}. Take fewer nodes"
        )
    drawing = _Drawing(graph)
    return Picture(drawing.svg(), drawing.alt())


class _Drawing:
    def __init__(self, graph):
        import networkx

        self.graph, self.system = graph, graph.system
        self.net = networkx.DiGraph(graph.to_networkx())
        configurations = dict(self.net.nodes(data="configuration"))
        decided = {number: c.decisions.values() for number, c in configurations.items()}
        values = dict.fromkeys([*self.system.proposals.values(), *(v for some in decided.values() for v in some)])
        self.slots = value_slots(list(map(show, values)))
        valency = {number: {*map(show, graph.valency(c))} for number, c in configurations.items()}
        self.can = {number: tuple(text for text in self.slots if text in some) for number, some in valency.items()}
        self.over = {number for number, some in decided.items() if some}
        self.layers = self._layers(networkx.single_source_shortest_path_length(self.net, 0))
        widest = max(map(len, self.layers))
        self.space = max(NEAREST, min(FARTHEST, HEIGHT / widest))
        self.height = round(TOP * 2 + self.space * widest)
        self.radius = round(min(8, 0.4 * self.space, 0.3 * self._step()), 1)
        self.at = {number: self._place(x, y) for x, layer in enumerate(self.layers) for y, number in enumerate(layer)}
        self.decisive = [(a, b) for a, b in self.net.edges if len(self.can[a]) > 1 >= len(self.can[b])]

    def _layers(self, depth):
        """The numbers of the configurations by distance; within a layer, each near those that lead to it."""
        layers = [[] for _ in range(max(depth.values()) + 1)]
        for number in sorted(depth):
            layers[depth[number]].append(number)
        rank = {}
        for sweep in range(6):
            for layer in layers if sweep % 2 == 0 else reversed(layers):
                near = self.net.pred if sweep % 2 == 0 else self.net.succ
                middle = {a: [rank[b] for b in near[a] if b in rank and depth[b] != depth[a]] for a in layer}
                layer.sort(key=lambda a: (sum(middle[a]) / len(middle[a]) if middle[a] else rank.get(a, 0), a))
                rank |= {a: (place + 0.5) / len(layer) for place, a in enumerate(layer)}
        return layers

    def _step(self):
        return (WIDTH - 2 * MARGIN) / max(1, len(self.layers) - 1)

    def _place(self, x, y):
        return round(MARGIN + x * self._step(), 1), round(
            self.height / 2 + (y + 0.5 - len(self.layers[x]) / 2) * self.space, 1
        )

    # -- the parts ------------------------------------------------------------------------------------------

    def svg(self):
        kinds = sorted({(self.can[number], number in self.over) for number in self.at})
        names = {kind: f"c{index}" for index, kind in enumerate(kinds)}
        defs = "".join(self._glyph(name, *kind) for kind, name in names.items())
        edges = "".join(self._edge(a, b) for a, b in self.net.edges if a != b)
        bold = "".join(self._edge(a, b) for a, b in self.decisive)
        nodes = "".join(
            f'<use href="#{names[self.can[number], number in self.over]}" x="{x}" y="{y}"/>'
            for number, (x, y) in self.at.items()
        )
        legend, height = self._legend()
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" class="cl-graph" viewBox="0 0 {WIDTH} {height}" '
            f'width="{SHOWN_WIDTH}" height="{round(height * SHOWN_WIDTH / WIDTH)}">'
            f"<style>{style.css('.cl-graph')}{_CSS}</style><defs>{defs}</defs>"
            f'<path class="e" d="{edges}"/><path class="k" d="{bold}"/>{nodes}{legend}</svg>'
        )

    def _edge(self, a, b):
        (x0, y0), (x1, y1) = self.at[a], self.at[b]
        if x0 == x1:  # in one layer: around what lies between
            bend = round(self._step() * 0.4, 1)
            return f"M{x0} {y0}C{x0 + bend} {y0} {x1 + bend} {y1} {x1} {y1}"
        return f"M{x0} {y0}L{x1} {y1}"

    def _glyph(self, name, can, over, radius=None):
        r = radius or self.radius
        ring = f'<circle class="o" r="{round(r + 1.8, 1)}"/>' if over else ""
        if not can:
            d = round(r * 0.45, 1)
            cross = f'<path class="x" d="M{-d} {-d} {d} {d}M{d} {-d} {-d} {d}"/>'
            return f'<g id="{name}">{ring}<circle class="n" r="{r}"/>{cross}</g>'
        slots = [self.slots[text] for text in can]
        if len(slots) == 1:
            fill = f'<circle class="s{slots[0]}" r="{r}"/>'
        else:
            fill = "".join(
                f'<path class="s{slot}" d="{_sector(r, part, len(slots))}"/>' for part, slot in enumerate(slots)
            )
        bars = (
            f'<path class="b" transform="scale({round(r / 6.5, 2)})" d="{BARS[slots[0]]}"/>'
            if len(slots) == 1 and r > 3
            else ""
        )
        return f'<g id="{name}">{fill}{bars}{ring}</g>'

    def _legend(self):
        x, y, parts = MARGIN, self.height + 14, []
        for index, (can, count) in enumerate(self._counts()):
            words = f"{self._words(can)}: {count}"
            wide = 22 + len(words) * 7.6
            if x + wide > WIDTH and x > MARGIN:
                x, y = MARGIN, y + 22
            parts.append(f'<g transform="translate({x + 7} {y - 5})">{self._glyph(f"l{index}", can, False, 6.5)}</g>')
            parts.append(svg_text(x + 20, y, words, "v"))
            x += wide + 12
        if self.over:
            parts.append(svg_text(MARGIN, y + 22, "With a ring: somebody has decided.", "v"))
            y += 22
        return "".join(parts), y + 12

    # -- in words -------------------------------------------------------------------------------------------

    def _counts(self):
        """(values, how many configurations can still end in these), most values first."""
        kinds = sorted(set(self.can.values()), key=lambda can: (-len(can), [self.slots[text] for text in can]))
        return [(can, sum(other == can for other in self.can.values())) for can in kinds]

    @staticmethod
    def _words(can):
        return "stuck" if not can else f"only {can[0]}" if len(can) == 1 else " or ".join(can)

    def alt(self):
        size = f"{len(self.at)} configurations in {len(self.layers)} layers by their distance from the start"
        said = [f"State graph of {self.system}: {size}."]
        kinds = [f"{count} can still end in {' or '.join(can)}" for can, count in self._counts() if len(can) > 1]
        kinds += [f"{count} only in {can[0]}" for can, count in self._counts() if len(can) == 1]
        kinds += [f"{count} in nothing" for can, count in self._counts() if not can]
        said.append(listed(kinds) + ".")
        if self.decisive:
            n = len(self.decisive)
            said.append(
                f"{n} step{'s' * (n > 1)}, drawn in ink, lead{'s' * (n == 1)} from an open outcome to a settled one."
            )
        return " ".join(said)


def _sector(r, part, parts):
    """Path data of one of so many equal sectors of a circle, clockwise from the bottom."""
    a, b = (pi / 2 + 2 * pi * edge / parts for edge in (part, part + 1))
    points = [f"{round(r * cos(angle), 2)} {round(r * sin(angle), 2)}" for angle in (a, b)]
    return f"M0 0L{points[0]}A{r} {r} 0 0 1 {points[1]}Z"


_CSS = (
    f".cl-graph{{font-family:{style.FONT}}}.v{{font-size:14px;fill:var(--ink-2)}}path{{stroke-linecap:round}}"
    ".e,.k,.x,.o,.b{fill:none}.e{stroke:var(--line-2);stroke-width:.8}.k{stroke:var(--ink);stroke-width:1.6}"
    ".n{fill:var(--surface);stroke:var(--ink-2);stroke-width:1.2}.x{stroke:var(--ink);stroke-width:1.4}"
    ".o{stroke:var(--ink);stroke-width:1}.b{stroke:var(--surface);stroke-opacity:.6;stroke-width:1.3}"
    + "".join(f".s{slot}{{fill:var(--{name})}}" for slot, name in enumerate(style.SLOTS))
)  # fmt: skip
