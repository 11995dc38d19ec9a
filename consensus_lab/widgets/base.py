"""What all widgets of the book have in common: their two forms, for a live kernel and for a page without one."""

import json
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any

import anywidget
import traitlets
from anywidget.experimental import command

from consensus_lab.answers.answer import answer
from consensus_lab.scene.packed import pack

BUNDLES = Path(__file__).parent / "bundles"  # what tools/bundle.py makes of the modules beside this file
FIRST_SHEET = "stage"  # has the colors of all
SHARED = "shared"  # the module that all others import
MOST_TEXT = 30_000  # letters of data that a page has as they are; more is packed


class Recorded(anywidget.AnyWidget):
    """A widget with a payload that plays by itself, a still `picture`, and a `transcript`.

    A subclass has `kind`, the name of its ES module, and the `heading` that its transcript stands under. The module
    has `mount(element, payload, {request, load})`, and a style sheet of the same name. `needs` names further modules
    that it loads at once: a page brings them along, with their style sheets. Every other module can be loaded later.
    """

    kind = heading = ""
    needs = ()
    payload = traitlets.Dict().tag(sync=True, to_json=lambda payload, _: _text(payload))

    def __init__(self, **traits):
        texts = {name: text_of(f"{name}.js") for name in (SHARED, self.kind, *self.needs)}
        settings = _text({"kind": self.kind, "texts": texts})
        self._esm = text_of("kernel.js").replace("SETTINGS", settings)
        self._css = "".join(text_of(f"{name}.css") for name in sheets(self.kind, *self.needs))
        super().__init__(**traits)

    @property
    def picture(self) -> Any:
        """The still Picture for where nothing can be run."""
        raise NotImplementedError(f"{type(self).__name__} has no picture")

    @property
    def transcript(self) -> str:
        """What the picture shows, as text."""
        raise NotImplementedError(f"{type(self).__name__} has no transcript")

    def _repr_mimebundle_(self, **options):
        bundle = super()._repr_mimebundle_(**options) or {}
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
        picture = self.picture
        needs = f' data-needs="{" ".join(self.needs)}"' if self.needs else ""
        page = (
            f'<div class="cl-{self.kind}" data-widget="{self.kind}"{needs}>'
            f"{_data(self.recorded)}"
            f"<figure>{picture.image}</figure>"
            f"<details><summary>{self.heading}</summary><pre>{escape(self.transcript)}</pre></details></div>"
        )
        return {**data, "text/plain": repr(self), "text/html": page, "image/svg+xml": picture.svg}, metadata

    @command
    def request(self, text, buffers):
        """Answer a request of the page, from JSON text to JSON text: the browser's own kernel would lose a null."""
        message = json.loads(text)
        if isinstance(message, dict) and message.get("do") == "module":
            return _text(module_reply(message.get("name"))), buffers
        return _text(self.answer(message)), buffers

    def answer(self, message):
        """The reply to a request."""
        return answer(message, self.protocols)

    @property
    def recorded(self):
        """The payload of a page without a kernel."""
        return self.payload

    @property
    def protocols(self) -> Sequence[type] | None:
        """The classes in which a request's names are looked up first; None for those of the book."""
        return None


def text_of(file):
    """The text of a bundle.

    Raises
    ------
    FileNotFoundError
        In a copy of the repository in which nothing has made the bundles yet.
    """
    try:
        return (BUNDLES / file).read_text(encoding="utf-8")
    except FileNotFoundError:
        raise FileNotFoundError(
            f"{BUNDLES / file} is not there: the widgets' JavaScript has not been bundled. "
            "Run `python tools/bundle.py` in the repository's folder; an installed package has it already."
        ) from None


def sheets(*names):
    """The names of the style sheets of these modules, each once, in the order in which they have to come."""
    return [name for name in dict.fromkeys((FIRST_SHEET, *names)) if (BUNDLES / f"{name}.css").exists()]


def module_reply(name):
    """The reply to a request for the text of a module, as a page has it in a file."""
    if not isinstance(name, str) or name not in {path.stem for path in BUNDLES.glob("*.js")}:
        return {"error": f"there is no module {name!r}"}
    return {"module": text_of(f"{name}.js")}


def _text(data):
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))


def _data(data):
    """The element of a page that holds the payload: JSON that cannot end it, or, where that is long, packed."""
    text = _text(data)
    if len(text) > MOST_TEXT:
        return f'<script type="application/zlib">{pack(data)}</script>'
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return f'<script type="application/json">{text}</script>'
