"""The built book, served to a real Chromium that reaches this machine alone."""

import os
import shutil
import subprocess
import threading
from importlib.resources import files
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import sync_playwright

from tools.serve import server

ROOT = Path(__file__).resolve().parent.parent.parent
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
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
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.pages)


@pytest.fixture(scope="session")
def book():
    """The folder of the built pages, fresh."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    subprocess.run(["make", "--silent", "html"], cwd=ROOT, env=environment, check=True)
    return ROOT / "_build" / "html"


@pytest.fixture(scope="session")
def site(book):
    """The address of the served book, without a closing slash."""
    with server(book) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.shutdown()


@pytest.fixture(scope="session")
def chromium():
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    assert found, "no Chromium here; tools/system-packages installs one or says how"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=FLAGS)
        yield browser
        browser.close()


def is_local(url):
    parts = urlsplit(url)
    return parts.scheme in ("file", "data", "blob") or parts.hostname == "127.0.0.1"


@pytest.fixture
def new_page(chromium):
    """A function that opens an empty page. No page may ask another host for anything, or log a problem.

    `new_page(width=390, color_scheme="dark", reduced_motion="reduce", java_script_enabled=False)`;
    the options are those of Playwright's `new_context`, with `width` and `height` for the viewport.
    """
    contexts, complaints = [], []

    def guard(route):
        if is_local(route.request.url):
            route.continue_()
        else:
            complaints.append(f"asked for {route.request.url}")
            route.abort()

    def listen(message):
        if message.type in ("error", "warning"):
            complaints.append(f"logged: {message.text} ({message.location})")

    def new_page(width=1280, height=900, **options):
        context = chromium.new_context(viewport={"width": width, "height": height}, **options)
        contexts.append(context)
        context.route("**/*", guard)
        page = context.new_page()
        page.on("console", listen)
        page.on("pageerror", lambda error: complaints.append(f"raised: {error}"))
        return page

    yield new_page
    for context in contexts:
        context.close()
    assert not complaints


@pytest.fixture
def page(new_page):
    """An empty page of 1280 by 900, light."""
    return new_page()


@pytest.fixture(scope="session")
def axe():
    """A function that lists what axe-core finds wrong with a page, as text."""
    source = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")

    def violations(page):
        page.evaluate(source)
        found = page.evaluate("axe.run({ preload: false, resultTypes: ['violations'] })")["violations"]
        return [f"{rule['id']}: {rule['help']}: {node['html'][:200]}" for rule in found for node in rule["nodes"]]

    return violations
