"""The built book, served to a real Chromium that reaches this machine alone."""

import re
import shutil
import threading
from contextlib import contextmanager
from functools import partial
from http.server import ThreadingHTTPServer
from importlib.resources import files
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import sync_playwright

from tests.build import ROOT, build
from tools.serve import Handler

PYODIDE = ROOT / ".venv" / "pyodide"
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)


def pytest_collection_modifyitems(items):
    for item in items:
        if {"book", "chromium"} & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.pages)
    pages = {item.path for item in items if item.get_closest_marker("pages")}
    items.sort(key=lambda item: item.path in pages)  # the book may still be building


@pytest.fixture(scope="session")
def book():
    """The folder of the built pages, fresh."""
    return build()


@contextmanager
def serving(folder, handler):
    """The address of a folder that is being served, without a closing slash."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(handler, directory=folder)) as running:
        threading.Thread(target=running.serve_forever, args=(0.05,), daemon=True).start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.shutdown()


@pytest.fixture(scope="session")
def site(book):
    """The address of the served book."""
    with serving(book, Handler) as address:
        yield address


class WithPython(Handler):
    """The book, and Pyodide beside it, where the book's own setting is made to point."""

    def translate_path(self, path):
        if path.startswith("/pyodide/"):
            return str(PYODIDE / path.removeprefix("/pyodide/"))
        return super().translate_path(path)

    def is_inside(self, path):
        return path.startswith(f"{PYODIDE}/") or super().is_inside(path)

    def do_GET(self):
        if not re.search(r"/_static/mount\.js|/lite/jupyter-lite\.json", self.path):
            return super().do_GET()
        text = Path(self.translate_path(self.path)).read_text(encoding="utf-8")
        text, count = re.subn(r'"(pyodide(?:Url)?)": "https://[^"]*/', r'"\1": "/pyodide/', text)
        assert count == 1, "the book names one address for Pyodide"
        text = text.replace('"appName":', '"exposeAppInBrowser": true, "appName":')  # JupyterLite's, as JupyterLab's
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(urlsplit(self.path).path))
        self.end_headers()
        self.wfile.write(text.encode())


@pytest.fixture(scope="session")
def live_site(book):
    """The address of the served book, Python and all."""
    assert PYODIDE.exists(), "no Pyodide here; make .venv/pyodide gets it"
    with serving(book, WithPython) as address:
        yield address


def find_chromium():
    """The path of the Chromium of this machine."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    assert found, "no Chromium here; tools/system-packages installs one or says how"
    return found


@pytest.fixture(scope="session")
def chromium():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        yield browser
        browser.close()


def is_local(url):
    parts = urlsplit(url)
    return parts.scheme in ("file", "data", "blob") or parts.hostname == "127.0.0.1"


@contextmanager
def pages(chromium):
    """A function that opens an empty page. No page may ask another host for anything, or log a problem.

    `new_page(width=390, color_scheme="dark", reduced_motion="reduce", java_script_enabled=False)`;
    the options are those of Playwright's `new_context`, with `width` and `height` for the viewport.
    `logs` are the kinds of messages that are problems, for a page that is not the book's own.
    """
    contexts, complaints = [], []

    def guard(request):  # FLAGS let no other host be found; here it is noticed
        if not is_local(request.url):
            complaints.append(f"asked for {request.url}")

    def listen(message, logs):
        if message.type in logs:
            complaints.append(f"logged: {message.text} ({message.location})")

    def new_page(width=1280, height=900, logs=("error", "warning"), **options):
        context = chromium.new_context(viewport={"width": width, "height": height}, **options)
        contexts.append(context)
        context.on("request", guard)
        page = context.new_page()
        page.on("console", lambda message: listen(message, logs))
        page.on("pageerror", lambda error: complaints.append(f"raised: {error}"))
        return page

    yield new_page
    for context in contexts:
        context.close()
    assert not complaints


@pytest.fixture
def new_page(chromium):
    """A function that opens an empty page, as `pages` has it."""
    with pages(chromium) as new_page:
        yield new_page


@pytest.fixture
def page(new_page):
    """An empty page of 1280 by 900, light."""
    return new_page()


def resize(page, width):
    """Give a page of the book another width, and its theme the moment it takes to put code that scrolls among tabs."""
    page.set_viewport_size({"width": width, "height": 900})
    page.wait_for_function("""
        [...document.querySelectorAll("pre")].every(box => box.scrollWidth <= box.clientWidth || box.tabIndex === 0)""")


@pytest.fixture(scope="session")
def axe():
    """A function that lists what axe-core finds wrong with a page, as text."""
    source = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")

    def violations(page):
        page.evaluate(source)
        found = page.evaluate("axe.run({ preload: false, resultTypes: ['violations'] })")["violations"]
        return [f"{rule['id']}: {rule['help']}: {node['html'][:200]}" for rule in found for node in rule["nodes"]]

    return violations
