"""Put the browser's Python into a folder, from the npm package that the book names: pyodide.py FOLDER."""

import shutil
import subprocess
import sys
import tarfile
import tempfile
import urllib.request
from pathlib import Path

VERSION = "314.0.7"
ADDRESS = f"https://registry.npmjs.org/pyodide/-/pyodide-{VERSION}.tgz"


def download(folder):
    """The package's archive, by npm where there is one, so that its settings hold."""
    if shutil.which("npm"):
        command = ["npm", "pack", "--silent", f"pyodide@{VERSION}", "--pack-destination", str(folder)]
        subprocess.run(command, check=True, capture_output=True)
        return next(folder.glob("*.tgz"))
    archive = folder / "pyodide.tgz"
    urllib.request.urlretrieve(ADDRESS, archive)
    return archive


def main(folder):
    with tempfile.TemporaryDirectory() as temporary:
        with tarfile.open(download(Path(temporary))) as archive:
            archive.extractall(temporary, filter="data")
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(Path(temporary) / "package", folder)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
