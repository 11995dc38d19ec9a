"""The picture of a history: a span for each call, and the moments at which all of them can have taken effect.

Time runs to the right, a row is a client, and color is the value that was answered. Where the history is linearizable,
a dot in each span is the moment of its effect, and the line at the bottom has all of these in their order. Where it is
not, the spans that contradict each other are bold. Pictures of this kind are in Herlihy and Wing (1990), section 1,
https://doi.org/10.1145/78969.78972.
"""

from dataclasses import replace
from html import escape

from consensus_lab.figures import style
from consensus_lab.figures.glyphs import CSS, glyph, shorten, sign, svg_text, wide, wrap
from consensus_lab.figures.picture import Picture
from consensus_lab.figures.run import SHOWN_WIDTH, WIDTH
from consensus_lab.linearizability.linearization import Linearization
from consensus_lab.model.values import canonical, show

ROW, MARGIN, TOP = 46, 10, 82
MOST, TOLD, NUMBERED = 60, 24, 30  # operations that are shown, told in the text, and numbered in the picture
LEAST = 6  # characters of a label: one that has room for fewer is left out
OWN = """.span{stroke-width:2}.span.su{stroke:var(--ink-3)}.core .span{stroke-width:5}
.said{font-size:13px;fill:var(--ink-2)}
.core .said{fill:var(--ink);font-weight:650}.rest{opacity:.6}.drop{stroke:var(--line-2);stroke-dasharray:1 4}
.axis{stroke:var(--ink-2);stroke-width:1.3}.never{stroke-dasharray:6 5}""".replace("\n", "")


def history_picture(found, title=""):
    """The Picture of the history that `linearize` has looked at, with what it found.

    Parameters
    ----------
    found : Linearization
        What `linearize` has returned.
    title : str, optional
        Stands above the picture.
    """
    if not isinstance(found, Linearization):
        raise ValueError(f"{found!r:.60} is no Linearization; pass what linearize(history, machine) gives")
    return Picture(_Diagram(found, title).svg(), _describe(found, title))


