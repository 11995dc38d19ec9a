"""The still picture of a run: its space-time diagram, after Lamport (1978), https://doi.org/10.1145/359545.359563.

The visual language is that of the stage: color is a value, shape is a state, ink is a verdict. Time runs to the
right. One thin line is a node that is undecided, one line in a value's color one that holds the value, two lines one
that has decided, and a dotted line one that has crashed.
"""

from html import escape
from math import atan2, hypot

from consensus_lab.figures import style
from consensus_lab.figures.describe import describe_scene, verdict_lines
from consensus_lab.figures.glyphs import CROSS, CSS, SIGNS, glyph, shorten, sign, svg_text, tip, wide, wrap
from consensus_lab.figures.picture import Picture
from consensus_lab.scene.scene import scene

WIDTH, SHOWN_WIDTH = 560, 700  # in units of the picture, and on the page; text of 14 can be read on a phone too
ROW, MARGIN = 38, 10
WHOLE, BEYOND = 90, 12  # longer runs show as many steps, up to a few after what is broken
GAP, LEAD, TAIL = 0.1, 0.35, 0.5  # time between steps at least; before the first; after the last
REACH = {"vote": 9.5, "decide": 12}  # how far from its center a mark ends
LOST_AT, OPEN_AT = 0.58, 0.72  # where on its way a message is lost, or its line ends that is never delivered


def run_picture(run, title=""):
    """The space-time diagram of `run` as a Picture that describes it in its alternative text too."""
    return scene_picture(scene(run, title, valencies=False))


def scene_picture(data):
    """The picture of a run that is a scene already."""
    return Picture(_Diagram(data).svg(), describe_scene(data))


