"""What a reader typed, as classes; and where it is wrong, as a line of it."""

import ast
import hashlib
import io
import linecache
import re
import tokenize

from consensus_lab.answers.reply import one_line
from consensus_lab.answers.restored import Restored
from consensus_lab.model.node import Node

FILE, GIVEN = "<your code>", "<the code to begin with>"
LONGEST = 100_000  # characters
MOST_PARTS, MOST_BRANCHES, MOST_BRACKETS = 500, 200, 200  # of an expression; `elif`s of a text; in each other
HALF = re.compile("[\ud800-\udfff]")  # of a character beyond the first 65,536, which JavaScript keeps in two
LINE_END = re.compile(r"\r\n|\r|\n")  # what Python ends a line at, and no other character does


class Flaw(Exception):
    """The reader's code cannot be run.

    Parameters
    ----------
    why : str
    line : int, optional
        The line of the code that shows it, if one can be named.
    """

    def __init__(self, why, line=None):
        super().__init__(why)
        self.why, self.line = why, line


def define(code, before=""):
    """Run the code, as it stands, so it has to be what the reader has typed, in the reader's own Python.

    Parameters
    ----------
    code : str
    before : str
        Code that is run first where `code` uses a name that only this defines: a solution that stands for itself
        may build on what the reader was given.

    Returns
    -------
    dict
        The names that it defines, those of `before` first.

    Raises
    ------
    Flaw
        Where it cannot be run, or ends by an error of any kind.
    KeyboardInterrupt
        Where it is interrupted from outside.

    Examples
    --------
    >>> names = define("x = y + 1", before="y = 1")
    >>> names["x"]
    2
    >>> define("x = 1 +")
    Traceback (most recent call last):
    consensus_lab.answers.reader.Flaw: This is not Python: invalid syntax.
    """
    if not isinstance(code, str) or len(code) > LONGEST:
        raise Flaw(f"The code has to be a text of at most {LONGEST:,} characters.")
    _measure(code)
    module = _module(code)
    names = {"__name__": module}
    try:
        tree = compile(code, FILE, "exec", ast.PyCF_ONLY_AST, dont_inherit=True)
        with Restored():
            if _needs(tree, before):
                names["__name__"] = f"{module}_given"
                _run(before, GIVEN, names)
                names["__name__"] = module
            _run(code, FILE, names)
    except SyntaxError as error:
        raise Flaw(f"This is not Python: {error.msg}.", error.lineno if error.filename == FILE else None) from None
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # SystemExit, and whatever else a text may raise
        raise flaw(error, code) from None
    names["__name__"] = module
    return names


def _run(code, file, names):
    linecache.cache[file] = len(code), None, code.splitlines(keepends=True), file
    exec(compile(code, file, "exec", dont_inherit=True), names)


def _needs(tree, before):
    """Whether the code uses a name that it does not define itself, and that `before` defines."""
    mine = _defined(tree)
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
    return bool((used - mine) & _defined(ast.parse(before)))


def _defined(tree):
    """The names that a module's own statements define."""
    found = set()
    for statement in tree.body:
        match statement:
            case ast.ClassDef(name=name) | ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                found.add(name)
            case ast.Import(names=names) | ast.ImportFrom(names=names):
                found |= {(alias.asname or alias.name).partition(".")[0] for alias in names}
            case _:
                nodes = ast.walk(statement)
                found |= {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    return found


def _measure(code):
    """Refuse what Python's own compiler would run out of stack for, before it sees it."""
    half = HALF.search(code)
    if half:
        line = len(LINE_END.findall(code, 0, half.start())) + 1
        raise Flaw("There is half of a character in this line; type it anew.", line)
    parts, branches = [0], 0  # of each bracket that is open, the parts since its last comma
    try:
        for token in tokenize.generate_tokens(io.StringIO(code).readline):
            if token.type == tokenize.NEWLINE or token.string == ",":
                parts[-1] = 0
            elif token.type == tokenize.OP and token.string in "([{":
                parts.append(0)
                if len(parts) > MOST_BRACKETS:
                    return  # so many brackets the compiler refuses itself
            elif token.type == tokenize.OP and token.string in ")]}":
                parts.pop()
                parts[-1] += 1
            elif token.type not in (tokenize.COMMENT, tokenize.NL, tokenize.INDENT, tokenize.DEDENT):
                parts[-1] += 1 + _parts_of_text(token)
            branches += token.string in ("elif", "lambda")
            if sum(parts) > MOST_PARTS or branches > MOST_BRANCHES:
                what = f"over {MOST_PARTS} parts" if sum(parts) > MOST_PARTS else f"over {MOST_BRANCHES} branches"
                raise Flaw(f"This is too long for one expression: {what}. Give its parts names.", token.start[0])
    except (tokenize.TokenError, SyntaxError, IndexError):
        pass  # the compiler says it better


def _parts_of_text(token):
    """How many parts may hide in an f-string, which is one token before Python 3.12."""
    formatted = token.type == tokenize.STRING and "f" in token.string.partition(token.string[-1])[0].lower()
    return len(token.string) // 2 if formatted and "{" in token.string else 0


def _module(code):
    """Another name for every text, so that what an earlier one has defined is not taken for this one's."""
    return f"reader_{hashlib.sha256(code.encode(errors='replace')).hexdigest()[:12]}"


def protocols(names):
    """The protocols among what `define` has found, in the order in which they were defined.

    Parameters
    ----------
    names : dict
        What `define` gave.

    Returns
    -------
    list of type
    """
    ours = [thing for thing in names.values() if issubclass(type(thing), type) and issubclass(thing, Node)]
    return [cls for cls in ours if cls.__module__ == names["__name__"]]


def protocol(names):
    """The one to check, which is the last; raises Flaw where there is none."""
    found = protocols(names)
    if not found:
        raise Flaw("There is no protocol in this code. Write one: class MyProtocol(Node): ...")
    return found[-1]


def flaw(error, code):
    """What an error comes down to that the code raised, or that came while its classes ran.

    Parameters
    ----------
    error : BaseException
    code : str

    Returns
    -------
    Flaw
        In one line, whatever the error's own words do.
    """
    text, lines = one_line(error), LINE_END.split(code)
    line = _line(error)
    if line is None or line > len(lines) or lines[line - 1].startswith("class "):
        line = _named(text, code) or line
    return Flaw(text, line)


def _line(error):
    """The innermost line of the code that the error went through."""
    found, seen = None, set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
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
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(attr=name, ctx=ast.Store() | ast.Del()):
                assigned.setdefault(name, node.lineno)
            case ast.AnnAssign(target=ast.Name(id=name)) | ast.Assign(targets=[ast.Name(id=name)]):
                declared.setdefault(name, node.lineno)
    places = assigned | declared if ", in " not in text else declared | assigned
    names = re.findall(r"\b\w+\.(\w+)", text)
    return next((places[name] for name in names if name in places), None)
