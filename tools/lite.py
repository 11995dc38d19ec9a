"""The chapters in a JupyterLab that needs no server: JupyterLite, with the book's own package in it.

lite.py get                     put what it is made of into .venv/lite
lite.py build FOLDER PYODIDE    build it; PYODIDE is the address of the browser's Python, absolute or from FOLDER

The kernel and the widgets lie in FOLDER, as wheels. Beside them is a lock file like Pyodide's own: with it, what a
cell imports is there without an install. The browser's Python, and what is compiled for it, such as matplotlib, come
from where Pyodide's makers publish them.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
import zipfile
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYODIDE, PROGRAM, WHEELS = VENV / "pyodide", VENV / "lite" / "program", VENV / "lite" / "wheels"
EXTENSIONS, KERNEL = PROGRAM / "share/jupyter/labextensions", "@jupyterlite/pyodide-kernel-extension"
PUBLISHED = "https://cdn.jsdelivr.net/pyodide/v{}/full/"

# A kernel with widgets: each in the version of Pyodide's lock file, or of this environment if it is not in that.
PACKAGES = (
    "asttokens decorator executing ipython ipython-pygments-lexers jedi matplotlib-inline micropip packaging parso "
    "prompt-toolkit pure-eval pygments stack-data traitlets typing-extensions wcwidth "
    "anywidget comm ipywidgets psygnal"
).split()
OF_THE_KERNEL = ("ipykernel", "piplite", "pyodide_kernel")
MIDNIGHT = (1980, 1, 1, 0, 0, 0)  # the same files give the same wheel


def get():
    """Install the builder, and download the wheels: once, as neither depends on the book."""
    lock = read_lock()
    locked, python = lock["packages"], lock["info"]["python"].rpartition(".")[0]
    pins = [f"{name}=={locked[name]['version'] if name in locked else version(name)}" for name in PACKAGES]
    pure = ["--only-binary=:all:", "--implementation=py", "--abi=none", "--platform=any", f"--python-version={python}"]
    shutil.rmtree(PROGRAM.parent, ignore_errors=True)
    for command in (
        ["install", "--target", PROGRAM, "--no-deps", "--requirement", ROOT / "requirements-lite.txt"],
        ["download", "--dest", WHEELS, "--no-deps", *pure, *pins],
    ):
        subprocess.run([sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", *command], check=True)


def build(folder, pyodide):
    folder = Path(folder).resolve()
    with tempfile.TemporaryDirectory() as temporary:
        wheels = Path(temporary) / "packages"
        wheels.mkdir()
        for wheel in [*WHEELS.glob("*.whl"), *kernel_wheels()]:
            shutil.copy(wheel, wheels)
        write_wheel(wheels)
        packages = write_lock(wheels)
        configure(Path(temporary), pyodide, packages)
        done = subprocess.run(
            [sys.executable, "-m", "jupyterlite_core", "build", "--output-dir", folder],
            cwd=temporary,
            env={**os.environ, "PYTHONPATH": str(PROGRAM)},
            capture_output=True,
            text=True,
        )
        if done.returncode:
            sys.exit(f"JupyterLite was not built:\n{done.stdout}{done.stderr}")
        shutil.copytree(wheels, folder / "packages", dirs_exist_ok=True)


def kernel_wheels():
    return [next((EXTENSIONS / KERNEL / "static/pypi").glob(f"{name}-*.whl")) for name in OF_THE_KERNEL]


def configure(source, pyodide, packages):
    """Lay out the chapters and the settings that JupyterLite is built from."""
    for notebook in sorted((ROOT / "book").rglob("*.ipynb")):
        if ".ipynb_checkpoints" not in notebook.parts:
            copy = source / "files" / notebook.relative_to(ROOT)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(notebook, copy)
    options = {"lockFileURL": "./packages/pyodide-lock.json", "packages": packages}
    settings = {"pyodideUrl": f"{pyodide}pyodide.mjs", "loadPyodideOptions": options}
    write_json(
        source / "jupyter-lite.json",
        {
            "jupyter-lite-schema-version": 0,
            "jupyter-config-data": {"appName": "Consensus Lab", "litePluginSettings": {f"{KERNEL}:kernel": settings}},
        },
    )
    write_json(
        source / "jupyter_lite_config.json",
        {
            "LiteBuildConfig": {"apps": ["lab"], "no_sourcemaps": True, "no_unused_shared_packages": True},
            "FederatedExtensionAddon": {"extra_labextensions_path": [str(EXTENSIONS)]},
        },
    )


def write_wheel(folder):
    """Zip the package up, with bundles and the compiled kernel. Its build number tells it from an older one."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    name = f"consensus_lab-{project['version']}"
    about = {
        "METADATA": f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n",
        "WHEEL": "Wheel-Version: 1.0\nGenerator: consensus-lab\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        "RECORD": "",
    }
    files = {f"{name}.dist-info/{path}": text.encode() for path, text in about.items()}
    package = ROOT / "consensus_lab"
    bundles = [path for path in (package / "widgets" / "bundles").iterdir() if path.suffix in (".js", ".css")]
    kernel = package.glob("exploration/kernel.wasm")  # the search in Python does without
    for path in sorted([*package.rglob("*.py"), *bundles, *kernel]):
        files[path.relative_to(ROOT).as_posix()] = path.read_bytes()
    digest = hashlib.sha256(b"".join(files.values())).hexdigest()[:12]
    with zipfile.ZipFile(folder / f"{name}-0{digest}-py3-none-any.whl", "w", zipfile.ZIP_DEFLATED) as wheel:
        for path, content in files.items():
            wheel.writestr(zipfile.ZipInfo(path, MIDNIGHT), content, zipfile.ZIP_DEFLATED)


def write_lock(folder):
    """List the folder's wheels before those that Pyodide's makers publish: the names of the folder's, sorted."""
    lock = read_lock()
    published = PUBLISHED.format(json.loads((PYODIDE / "package.json").read_text(encoding="utf-8"))["version"])
    for package in lock["packages"].values():
        package["file_name"] = published + package["file_name"]
    # The package imports both of these late, where no one sees it who reads the imports of a cell.
    lock["packages"]["networkx"]["imports"].append("consensus_lab.figures")
    ours = {entry["name"]: entry for entry in map(entry_of, sorted(folder.glob("*.whl")))}
    lock["packages"] |= ours
    write_json(folder / "pyodide-lock.json", lock)
    return list(ours)


def entry_of(wheel):
    name, number = wheel.name.split("-")[:2]
    with zipfile.ZipFile(wheel) as archive:
        top = {path.partition("/")[0].removesuffix(".py") for path in archive.namelist()}
    return {
        "name": name.replace("_", "-").lower(),
        "version": number,
        "file_name": wheel.name,
        "install_dir": "site",
        "sha256": hashlib.sha256(wheel.read_bytes()).hexdigest(),
        "package_type": "package",
        "imports": sorted(module for module in top if module.isidentifier()),
        "depends": [],  # all of them are loaded with the kernel
        "unvendored_tests": False,
    }


def read_lock():
    return json.loads((PYODIDE / "pyodide-lock.json").read_text(encoding="utf-8"))


def write_json(path, data):
    path.write_text(json.dumps(data, indent=1), encoding="utf-8")


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["get"]:
            get()
        case ["build", folder, pyodide]:
            build(folder, pyodide)
        case _:
            sys.exit(__doc__)