class _Diagram:
    def __init__(self, found, title):
        self.found, self.title = found, title
        self.shown = _window(found)
        self.clients = sorted({op.client for op in found.history}, key=canonical)
        self.names = [shorten(str(client), 14) for client in self.clients]
        self.left = MARGIN + max(wide(name, 15) for name in ["in order", *self.names]) + 6
        self.right = WIDTH - MARGIN - 10
        answers = dict.fromkeys(op.answer for op in self.shown if op.returned is not None and op.answer is not None)
        self.slots = dict(zip(answers, range(len(style.SLOTS)))) if len(answers) <= len(style.SLOTS) else {}
        self.used, self.at = set(), self._places()
        self.bottom = TOP + ROW * (len(self.clients) - 1)

    def _places(self):
        """Where each time is: in proportion, but no two events too near each other."""
        times = sorted({t for op in self.shown for t in (op.invoked, op.returned) if t is not None})
        gap = 0.6 * (times[-1] - times[0]) / len(times) if times else 0
        at = [0.0]
        for before, now in zip(times, times[1:]):
            at.append(at[-1] + max(now - before, gap))
        scale = (self.right - self.left) / (at[-1] or 1)
        return {time: round(self.left + place * scale, 1) for time, place in zip(times, at)}

    def x0(self, op):
        return self.at[op.invoked]

    def x1(self, op):
        return self.right + 10 if op.returned is None else self.at[op.returned]

    def y(self, op):
        return TOP + ROW * self.clients.index(op.client)

    def slot(self, op):
        return None if op.returned is None else self.slots.get(op.answer)

    # -- the parts ------------------------------------------------------------------------------------------

    def svg(self):
        body = [*self._rows(), *map(self._span, self.shown), *(self._order() if self.found else ())]
        foot, height = self._foot()
        defs = "".join(glyph("vote", slot) if slot >= 0 else glyph("none", slot) for slot in sorted(self.used))
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" class="cl-run" viewBox="0 0 {WIDTH} {height}" '
            f'width="{SHOWN_WIDTH}" height="{round(height * SHOWN_WIDTH / WIDTH)}">'
            f"<style>{style.css('.cl-run')}{CSS}{OWN}</style><defs>{defs}</defs>{self._head()}{''.join(body)}{foot}</svg>"
        )

    def _head(self):
        count, whole = len(self.shown), len(self.found.history)
        about = f"{whole:,} operation{'s' * (whole != 1)} of {len(self.clients)} client{'s' * (len(self.clients) != 1)}"
        about += f", {count} of them shown" * (count < whole)
        if not self.title:
            return svg_text(MARGIN, 32, about, "about")
        return svg_text(MARGIN, 24, self.title, "title") + svg_text(MARGIN, 45, about, "about")

    def _rows(self):
        for row, name in enumerate(self.names):
            yield svg_text(MARGIN, TOP + ROW * row + 5, name, "name")

    def _span(self, op):
        x0, x1, y, slot = self.x0(op), self.x1(op), self.y(op), self.slot(op)
        core, never = any(op is other for other in self.found.part), op.returned is None
        color = "su" if slot is None else f"s{slot}"
        ends = f"M{x0} {y - 6}v12" + ("" if never else f"M{x1} {y - 6}v12")
        line = f'<path class="span {color}{" never" * never}" d="M{x0} {y}H{x1}"/>'
        line += f'<path class="span {color}" d="{ends}"/>'
        label = f"{show(op.command)} →" + (" ?" if never else f" {show(op.answer)}")
        room = int((self._room(op) - x0 - 4) / wide("x", 13))
        text = svg_text(x0, y - 12, shorten(label, room), "said") if room >= min(len(label), LEAST) else ""
        kind = "core" if core else "rest" if self.found.part else "op"
        return f'<g class="{kind}"><title>{escape(str(op))}</title>{line}{text}</g>'

    def _room(self, op):
        """Where the client's next span begins."""
        later = [self.x0(other) for other in self.shown if other.client == op.client and other.invoked > op.invoked]
        return min(later, default=WIDTH - MARGIN)

    def _order(self):
        axis = self.bottom + ROW
        yield svg_text(MARGIN, axis + 5, "in order", "word")
        yield f'<path class="axis" d="M{self.left} {axis}H{self.right + 10}"/>'
        for number, (op, x) in enumerate(self._moments(), 1):
            slot = self.slot(op)
            slot = -1 if slot is None else slot
            self.used.add(slot)
            name = f"vote{slot}" if slot >= 0 else "none"
            yield f'<path class="drop" d="M{x} {self.y(op) + 9}V{axis - 4}"/><path class="axis" d="M{x} {axis - 4}v8"/>'
            yield f'<use href="#{name}" x="{x}" y="{self.y(op)}"/>'
            if len(self.shown) <= NUMBERED:
                yield svg_text(x, axis + 18, number, "step mid")

    def _moments(self):
        """(operation, place) for each operation that is shown, in order; spread in the picture, not in time."""
        drawn = {id(op): replace(op, invoked=self.x0(op), returned=self.x1(op)) for op in self.shown}
        order = [op for op in self.found.order if id(op) in drawn]
        places = Linearization(tuple(drawn.values()), tuple(drawn[id(op)] for op in order)).moments
        return [(op, round(x, 1)) for op, x in zip(order, places)]

    def _foot(self):
        y, parts = self.bottom + (ROW + 46 if self.found else 44), []
        lines = wrap(_verdict(self.found), WIDTH - 2 * MARGIN - 24, 14)
        if not self.found:
            parts.append(sign("bang" if self.found.gave_up else "ne", MARGIN + 9, y - 5))
        for line in lines:
            parts.append(svg_text(MARGIN + 26 * (not self.found), y, line, "foot"))
            y += 20
        return "".join(parts), y


def _window(found):
    """The operations to show: the part and what was open meanwhile, or else the first ones."""
    calls = sorted(found.history, key=lambda op: op.invoked)
    if len(calls) <= MOST:
        return calls
    part = {*map(id, found.part)}
    begin, end = (min(op.invoked for op in found.part), max(op.returned for op in found.part)) if part else (None, None)
    near = [op for op in calls if not part or (op.invoked < end and (op.returned is None or op.returned > begin))]
    others = [op for op in near if id(op) not in part]
    others = others[len(part) - MOST :] if part else others[:MOST]
    return [op for op in near if id(op) in part or any(op is other for other in others)]


def _verdict(found):
    if found.gave_up:
        return "Nobody knows: the search for an order has given up."
    if found:
        return "Each operation can have taken effect at the moment of its dot."
    if len(found.part) == 1:
        return "No order explains the bold answer."
    return f"The bold {len(found.part)} contradict each other, whatever the others did."


def _describe(found, title):
    said = [f"{title}." if title else "", f"A history of {len(found.history):,} operations.", _verdict(found)]
    told = found.order if found else found.part
    if told:
        said.append("In order:" if found else "They are:" if len(told) > 1 else "It is")
        said.append("; ".join(map(str, told[:TOLD])) + ("; and so on." if len(told) > TOLD else "."))
    return " ".join(filter(None, said))
