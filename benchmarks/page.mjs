// Run a line of Python of this repository in the page's Python, with node: node page.mjs PYODIDE REPOSITORY LINE
import { pathToFileURL } from "node:url";

const [pyodide, repository, line] = process.argv.slice(2);
const { loadPyodide } = await import(pathToFileURL(`${pyodide}/pyodide.mjs`));
const python = await loadPyodide({ indexURL: pyodide });
python.FS.mkdir("/repository");
python.FS.mount(python.FS.filesystems.NODEFS, { root: repository }, "/repository");
python.runPython(`import sys; sys.path.insert(0, "/repository"); sys.dont_write_bytecode = True`);
python.runPython(line);
