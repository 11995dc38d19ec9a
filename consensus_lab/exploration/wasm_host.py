"""Where the compiled kernel runs: in wasmtime, or in the browser that runs this Python.

A host loads `kernel.wasm`, calls its functions by name with numbers, and reads and writes its memory. That is all
the two have in common, and all that `compiled.py` needs. The file is built from `kernel.c` by ``make bundles``, or by
whatever needs it; it comes with the wheel.
"""

import atexit
import sys
from functools import cache
from pathlib import Path
from typing import Any

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
    return _BrowserHost(_browser_module()) if sys.platform == "emscripten" else _WasmtimeHost(*_wasmtime_module())


@cache
def _wasmtime_module():
    """The engine and the module, compiled once a process."""
    content = _content()
    try:
        import wasmtime
    except (ImportError, OSError):  # not installed, or not for this machine
        raise Unavailable("wasmtime is missing; run: pip install 'consensus-lab[fast]'") from None
    engine = wasmtime.Engine()
    return engine, wasmtime.Module(engine, content)


atexit.register(_wasmtime_module.cache_clear)  # while wasmtime can still free it


@cache
def _browser_module():
    """The module, compiled once by the browser. It runs beside Pyodide, not through it."""
    import js  # pyright: ignore[reportMissingImports]  # these two are only in Pyodide
    from pyodide.ffi import JsException  # pyright: ignore[reportMissingImports]

    content = _content()
    copy = js.Uint8Array.new(len(content))
    copy.assign(content)
    try:
        return js.WebAssembly.Module.new(copy)
    except JsException as error:  # its own rules forbid it
        raise Unavailable(f"this browser does not take {FILE.name}: {error}") from None


def _content():
    """The bytes of the kernel."""
    if not FILE.exists():
        raise Unavailable(f"{FILE.name} was not built; run: make bundles")
    return FILE.read_bytes()


class _WasmtimeHost:
    """The kernel in wasmtime, https://pypi.org/project/wasmtime."""

    def __init__(self, engine, module):
        import wasmtime

        self._store = wasmtime.Store(engine)
        self._exports: Any = wasmtime.Instance(self._store, module, []).exports(self._store)
        self._memory, self._functions = self._exports["memory"], {}

    def call(self, name, *numbers) -> Any:
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


class _BrowserHost:
    """The kernel in the WebAssembly of the browser that runs Pyodide."""

    def __init__(self, module):
        import js  # pyright: ignore[reportMissingImports]

        self._bytes, self._exports = js.Uint8Array, js.WebAssembly.Instance.new(module).exports
        self._functions = {}

    def call(self, name, *numbers) -> Any:
        """As that of _WasmtimeHost."""
        function = self._functions.get(name)
        if function is None:
            function = self._functions[name] = getattr(self._exports, name)
        result = function(*numbers)
        return None if result is None else int(result) & 0xFFFFFFFF

    def read(self, address, size):
        """As that of _WasmtimeHost."""
        return self._view(address, size).to_bytes()

    def write(self, address, content):
        """As that of _WasmtimeHost."""
        self._view(address, len(content)).assign(content)

    def _view(self, address, size):
        """A part of the memory, anew each time: one from before the memory has grown is empty."""
        return self._bytes.new(self._exports.memory.buffer, address, size)
