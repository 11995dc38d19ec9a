"""Bundle what the widgets run in a browser: bundle.py

The sources are small modules under consensus_lab/widgets. What is loaded by its name becomes one file in
consensus_lab/widgets/bundles, for the wheel and the page; git ignores that folder. What all share is a file of its own,
`shared.js`: the others go on importing it, and who loads them gives it an address (homes/loader.js). Source maps lie
beside the bundles. Nothing is done where the sources are those that the bundles were made from.
"""

import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))  # when it is imported from elsewhere
import npm  # noqa: E402

WIDGETS = Path(__file__).resolve().parent.parent / "consensus_lab" / "widgets"
BUNDLES = WIDGETS / "bundles"
STAMP = "sources.sha256"


def sources(pattern):
    return [path for path in sorted(WIDGETS.glob(pattern)) if BUNDLES not in path.parents]


def entries():
    """The modules that are loaded by name: those of the widgets, what comes after a first frame, and the homes."""
    widgets = [path for path in sources("*/*.js") if path.stem == path.parent.name != "shared"]
    return [*widgets, *sources("*/later/*.js"), *rooms()]


def rooms():
    """The rooms of a stage. It learns their names from here, so that the files of a room are all that it takes."""
    return [path for path in sources("stage/rooms/*/*.js") if path.stem == path.parent.name]


def shared():
    """The modules of the shared chunk."""
    return [path for path in sources("shared/*.js") if path.stem != "shared"]


def homes():
    """What starts the others: in a page, in a kernel, and Python in a worker."""
    return [path for path in sources("homes/*.js") if path.stem not in ("loader", "mount")]


def digest():
    """What the bundles are made from, in letters: every source, the pins, and this file."""
    tools = [Path(__file__), Path(__file__).with_name("npm.json")]
    sha = hashlib.sha256()
    for path in [*sources("**/*.js"), *sources("**/*.css"), *tools]:
        sha.update(str(path.relative_to(WIDGETS.parent.parent)).encode() + b"\0" + path.read_bytes() + b"\0")
    return sha.hexdigest()


def is_fresh():
    stamp = BUNDLES / STAMP
    return stamp.exists() and stamp.read_text(encoding="utf-8") == digest()


def bundle():
    """Make the bundles anew, unless they are of these very sources."""
    if not is_fresh():
        build()


def build():
    program, made_from = npm.esbuild(), digest()

    with tempfile.TemporaryDirectory(dir=WIDGETS.parent) as temporary:
        folder = Path(temporary) / "bundles"

        def run(paths, *options):
            common = ("--bundle", "--minify", "--log-level=warning", "--sourcemap=external", "--entry-names=[name]")
            command = [program, *common, *options, f"--outdir={folder}", *paths]
            subprocess.run(command, cwd=WIDGETS, check=True)

        modules = ("--format=esm", "--loader:.css=text")
        run([WIDGETS / "shared" / "shared.js", *homes()], *modules)
        run([WIDGETS / "homes" / "mount.js"], "--format=iife")  # a classic script
        names = json.dumps([path.stem for path in rooms()])
        outside = (f"--external:*/shared/{path.name}" for path in shared())
        run(entries(), *modules, f"--define:ROOMS={names}", *outside)
        run(sources("*/*.css"))
        (folder / STAMP).write_text(made_from, encoding="utf-8")
        swap(folder)


def swap(folder):
    """Put the new bundles in place of the old ones, whole."""
    shutil.rmtree(BUNDLES, ignore_errors=True)
    try:
        folder.rename(BUNDLES)
    except OSError:
        if not is_fresh():  # else another process was quicker
            raise


if __name__ == "__main__":
    bundle()
