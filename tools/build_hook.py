"""What hatch runs before it makes a wheel or an editable install: JavaScript is bundled, the kernel compiled."""

import subprocess
import sys
from pathlib import Path

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class BundleHook(BuildHookInterface):
    """Makes what is built, so that `pip install` of a fresh clone, on Binder too, has it.

    The kernel only where its compiler is there, or has been here: it is large, and the explorer has Python too.
    """

    def initialize(self, version, build_data):
        subprocess.run([sys.executable, Path(self.root) / "tools" / "bundle.py"], check=True)
        subprocess.run([sys.executable, Path(self.root) / "tools" / "kernel.py", "--if-possible"], check=True)
