"""What comes from the npm registry, each package held against its digest in npm.json. It needs Python alone."""

import atexit
import base64
import hashlib
import io
import json
import platform
import shutil
import tarfile
import tempfile
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PINS = json.loads((ROOT / "tools" / "npm.json").read_text(encoding="utf-8"))
KEPT = ROOT / ".venv" / "npm"  # programs that are run again and again
REGISTRY = "https://registry.npmjs.org"
SYSTEMS = {"Linux": "linux", "Darwin": "darwin", "Windows": "win32"}
MACHINES = {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64", "arm64": "arm64"}


def fetch(name, version, digest, folder):
    """Unpack a package as npm would, into `folder`/node_modules; raises where it is not what npm.json says."""
    archive = f"{REGISTRY}/{name}/-/{name.split('/')[-1]}-{version}.tgz"
    with urllib.request.urlopen(archive, timeout=60) as answer:
        data = answer.read()
    if base64.b64encode(hashlib.sha512(data).digest()).decode() != digest.removeprefix("sha512-"):
        raise SystemExit(f"{archive} is not the file that tools/npm.json names")
    target = folder / "node_modules" / name
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        tar.extractall(target, filter="data")
    for path in (target / "package").iterdir():
        path.rename(target / path.name)
    return target


def kept(name, version, digest):
    """The folder of a package: kept in .venv, where there is one; else fetched for as long as this Python runs."""
    base = KEPT
    if not KEPT.parent.exists():
        base = Path(tempfile.mkdtemp())
        atexit.register(shutil.rmtree, base, ignore_errors=True)
    home = base / f"{name.replace('/', '+')}@{version}"
    if not home.exists():
        base.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(dir=base) as temporary:
            try:
                fetch(name, version, digest, Path(temporary)).rename(home)
            except OSError:
                if not home.exists():  # else another process was quicker
                    raise
    return home


def program(group, *places):
    """The path of a program for this machine; `places` are where in its package it lies, by system."""
    system, machine = SYSTEMS.get(platform.system()), MACHINES.get(platform.machine().lower())
    pins = PINS[group]
    names = [name for name in pins["digests"] if name.endswith(f"{system}-{machine}")]
    if not names:
        raise SystemExit(f"there is no {group} for {platform.system()} {platform.machine()}")
    home = kept(names[0], pins["version"], pins["digests"][names[0]])
    (path, *_) = [home / place for place in places if (home / place).exists()]
    path.chmod(0o755)
    return path


def esbuild():
    """The path of esbuild."""
    return program("esbuild", "bin/esbuild", "esbuild.exe")


def tsc():
    """The path of TypeScript's compiler."""
    return program("typescript", "lib/tsc", "lib/tsc.exe")


def prettier():
    """The path of the script of prettier, for Node."""
    pins = PINS["prettier"]
    return kept("prettier", pins["version"], pins["digests"]["prettier"]) / "bin" / "prettier.cjs"