class _Diagram:
    def __init__(self, data):
        self.data, self.steps = data, data["steps"]
        self.names = [shorten(name, 16) for name in data["names"]]
        self.slots = dict(data["values"])
        self.states = [data["nodes"]]
        for step in self.steps:
            changed = step.get("set", {})
            self.states.append([changed.get(str(i), view) for i, view in enumerate(self.states[-1])])
        self.first, self.last = self._window()
        self.at = self._times()
        self.labels = [shorten(view["words"], 22) for view in self.states[self.last]]
        self.left = MARGIN + wide(max(self.names, key=wide), 15) + 10
        self.right = WIDTH - MARGIN - wide(max(self.labels, key=wide), 13) - 24
        titled, signed = data["title"] != data["protocol"], any(p["broken"] is not None for p in data["properties"])
        self.top = 60 + 18 * titled + 20 * signed
        self.bottom = self.top + ROW * (len(self.names) - 1)
        self.used = set()

    # -- where things are -----------------------------------------------------------------------------------

    def _window(self):
        n = len(self.steps)
        broken = [p["broken"] for p in self.data["properties"] if p["broken"] is not None]
        last = n if n <= WHOLE else min(n, max([WHOLE, *(k + BEYOND for k in broken)]))
        return max(0, last - WHOLE), last

    def _times(self):
        """Where each step is on the time line: by virtual time, but never too near the one before."""
        times = [step["t"] for step in self.steps]
        gap = min(GAP, 0.6 * times[-1] / len(times)) if times and times[-1] > 0 else GAP
        at = [-LEAD]
        for before, now in zip([0.0, *times], times):
            at.append(at[-1] + max(now - before, gap))
        return at

    def x(self, k):
        start, end = self.at[self.first], self.at[self.last] + TAIL * (len(self.steps) > 0) + 0.1
        return round(self.left + (self.at[k] - start) / (end - start) * (self.right - self.left), 1)

    def y(self, i):
        return self.top + ROW * i

    def shown(self, k):
        return self.first <= k <= self.last

    def slot(self, value):
        return None if value is None else self.slots.get(value, 4)

    # -- the parts ------------------------------------------------------------------------------------------

    def svg(self):
        lines = verdict_lines(self.data)
        foot, height = self._verdicts(lines, self.bottom + 62)
        parts = [self._head(), *self._lives(), *self._timers(), *self._messages(), *self._marks(), *self._clashes(),
                 *self._tags(), self._axis(), *self._labels(), foot]  # fmt: skip
        defs = "".join(glyph(what, slot) for what, slot in sorted(self.used))
        clip = (
            f'<clipPath id="w"><path d="M{self.left} 0H{WIDTH}V{height}H{self.left}Z"/></clipPath>'
            if self.first
            else ""
        )
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" class="cl-run" viewBox="0 0 {WIDTH} {height}" '
            f'width="{SHOWN_WIDTH}" height="{round(height * SHOWN_WIDTH / WIDTH)}">'
            f"<style>{style.css('.cl-run')}{CSS}</style><defs>{defs}{clip}</defs>{''.join(parts)}</svg>"
        )

    def _head(self):
        data, n = self.data, len(self.names)
        about = f"{data['protocol']}, {n} node{'s' * (n > 1)}, {data['network']} network"
        if self.last - self.first < len(self.steps):
            about += f": steps {self.first + 1} to {self.last} of {len(self.steps)}"
        title = "" if data["title"] == data["protocol"] else data["title"]
        if not title:
            return svg_text(MARGIN, 32, about, "about")
        return svg_text(MARGIN, 24, title, "title") + svg_text(MARGIN, 45, about, "about")

    def _lives(self):
        for i in range(len(self.names)):
            k, y = self.first, self.y(i)
            while k <= self.last:
                view, since = self.states[k][i], k
                while k <= self.last and all(self.states[k][i][key] == view[key] for key in ("state", "value")):
                    k += 1
                x0 = self.left if since == self.first else self.x(since)
                x1 = self.x(k) if k <= self.last else self.right
                slot, state = self.slot(view["value"]), view["state"]
                if state == "crashed":
                    yield f'<path class="gone" d="M{x0 + 12} {y}H{x1}"/>'
                elif state == "decided":
                    yield f'<path class="life s{slot}" d="M{x0} {y - 2.8}H{x1}M{x0} {y + 2.8}H{x1}"/>'
                else:
                    yield f'<path class="life s{"u" if slot is None else slot}" d="M{x0} {y}H{x1}"/>'

    def _timers(self):
        for i in range(len(self.names)):
            begun = {}
            for k in range(self.first, self.last + 1):
                armed = {(name, since) for name, since, _ in self.states[k][i].get("timers", ())}
                for timer in [timer for timer in begun if timer not in armed]:
                    yield self._bracket(i, begun.pop(timer), self.x(k), "v7")
                for timer in sorted(armed - begun.keys()):
                    begun[timer] = self.x(k)
            for x in begun.values():
                yield self._bracket(i, x, self.right, "")

    def _bracket(self, i, x0, x1, down):
        return f'<path class="thin" d="M{x0} {self.y(i) - 4}v-7H{x1}{down}"/>'

    def _messages(self):
        shafts, opens, tips, lost, rings = {}, {}, {}, [], []
        for source, target, _, value, sent, end, fate, *_ in self.data["messages"]:
            if not (sent <= self.last and (end is None or end > self.first)):
                continue
            slot, y0, y1 = self.slot(value), self.y(source), self.y(target)
            x0, x1 = self.x(sent), self.x(end) if end is not None else self.x(sent) + 46
            if end is not None and end > self.last:
                end, fate, x1 = None, None, self.x(sent) + 46
            part = {"deliver": 1, "drop": LOST_AT}.get(fate or "", OPEN_AT)
            if fate == "deliver" and end is not None:  # the tip stops short of what is drawn where it arrives
                part -= REACH.get(self.steps[end - 1].get("mark"), 4) / (hypot(x1 - x0, y1 - y0) or 1)
            x, y = round(x0 + (x1 - x0) * part, 1), round(y0 + (y1 - y0) * part, 1)
            (shafts if fate == "deliver" else opens).setdefault(slot, []).append(f"M{x0} {y0}L{x} {y}")
            if fate == "deliver":
                tips.setdefault(slot, []).append(tip(slot, x, y, atan2(y1 - y0, x1 - x0)))
            elif fate == "drop":
                lost.append(CROSS.format(x, y))
            else:
                rings.append((slot, f"M{x} {y}h.01"))
        clip = ' clip-path="url(#w)"' if self.first else ""
        yield f"<g{clip}>"
        for slot in sorted({*shafts, *opens}, key=lambda slot: (slot is None, slot)):
            name = "su" if slot is None else f"s{slot}"
            for cls, paths in (("way", shafts), ("way open", opens), ("tip", tips)):
                if slot in paths:
                    yield f'<path class="{cls} {name}" d="{"".join(paths[slot])}"/>'
            ends = "".join(d for s, d in rings if s == slot)
            if ends:
                yield f'<path class="end {name}" d="{ends}"/><path class="end2" d="{ends}"/>'
        if lost:
            yield f'<path class="cross" d="{"".join(lost)}"/>'
        yield "</g>"

    def _marks(self):
        dots = []
        for k in range(self.first + 1, self.last + 1):
            step = self.steps[k - 1]
            mark, i = step.get("mark"), step["node"]
            x, y = self.x(k), self.y(i)
            if mark in ("vote", "decide"):
                yield self._use(mark, self.states[k][i]["value"], x, y)
            elif mark in ("crash", "restart"):
                yield self._use(mark, None, x, y)
            elif step["kind"] in ("deliver", "timeout", "propose"):
                dots.append(f"M{x} {y}h.01")
        if dots:
            yield f'<path class="dot" d="{"".join(dots)}"/><path class="dot2" d="{"".join(dots)}"/>'

    def _clashes(self):
        for verdict in self.data["properties"]:
            k = verdict["broken"]
            if k is not None and self.shown(k) and verdict["sign"] in SIGNS:
                x, to = self.x(k), max([0, *map(self.y, verdict["between"])])
                line = f'<path class="clash" d="M{x} {self.top - 14}V{to - 12}"/>' if to else ""
                yield f"{line}{sign(verdict['sign'], x, self.top - 24)}"

    def _tags(self):
        """The tag of each ballot or term, where its first message is sent."""
        tags = self.data.get("tags", {"rows": (), "messages": ()})
        told = set()
        for row, (sender, _, _, _, sent, *_) in zip(tags["messages"], self.data["messages"]):
            if row is not None and row not in told and self.shown(sent):
                told.add(row)
                yield svg_text(self.x(sent) + 4, self.y(sender) + 15, tags["rows"][row][0], "tag")

    def _axis(self):
        y = self.bottom + 20
        ticks, numbers, free = [], [], 0
        for k in range(self.first + 1, self.last + 1):
            ticks.append(f"M{self.x(k)} {y}v{6 if k % 5 == 0 else 3}")
            if k % 5 == 0 and self.x(k) >= free:
                numbers.append(svg_text(self.x(k), y + 17, k, "step mid"))
                free = self.x(k) + 18
        label = svg_text(MARGIN, y + 17, "step", "step") if numbers else ""
        return f'<path class="thin" d="{"".join(ticks)}"/>{"".join(numbers)}{label}'

    def _labels(self):
        for i, name in enumerate(self.names):
            view, y = self.states[self.last][i], self.y(i)
            yield svg_text(MARGIN, y + 5, name, "name")
            glyph = {"voted": "vote", "decided": "decide", "crashed": "down"}.get(view["state"], "none")
            yield self._use(glyph, view["value"] if glyph in ("vote", "decide") else None, self.right + 10, y)
            yield svg_text(self.right + 24, y + 4.5, self.labels[i], "sure" if glyph == "decide" else "word")

    def _verdicts(self, lines, y):
        parts = []
        for kind, strong, rest in lines:
            x = MARGIN + 22 if kind else MARGIN
            rows = wrap(f"{strong} {rest}", WIDTH - MARGIN - x, 14)
            if kind:
                parts.append(sign(kind, MARGIN + 7, y - 5))
            bold = f"<tspan class='bold'>{escape(strong)}</tspan>{escape(rows[0][len(strong) :])}"
            parts.append(f'<text class="foot" x="{x}" y="{y}">{bold}</text>')
            for row in rows[1:]:
                y += 19
                parts.append(svg_text(x, y, row, "foot"))
            y += 22
        return "".join(parts), y - 8

    def _use(self, what, value, x, y):
        slot = self.slot(value)
        self.used.add((what, -1 if slot is None else slot))
        return f'<use href="#{what}{"" if slot is None else slot}" x="{x}" y="{y}"/>'
