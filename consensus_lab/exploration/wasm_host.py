"""Where the compiled kernel runs: in wasmtime, or in the browser that runs this Python.

A host loads `kernel.wasm`, calls its functions by name with numbers, and reads and writes its memory. That is all
the two have in common, and all that `compiled.py` needs. The file is built from `kernel.c` by ``make bundles``, or by
whatever needs it; it comes with the wheel.
"""

import atexit
from functools import cache
from pathlib import Path

FILE = Path(__file__).with_name("kernel.wasm")


class Unavailable(Exception):
    """Why the compiled engine cannot run here, and what would change that."""


def new_host():
    """A host with an instance of the kernel that is nobody else's.

    Raises
    ------
    Unavailable
        Where there is no WebAssembly, or the kernel was not built.
    """
    return _BrowserHost() if _browser() else _WasmtimeHost(*_module())


@cache
def _module():
    """The engine and the module, compiled once a process."""
    if not FILE.exists():
        raise Unavailable(f"{FILE.name} was not built; run: make bundles")
    try:
        import wasmtime
    except (ImportError, OSError):  # not installed, or not for this machine
        raise Unavailable("wasmtime is missing; run: pip install 'consensus-lab[fast]'") from None
    engine = wasmtime.Engine()
    return engine, wasmtime.Module(engine, FILE.read_bytes())


atexit.register(_module.cache_clear)  # while wasmtime can still free it


class _WasmtimeHost:
    """The kernel in wasmtime, https://pypi.org/project/wasmtime."""

    def __init__(self, engine, module):
        import wasmtime

        self._store = wasmtime.Store(engine)
        self._exports = wasmtime.Instance(self._store, module, []).exports(self._store)
        self._memory, self._functions = self._exports["memory"], {}

    def call(self, name, *numbers):
        """The result of a function of the kernel, from 0 to 2**32 - 1; None where it has none."""
        function = self._functions.get(name)
        if function is None:
            function = self._functions[name] = self._exports[name]
        result = function(self._store, *(number - (number >> 31 << 32) for number in numbers))
        return None if result is None else result & 0xFFFFFFFF

    def read(self, address, size):
        """So many bytes of the kernel's memory."""
        return self._memory.read(self._store, address, address + size)

    def write(self, address, content):
        """Put bytes into the kernel's memory."""
        self._memory.write(self._store, content, address)


def _browser():
    """What the page's worker has laid out for Python: a function that makes an instance; None elsewhere."""
    try:
        import js  # only in Pyodide
    except ImportError:
        return None
    return getattr(js, "newConsensusKernel", None)


class _BrowserHost:
    """The kernel in the WebAssembly of the browser, beside Pyodide."""

    def __init__(self):
        self._kernel = _browser()()

    def call(self, name, *numbers):
        result = self._kernel.call(name, *numbers)
        return None if result is None else int(result) & 0xFFFFFFFF

    def read(self, address, size):
        return self._kernel.read(address, size).to_bytes()

    def write(self, address, content):
        self._kernel.write(address, content)
