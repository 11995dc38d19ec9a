"""A page with one widget and nothing else, with the real Python to answer it."""

import json

from consensus_lab.answers.answer import answer
from consensus_lab.widgets.base import BUNDLES, sheets, text_of

MODULES = {path.stem: path.read_text(encoding="utf-8") for path in BUNDLES.glob("*.js")}
LOADER = (BUNDLES.parent / "homes" / "loader.js").read_text(encoding="utf-8").replace("export ", "")
PYTHON = "async message => JSON.parse(await window.python(JSON.stringify(message)))"
PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Alone</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">
<style>body { margin: 0; font: 16px sans-serif } main { max-width: 860px; margin: auto; padding: 0 16px }
@media (prefers-color-scheme: dark) { body { background: #14181e; color: #ced6dd } }</style>
<style>%(style)s</style>
<main><h1>Alone</h1><h2>Here</h2><div id="here"><p>What was there before</p></div></main>
<script type="module">
  %(loader)s
  const texts = %(modules)s, load = createLoader(async name => texts[name]);
  const { mount } = await load("%(kind)s");
  window.widget = mount(document.querySelector("#here"), %(payload)s, { request: %(request)s, load });
</script></html>"""


def open_alone(page, widget, folder, request=PYTHON, payload=None):
    """Write the widget's page into a folder and open it; with `request="null"` there is no Python."""
    text = PAGE % {
        "style": "".join(text_of(f"{name}.css") for name in sheets(widget.kind, *widget.needs)),
        "loader": LOADER,
        "modules": _script(MODULES),
        "kind": widget.kind,
        "payload": _script(payload or widget.payload),
        "request": request,
    }
    (folder / "page.html").write_text(text, encoding="utf-8")
    if request == PYTHON:
        page.expose_function("python", lambda text: json.dumps(answer(json.loads(text))))
    page.goto((folder / "page.html").as_uri())
    page.wait_for_function("window.widget")  # its script waits for modules, for which the page's load does not


def _script(value):
    return json.dumps(value).replace("<", "\\u003c")
