"""What a reader typed, as classes; and where it is wrong, as a line of it."""

import ast
import hashlib
import linecache
import re

from consensus_lab.model.errors import ProtocolError
from consensus_lab.model.node import Node

FILE = "<your code>"
LONGEST = 100_000  # characters


class Flaw(Exception):
    """The reader's code cannot be run: why, and in which of its lines, if one can be named."""

    def __init__(self, why, line=None):
        super().__init__(why)
        self.why, self.line = why, line


def define(code):
    """The names that the code defines; raises Flaw.

    It is run as it stands, so it has to be what the reader has typed, in the reader's own Python.
    """
    if not isinstance(code, str) or len(code) > LONGEST:
        raise Flaw(f"The code has to be a text of at most {LONGEST:,} characters.")
    names = {"__name__": _module(code)}
    linecache.cache[FILE] = len(code), None, code.splitlines(keepends=True), FILE
    try:
        exec(compile(code, FILE, "exec", dont_inherit=True), names)
    except SyntaxError as error:
        raise Flaw(f"This is not Python: {error.msg}.", error.lineno if error.filename == FILE else None) from None
    except (Exception, SystemExit) as error:
        raise flaw(error, code) from None
    return names


def _module(code):
    """Another name for every text, so that what an earlier one has defined is not taken for this one's."""
    return f"reader_{hashlib.sha256(code.encode(errors='replace')).hexdigest()[:12]}"


def protocols(names):
    """The protocols among what `define` has found."""
    ours = [thing for thing in names.values() if isinstance(thing, type) and issubclass(thing, Node)]
    return [cls for cls in ours if cls.__module__ == names["__name__"]]


def protocol(names):
    """The one to check, which is the last; raises Flaw where there is none."""
    found = protocols(names)
    if not found:
        raise Flaw("There is no protocol in this code. Write one: class MyProtocol(Node): ...")
    return found[-1]


def flaw(error, code):
    """The Flaw that an error raised by the code, or while the code's classes ran, comes down to."""
    text = str(error) if isinstance(error, ProtocolError) else f"{type(error).__name__}: {error}"
    text = " ".join(text.split())
    line = _line(error)
    if line is None or code.splitlines()[line - 1].startswith("class "):
        line = _named(text, code) or line
    return Flaw(text, line)


def _line(error):
    """The innermost line of the code that the error went through."""
    found = None
    while error is not None:
        step = error.__traceback__
        while step is not None:
            if step.tb_frame.f_code.co_filename == FILE:
                found = step.tb_lineno
            step = step.tb_next
        error = error.__cause__
    return found


def _named(text, code):
    """The line of the field that a message names: where a handler assigns it, or where it is declared."""
    assigned, declared = {}, {}
    for node in ast.walk(ast.parse(code)):
        match node:
            case ast.Attribute(attr=name, ctx=ast.Store() | ast.Del()):
                assigned.setdefault(name, node.lineno)
            case ast.AnnAssign(target=ast.Name(id=name)) | ast.Assign(targets=[ast.Name(id=name)]):
                declared.setdefault(name, node.lineno)
    places = assigned | declared if ", in " not in text else declared | assigned
    names = re.findall(r"\b\w+\.(\w+)", text)
    return next((places[name] for name in names if name in places), None)
