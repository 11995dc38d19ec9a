"""Bring the recorded widgets of a page to life, with nothing but the page's own files.

A widget's output is a ``<div data-widget="NAME">`` with its run as JSON, a picture and a transcript.
Pages with such a div get ``mount.js`` and, as text in scripts of their own, the modules of their widgets.

What the recording cannot answer is asked of Python in the page: Pyodide, from the address in ``pyodide_url``, with a
wheel of the package that is made together with the book, so that both are always the same code.
"""

import hashlib
import json
import re
import shutil
import tempfile
import zipfile
from pathlib import Path

HERE = Path(__file__).parent
PACKAGE = HERE.parent.parent / "consensus_lab"
WIDGETS = PACKAGE / "widgets"
PYTHON = ("python", "worker")
PYODIDE = "https://cdn.jsdelivr.net/npm/pyodide@314.0.7/"
MIDNIGHT = (1980, 1, 1, 0, 0, 0)  # the same files give the same wheel


def write_assets(app):
    # A static folder, and not the output, so that Sphinx puts each file's digest into its address.
    folder = Path(tempfile.mkdtemp(prefix="consensus-lab-"))
    app.connect("build-finished", lambda *_: shutil.rmtree(folder, ignore_errors=True))
    app.config.html_static_path.append(str(folder))

    for path in (*WIDGETS.glob("*.js"), *(HERE / f"{name}.js" for name in PYTHON)):
        script = f"(window.consensusLab ??= {{}}).{path.stem} = {json.dumps(path.read_text(encoding='utf-8'))};\n"
        (folder / f"module-{path.stem}.js").write_text(script, encoding="utf-8")
    settings = {"pyodide": app.config.pyodide_url, "wheel": write_wheel(folder)}
    script = (HERE / "mount.js").read_text(encoding="utf-8")
    (folder / "mount.js").write_text(script.replace("SETTINGS", json.dumps(settings)), encoding="utf-8")
    for sheet in WIDGETS.glob("*.css"):
        shutil.copy(sheet, folder)


def write_wheel(folder):
    """Zip the package up, for Python to import from; its name has the digest, so that no old one is taken for it."""
    whole = folder / "package.zip"
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as wheel:
        for path in sorted(PACKAGE.rglob("*.py")):
            entry = zipfile.ZipInfo(path.relative_to(PACKAGE.parent).as_posix(), MIDNIGHT)
            wheel.writestr(entry, path.read_bytes(), zipfile.ZIP_DEFLATED)
    digest = hashlib.sha256(whole.read_bytes()).hexdigest()[:12]
    return whole.rename(folder / f"consensus_lab-{digest}.whl").name


def add_to_page(app, pagename, templatename, context, doctree):
    widgets = sorted(set(re.findall(r'data-widget="(\w+)"', context.get("body", ""))))
    if widgets:
        for name in (*widgets, *PYTHON):
            app.add_js_file(f"module-{name}.js", loading_method="defer")
        app.add_js_file("mount.js", loading_method="defer")
        for name in dict.fromkeys(("stage", *widgets)):  # the stage's has the colors of all
            app.add_css_file(f"{name}.css")


def setup(app):
    app.add_config_value("pyodide_url", PYODIDE, "html", str)
    app.connect("builder-inited", write_assets)
    app.connect("html-page-context", add_to_page)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
