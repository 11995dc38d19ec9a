"""JupyterLab as a reader has it: installed from requirements.txt with a server, and as JupyterLite without one."""

import json
import os
import secrets
import shutil
import subprocess
import sys
import time
import urllib.request
from contextlib import suppress
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
PATIENCE = 120_000  # milliseconds, for a browser's Python on a busy machine


@pytest.fixture(scope="session")
def lab(tmp_path_factory):
    """A function of a chapter's path: its address in a running JupyterLab, which has a copy of the book."""
    home = tmp_path_factory.mktemp("home")
    shutil.copytree(ROOT / "book", home / "files" / "book", ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
    token = secrets.token_hex()
    folders = {f"JUPYTER_{kind}_DIR": str(home / kind.lower()) for kind in ("CONFIG", "DATA", "RUNTIME")}
    environment = {**os.environ, **folders, "HOME": str(home), "IPYTHONDIR": str(home / "ipython")}
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ip=127.0.0.1"]
    settings = {
        "ServerApp.port": 0,
        "ServerApp.root_dir": home / "files",
        "IdentityProvider.token": token,
        "LabApp.check_for_updates_class": "jupyterlab.NeverCheckForUpdate",
        "LabApp.news_url": "None",
        "LabApp.expose_app_in_browser": True,
    }
    with open(home / "log", "w") as log:
        server = subprocess.Popen(
            [*command, *(f"--{name}={value}" for name, value in settings.items())],
            env=environment,
            stdout=log,
            stderr=log,
        )
    try:
        address = address_of(server, home)
        yield lambda chapter: f"{address}lab/tree/{chapter}?token={token}&reset"
    finally:
        server.terminate()  # it ends its kernels, when it can
        with suppress(subprocess.TimeoutExpired):
            server.wait(timeout=30)
        server.kill()


def address_of(server, home):
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline and server.poll() is None:
        for told in (home / "runtime").glob("jpserver-*.json"):
            address = json.loads(told.read_text())["url"]
            with suppress(OSError), urllib.request.urlopen(f"{address}api") as answer:  # it may not listen yet
                assert answer.status == 200
                return address
        time.sleep(0.2)
    pytest.fail(f"JupyterLab did not start:\n{(home / 'log').read_text()}")


@pytest.fixture
def lite(live_site):
    """A function of a chapter's path: its address in JupyterLite, beside the book."""
    return lambda chapter: f"{live_site}/lite/lab/index.html?path={chapter}&reset"
