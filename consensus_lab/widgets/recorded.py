"""What all widgets of the book have in common: the form in which a page without a kernel shows them."""

import json
from html import escape

import anywidget
import traitlets

from consensus_lab.widgets.answer import answer


class Recorded(anywidget.AnyWidget):
    """A widget with a payload that plays by itself, a still `picture`, and a `transcript`.

    A subclass has `kind`, the name of its ES module, and the `heading` that its transcript stands under.
    """

    kind = heading = ""
    payload = traitlets.Dict().tag(sync=True)

    def _repr_mimebundle_(self, **options):
        bundle = super()._repr_mimebundle_(**options) or {}
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
        picture = self.picture
        page = (
            f'<div class="cl-{self.kind}" data-widget="{self.kind}">'
            f'<script type="application/json">{_script(self.payload)}</script>'
            f"<figure>{picture.image}</figure>"
            f"<details><summary>{self.heading}</summary><pre>{escape(self.transcript)}</pre></details></div>"
        )
        return {**data, "text/plain": repr(self), "text/html": page, "image/svg+xml": picture.svg}, metadata

    @anywidget.experimental.command
    def request(self, message, buffers):
        """Answer a request of the page."""
        return answer(message, self.protocols), buffers

    @property
    def protocols(self):
        """The classes in which a request's names are looked up first; None for those of the book."""
        return None


def _script(data):
    """JSON that cannot end the script element it stands in."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text
