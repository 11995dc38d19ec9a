"""What hatch runs before it makes a wheel or an editable install: the widgets' JavaScript is bundled."""

import subprocess
import sys
from pathlib import Path

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class BundleHook(BuildHookInterface):
    """Makes the bundles, so that `pip install` of a fresh clone, on Binder too, has them."""

    def initialize(self, version, build_data):
        subprocess.run([sys.executable, Path(self.root) / "tools" / "bundle.py"], check=True)
