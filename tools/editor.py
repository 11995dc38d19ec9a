"""Bundle the editor of the exercises into a folder, with Python alone: editor.py FOLDER.

CodeMirror's packages and esbuild come from the npm registry, each held against its digest in editor.json. The bundle
begins with the licenses of what is in it.
"""

import base64
import hashlib
import io
import json
import platform
import subprocess
import sys
import tarfile
import tempfile
import urllib.request
from pathlib import Path

HERE = Path(__file__).parent
REGISTRY = "https://registry.npmjs.org"
SYSTEMS = {"Linux": "linux", "Darwin": "darwin", "Windows": "win32"}
MACHINES = {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64", "arm64": "arm64"}


def fetch(name, version, digest, folder):
    """Unpack a package as npm would, into `folder`/node_modules; raises where it is not what editor.json says."""
    archive = f"{REGISTRY}/{name}/-/{name.split('/')[-1]}-{version}.tgz"
    with urllib.request.urlopen(archive, timeout=60) as answer:
        data = answer.read()
    if base64.b64encode(hashlib.sha512(data).digest()).decode() != digest.removeprefix("sha512-"):
        raise SystemExit(f"{archive} is not the file that tools/editor.json names")
    target = folder / "node_modules" / name
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        tar.extractall(target, filter="data")
    for path in (target / "package").iterdir():
        path.rename(target / path.name)


def esbuild_package():
    """The npm package with esbuild for this machine."""
    system, machine = SYSTEMS.get(platform.system()), MACHINES.get(platform.machine().lower())
    return f"@esbuild/{system}-{machine}"


def licenses(folder):
    """The licenses of all packages, each text once."""
    texts = {}
    for path in sorted(folder.glob("node_modules/**/LICENSE")):
        name = path.parent.relative_to(folder / "node_modules").as_posix()
        texts.setdefault(path.read_text(encoding="utf-8").strip(), []).append(name)
    return "\n\n".join(f"{', '.join(names)}\n\n{text}" for text, names in texts.items())


def main(target):
    pins = json.loads((HERE / "editor.json").read_text(encoding="utf-8"))
    esbuild = esbuild_package()
    if esbuild not in pins["esbuild"]["digests"]:
        raise SystemExit(f"the editor cannot be bundled on {platform.system()} {platform.machine()}")
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        for package, digest in pins["packages"].items():
            fetch(*package.rsplit("@", 1), digest, folder)
        banner = f"/*! {licenses(folder)} */"
        fetch(esbuild, pins["esbuild"]["version"], pins["esbuild"]["digests"][esbuild], folder)
        home = folder / "node_modules" / esbuild
        (program,) = [path for path in (home / "bin" / "esbuild", home / "esbuild.exe") if path.exists()]
        program.chmod(0o755)
        (folder / "editor.js").write_bytes((HERE / "editor.js").read_bytes())
        target.mkdir(exist_ok=True)
        options = ["--bundle", "--minify", "--format=esm", "--legal-comments=none", "--log-level=warning"]
        out = f"--outfile={target.resolve() / 'editor.js'}"
        subprocess.run([program, "editor.js", *options, f"--banner:js={banner}", out], cwd=folder, check=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
