"""Bring the recorded widgets of a page to life, with nothing but the page's own files.

A widget's output is a ``<div data-widget="NAME" data-needs="OTHER ...">`` with its run as JSON, a picture and a
transcript. Pages with such a div get ``mount.js`` and, as text in scripts of their own, the modules that it names and
what all of them share, with their style sheets. The other modules stay beside the pages, to be loaded when wanted.
What the first widget of a page needs comes at the top of the page, which says when it has that widget, so that it is
drawn while the rest is still on its way.

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

from sphinx.errors import ExtensionError

ROOT = Path(__file__).resolve().parent.parent.parent
PACKAGE = ROOT / "consensus_lab"
BUNDLES = PACKAGE / "widgets" / "bundles"  # made by tools/bundle.py
EDITOR = ROOT / ".venv" / "editor" / "editor.js"  # made by tools/editor.py; exercises do without
SHARED = "shared"  # the module that all others import
KERNEL = PACKAGE / "exploration" / "kernel.wasm"  # made by tools/kernel.py; the search in Python does without
PYODIDE = "https://cdn.jsdelivr.net/npm/pyodide@314.0.7/"
MIDNIGHT = (1980, 1, 1, 0, 0, 0)  # the same files give the same wheel


def modules():
    """The files of all modules that a page can load, by their names."""
    files = (*sorted(BUNDLES.glob("*.js")), EDITOR)
    return {path.stem: path for path in files if path.exists() and path.stem not in ("kernel", "mount")}


def write_assets(app):
    # A static folder, and not the output, so that Sphinx puts each file's digest into its address.
    folder = Path(tempfile.mkdtemp(prefix="consensus-lab-"))
    app.connect("build-finished", lambda *_: shutil.rmtree(folder, ignore_errors=True))
    app.config.html_static_path.append(str(folder))

    if not BUNDLES.exists():
        raise ExtensionError(f"{BUNDLES} is not there: run `python tools/bundle.py`, as `make book` does")
    app.config.widget_modules = {}
    for name, path in modules().items():
        script = f"(window.consensusLab ??= {{}}).{name} = {json.dumps(path.read_text(encoding='utf-8'))};\n"
        address = f"module-{name}-{digest(path)}.js"  # its name has the digest, so that no old one is taken for it
        (folder / address).write_text(script, encoding="utf-8")
        app.config.widget_modules[name] = address
    settings = {"pyodide": app.config.pyodide_url, "wheel": write_wheel(folder), "modules": app.config.widget_modules}
    script = (BUNDLES / "mount.js").read_text(encoding="utf-8")
    script = script.replace("SETTINGS", json.dumps(settings))
    (folder / "mount.js").write_text(script, encoding="utf-8")
    app.config.mount_address = f"mount.js?v={hashlib.sha256(script.encode()).hexdigest()[:12]}"
    for sheet in BUNDLES.glob("*.css"):
        shutil.copy(sheet, folder)


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


def write_wheel(folder):
    """Zip the package and the kernel up, for Python to import from; its name has the digest too."""
    whole = folder / "package.zip"
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as wheel:
        for path in [*sorted(PACKAGE.rglob("*.py")), *([KERNEL] if KERNEL.exists() else [])]:
            entry = zipfile.ZipInfo(path.relative_to(PACKAGE.parent).as_posix(), MIDNIGHT)
            wheel.writestr(entry, path.read_bytes(), zipfile.ZIP_DEFLATED)
    return whole.rename(folder / f"consensus_lab-{digest(whole)}.whl").name


def add_to_page(app, pagename, templatename, context, doctree):
    named = re.findall(r'<div [^>]*data-widget="(\w+)"(?: data-needs="([\w ]+)")?', context.get("body", ""))
    if named:
        first, *others = ((widget, *needs.split()) for widget, needs in named)
        first = (SHARED, *first)
        addresses = [app.config.widget_modules[name] for name in first] + [app.config.mount_address]
        start_first(context, [context["pathto"](f"_static/{address}", resource=True) for address in addresses])
        named = sorted({*first, *(name for names in others for name in names)})
        for name in named:
            if name not in first:
                app.add_js_file(app.config.widget_modules[name], loading_method="defer")
        for name in dict.fromkeys(("stage", *named)):  # the stage's has the colors of all
            if (BUNDLES / f"{name}.css").exists():
                app.add_css_file(f"{name}.css")


def start_first(context, scripts):
    """Put scripts at the top of the page, and word for them behind the first widget."""
    body, count = re.subn(
        r"data-widget=.*?</details></div>",
        lambda widget: f'{widget[0]}<script>document.dispatchEvent(new Event("first-widget"))</script>',
        context["body"],
        count=1,
        flags=re.DOTALL,
    )
    if not count:
        raise ExtensionError("a recorded widget no longer ends with its transcript")
    tags = "".join(f'<script src="{script}"></script>\n' for script in scripts)
    context |= {"body": body, "metatags": context.get("metatags", "") + tags}


def setup(app):
    app.add_config_value("pyodide_url", PYODIDE, "html", str)
    app.add_config_value("widget_modules", None, "", dict)  # name -> file of its script; set at the start
    app.add_config_value("mount_address", None, "", str)
    app.connect("builder-inited", write_assets)
    app.connect("html-page-context", add_to_page)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
