"""Bundle the editor of the exercises into a folder, with Python alone: editor.py FOLDER.

CodeMirror's packages and esbuild come from the npm registry, each held against its digest in npm.json. The bundle
begins with the licenses of what is in it.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

import npm

HERE = Path(__file__).parent


def licenses(folder):
    """The licenses of all packages, each text once."""
    texts = {}
    for path in sorted(folder.glob("node_modules/**/LICENSE")):
        name = path.parent.relative_to(folder / "node_modules").as_posix()
        texts.setdefault(path.read_text(encoding="utf-8").strip(), []).append(name)
    return "\n\n".join(f"{', '.join(names)}\n\n{text}" for text, names in texts.items())


def main(target):
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        for package, digest in npm.PINS["editor"].items():
            npm.fetch(*package.rsplit("@", 1), digest, folder)
        banner = f"/*! {licenses(folder)} */"
        (folder / "editor.js").write_bytes((HERE / "editor.js").read_bytes())
        target.mkdir(exist_ok=True)
        options = ["--bundle", "--minify", "--format=esm", "--legal-comments=none", "--log-level=warning"]
        out = f"--outfile={target.resolve() / 'editor.js'}"
        subprocess.run([npm.esbuild(), "editor.js", *options, f"--banner:js={banner}", out], cwd=folder, check=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
