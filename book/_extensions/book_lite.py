"""The chapters in JupyterLite, beside the pages: what the launch button of that name opens.

`tools/lite.py` builds it, from what `make` has put into `.venv/lite`. Without that the pages have no such button.
"""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
TOOL, READY = ROOT / "tools" / "lite.py", ROOT / ".venv" / "lite" / "ready"


def mend_button(app, pagename, templatename, context, doctree):
    """Make its address a way from this page; the theme takes it as the settings have it."""
    for group in context.get("header_buttons", ()):
        for button in list(group.get("buttons", ())):
            if button.get("text") == "JupyterLite":
                if READY.exists():
                    address, _, chapter = button["url"].partition("?")
                    button["url"] = f"{context['pathto'](address, resource=True)}?{chapter}"
                else:
                    group["buttons"].remove(button)


def build(app, exception):
    if READY.exists() and not exception and app.builder.name == "html":
        pyodide = app.config.pyodide_url
        if not pyodide.startswith(("https:", "http:", "/")):
            pyodide = f"./../_static/{pyodide}"  # where the pages' own script starts from
        subprocess.run([sys.executable, TOOL, "build", Path(app.outdir) / "lite", pyodide], check=True)


def setup(app):
    app.connect("html-page-context", mend_button, priority=900)
    app.connect("build-finished", build)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
