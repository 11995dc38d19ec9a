"""The compiled kernel in the page: the WebAssembly of a real Chromium beside a real Pyodide."""

import importlib

import pytest

from tests.browser import PYODIDE, WithPython, serving
from tests.build import ROOT, make
from tests.exploration.paxos_yardstick import COUNTS

PAXOS = (ROOT / "tests" / "exploration" / "paxos_yardstick.py").read_text(encoding="utf-8")
SEARCH = f"""{PAXOS}
import json
from time import perf_counter
from consensus_lab import ProtocolError, explore
from consensus_lab.exploration import engines, wasm_host

def search(engine, tries):
    began = perf_counter()
    graph = explore(yardstick(tries, 1, "lossy"), reduce=False, engine=engine)
    return graph.engine, len(graph), str(graph), perf_counter() - began
"""
RUN = """
async ({ wheel, code }) => {
  const source = `onmessage = async ({ data: { origin, wheel, code } }) => {
    try {
      const { loadPyodide } = await import(origin + "/pyodide/pyodide.mjs");
      const python = await loadPyodide({ indexURL: origin + "/pyodide/" });
      python.unpackArchive(await (await fetch(origin + "/" + wheel)).arrayBuffer(), "wheel");
      postMessage(JSON.parse(python.runPython("import json\\\\n" + code)));
    } catch (error) {
      postMessage({ failed: String(error) });
    }
  }`;
  const worker = new Worker(URL.createObjectURL(new Blob([source], { type: "text/javascript" })), { type: "module" });
  worker.postMessage({ origin: location.origin, wheel, code });
  const { data } = await new Promise((done) => (worker.onmessage = done));
  worker.terminate();
  return data;
}
"""


@pytest.fixture
def python(tmp_path, page, monkeypatch):
    """A function that runs code in the page's Python, with the package as the book packs it; gives what is JSON."""
    assert PYODIDE.exists(), "no Pyodide here; make .venv/pyodide gets it"
    make("Makefile", "bundles")
    monkeypatch.syspath_prepend(str(ROOT / "book" / "_extensions"))
    wheel = importlib.import_module("book_widgets").write_wheel(tmp_path)
    (tmp_path / "index.html").write_text("<!doctype html><link rel=icon href=data:,><title>Python</title>")
    with serving(tmp_path, WithPython) as address:
        page.goto(f"{address}/index.html")

        def run(code):
            said = page.evaluate(RUN, {"wheel": wheel, "code": code})
            assert "failed" not in said, said["failed"]
            return said

        yield run


def test_the_compiled_engine_finds_the_same_graph_in_the_page(python):
    said = python(f"{SEARCH}\njson.dumps([search(engine, 2) for engine in ('auto', 'compiled', 'python')])")
    for engine, count, _, seconds in said:
        print(f"{engine}, in the page: {count:,} configurations in {seconds:.1f} s")
    assert [engine for engine, *_ in said] == ["compiled", "compiled", "python"]
    assert [count for _, count, *_ in said] == [COUNTS[2, 1, "lossy"]] * 3
    assert len({text for _, _, text, _ in said}) == 1


def test_a_page_without_the_kernel_searches_in_python(python):
    auto, refused = python(f"""{SEARCH}
wasm_host.FILE.unlink()
engines.LARGE = 500
try:
    refused = search("compiled", 1)
except ProtocolError as error:
    refused = str(error)
json.dumps([search("auto", 1), refused])""")
    assert auto[:2] == ["python", COUNTS[1, 1, "lossy"]]
    assert 'engine="compiled": kernel.wasm was not built' in refused
