"""The still picture of a state graph's map: the dots of `consensus_lab.scene.graph_map`, without a script."""

from math import ceil, hypot, log10

from consensus_lab.figures import style
from consensus_lab.figures.glyphs import svg_text, wrap
from consensus_lab.figures.picture import Picture
from consensus_lab.figures.run import SHOWN_WIDTH, WIDTH

TOP, TALL = 46, 320
DOTS, CIRCLES = (28, 12), (34, 50)  # the margins at the left and the right
NEAR, FAR, ROW, APART = 8, 36, 8.5, (58, 120)  # from dot to dot, from row to row, and from circle to circle


def map_picture(payload):
    """The picture of what a GraphView shows; `payload` is that of the widget."""
    drawing = _Drawing(payload)
    return Picture(drawing.svg(), f"State graph, {payload['title']}: {payload['say']}")


class _Drawing:
    def __init__(self, payload):
        self.payload, self.slots = payload, dict(payload["values"])
        self.kinds = [payload["kinds"][number] for number in payload["kind"]]
        self.count = payload["count"]
        self._lay_out(payload["layers"])

    def _lay_out(self, layers):
        (margin, right), (near, far) = (CIRCLES, APART) if self.count else (DOTS, (NEAR, FAR))
        room = WIDTH - margin - right
        pitch = 30 if self.count else ROW
        rows = [ceil(n / (room // near + 1)) for n in layers]
        gaps = [min(far, room / (n - 1)) if n > 1 else 0 for n in layers]
        band = max(40 if self.count else 24, min(48, (TALL - sum(r - 1 for r in rows) * pitch) / len(layers)))
        space = [min(gap * r, hypot(gap, pitch)) if r > 1 else gap for n, r, gap in zip(layers, rows, gaps) if n > 1]
        self.radius = round(max(2.2, min([6.5, *(0.42 * each for each in space)])), 1)
        self.at, self.rules, top = [], [], TOP
        for n, r, gap in zip(layers, rows, gaps):
            left = margin + (room - gap * (n - 1)) / 2
            self.at += [(round(left + i * gap), round(top + i % r * pitch)) for i in range(n)]
            self.rules.append(round(top + (r - 1) * pitch / 2))
            top += (r - 1) * pitch + band
        self.height = round(top - band + 24)

    def svg(self):
        payload = self.payload
        parts = [svg_text(10, 24, payload["title"], "title")]
        parts += [svg_text(10, y + 4, k, "layer") for k, y in enumerate(self.rules)]
        parts += [*self._edges(), *self._dots(), *self._legend()]
        for line in wrap(payload["say"], WIDTH - 20, 13):
            parts.append(svg_text(10, self.height, line, "v"))
            self.height += 18
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" class="cl-map" viewBox="0 0 {WIDTH} {self.height}" '
            f'width="{SHOWN_WIDTH}" height="{round(self.height * SHOWN_WIDTH / WIDTH)}">'
            f"<style>{style.css('.cl-map')}{_CSS}</style>{''.join(parts)}</svg>"
        )

    def _edges(self):
        """One path for all that lead to the same color; those that settle the outcome are bolder."""
        paths = {}
        for a, row in enumerate(self.payload["edges"]):
            for by in row[::2]:
                b = a + by
                settles = _open(self.kinds[a]) and not _open(self.kinds[b])
                (x, y), (x1, y1) = self.at[a], self.at[b]
                paths.setdefault((settles, self._slot(self.kinds[b])), []).append(f"M{x} {y}l{x1 - x} {y1 - y}")
        for settles, slot in sorted(paths, key=lambda key: (key[0], str(key[1]))):
            classes = f"e{' k' * settles} {'e0' if slot is None else f'l{slot}'}"
            yield f'<path class="{classes}" d="{"".join(paths[settles, slot])}"/>'

    def _slot(self, kind):
        return self.slots[kind["can"][0]] if not kind["sign"] and kind["can"] and len(kind["can"]) == 1 else None

    def _dots(self):
        groups = {}
        for at, number in enumerate(self.payload["kind"]):
            r = round(4.5 + 2 * log10(self.count[at]), 1) if self.count else self.radius
            groups.setdefault((number, r), []).append(self.at[at])
        for (number, r), points in groups.items():
            yield self._glyphs(self.payload["kinds"][number], points, r)
        if self.payload["two_way"]:
            yield self._pivots([self.at[at] for at, _ in self.payload["two_way"]], self.radius)
        for at, n in enumerate(self.count or ()):
            x, y = self.at[at]
            yield svg_text(round(x + 9 + 2 * log10(n)), y + 4, f"{n:,}", "n")

    def _glyphs(self, kind, points, r):
        """Dots are strokes of no length with round ends, so that many are one path."""
        d, slot = _spots(points), self._slot(kind)
        filled = self.slots[kind["decided"][0]] if kind["decided"] else slot

        def path(cls, wide, d=d):
            return f'<path class="{cls}" stroke-width="{round(wide, 1)}" d="{d}"/>'

        if kind["sign"]:
            h = round(r / 2, 1)
            slash = "".join(f"M{round(x - h, 1)} {round(y + h, 1)}l{2 * h} {-2 * h}" for x, y in points)
            level = "".join(f"M{round(x - h, 1)} {round(y - h / 2, 1)}h{2 * h}m0 {h}h{-2 * h}" for x, y in points)
            return path("i", 2 * r + 2) + path("p", 1.2, slash if kind["sign"] == "none" else level)
        core = round(r * 0.62, 1) if kind["decided"] else r
        rim = "f" if kind["can"] is None else "i" if slot is None else f"l{slot}"
        ring = path(rim, 2 * r + 1.4) + path("p", 2 * r - 1) if core < r else ""
        if filled is None:
            return path("f" if kind["can"] is None else "d", 2 * r) + path("p", 2 * r - 2.2)
        h = round(core * 0.6, 1)
        bars = ("m0 {a}v{b}", "m{a} 0h{b}", "h0", "m{a} {c}l{b} -{b}", "")[filled].format(a=-h, b=2 * h, c=h)
        marks = "".join(f"M{x} {y}{bars}" for x, y in points)
        return ring + path(f"s{filled}", 2 * core) + (path("p b", 0.9, marks) if bars else "")

    @staticmethod
    def _pivots(points, r):
        """Open dots where one node's next step settles the outcome either way."""
        wide = {"i": round(2 * r + 0.8, 1), "p": round(2 * r - 2, 1), "i ": round(0.8 * r, 1)}
        return "".join(f'<path class="{cls}" stroke-width="{w}" d="{_spots(points)}"/>' for cls, w in wide.items())

    def _legend(self):
        x, y, two_way = 10, self.height, len(self.payload["two_way"])
        entries = [(f"{kind['label']}: {kind['count']:,}", self._glyphs, kind) for kind in self.payload["kinds"]]
        for words, draw, *kind in [*entries, *[(f"before a 2-way step: {two_way}", self._pivots)] * (two_way > 0)]:
            wide = 26 + len(words) * 7
            if x + wide > WIDTH and x > 10:
                x, y = 10, y + 21
            yield draw(*kind, [(x + 7, y - 5)], 6) + svg_text(x + 20, y, words, "v")
            x += wide + 8
        self.height = y + 26


def _spots(points):
    return "".join(f"M{x} {y}h0" for x, y in points)


def _open(kind):
    return kind["can"] is not None and len(kind["can"]) > 1


_CSS = (
    f".cl-map{{font-family:{style.FONT}}}.title{{font-size:17px;font-weight:650}}text{{fill:var(--ink)}}"
    ".v{font-size:13px;fill:var(--ink-2)}.layer{font-size:11px;fill:var(--ink-3)}.n{font-size:12px;fill:var(--ink-2)}"
    "path{fill:none;stroke-linecap:round}.e0{stroke:var(--ink-3)}"
    + "".join(
        f".s{slot}{{stroke:var(--{name})}}.l{slot}{{stroke:var(--{style.line_color(slot)})}}"
        for slot, name in enumerate(style.SLOTS)
    )
    + ".e{stroke-width:.6;stroke-opacity:.28}.e.k{stroke-width:1.3;stroke-opacity:.9}.i{stroke:var(--ink)}"
    ".d{stroke:var(--ink-2)}.p{stroke:var(--surface)}.f{stroke:var(--line-2)}.b{stroke-opacity:.75}"
)
