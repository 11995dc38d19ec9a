"""A page with one widget and nothing else, with the real Python to answer it."""

import json
from pathlib import Path

from consensus_lab.answers.answer import answer

WIDGETS = Path(__file__).resolve().parent.parent.parent / "consensus_lab" / "widgets"
MODULES = {path.stem: path.read_text(encoding="utf-8") for path in WIDGETS.rglob("*.js")}
FORBIDDEN = ("innerHTML", "outerHTML", "insertAdjacentHTML", "eval(", "import ", "document.write", "new Function")
PYTHON = "async message => JSON.parse(await window.python(JSON.stringify(message)))"
PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Alone</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">
<style>body { margin: 0; font: 16px sans-serif } main { max-width: 860px; margin: auto; padding: 0 16px }
@media (prefers-color-scheme: dark) { body { background: #14181e; color: #ced6dd } }</style>
<style>%(style)s</style>
<main><h1>Alone</h1><h2>Here</h2><div id="here"><p>What was there before</p></div></main>
<script type="module">
  const texts = %(modules)s, modules = {};
  const address = name => URL.createObjectURL(new Blob([texts[name]], { type: "text/javascript" }));
  const load = name => modules[name] ??= import(address(name));
  const { mount } = await load("%(kind)s");
  window.widget = mount(document.querySelector("#here"), %(payload)s, { request: %(request)s, load });
</script></html>"""


def open_alone(page, widget, folder, request=PYTHON, payload=None):
    """Write the widget's page into a folder and open it; with `request="null"` there is no Python."""
    sheets = [WIDGETS / name / f"{name}.css" for name in dict.fromkeys(("stage", widget.kind, *widget.needs))]
    text = PAGE % {
        "style": "".join(sheet.read_text(encoding="utf-8") for sheet in sheets if sheet.exists()),
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
