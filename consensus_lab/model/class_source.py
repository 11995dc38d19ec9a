"""The source of protocols that a notebook or a script defines, for another Python to define them too."""

from __future__ import annotations

import ast
import linecache
import sys
from collections.abc import Iterable, Iterator

CELLS = "ipykernel_"  # what the file names have in common that a kernel gives to its cells


def definitions(classes: Iterable[type]) -> str:
    """The source of those classes that a notebook's cells or a script define, and of all that they use from there.

    Empty where every class comes from a module.
    """
    wanted = [cls.__name__ for cls in classes if cls.__module__ == "__main__"]
    table = _top_level() if wanted else {}
    found: dict[str, str] = {}

    def need(name: str) -> None:
        if name in table and name not in found:
            text, uses = table[name]
            found[name] = ""  # a definition may use itself
            for other in uses:
                need(other)
            del found[name]
            found[name] = text

    for name in wanted:
        need(name)
    return "\n\n".join(dict.fromkeys(found.values()))


def _top_level() -> dict[str, tuple[str, list[str]]]:
    """{name: (source, names that it uses)} for what the cells define and import; the last definition of a name wins."""
    table: dict[str, tuple[str, list[str]]] = {}
    for text in _texts():
        lines = text.splitlines()
        try:
            tree = ast.parse("\n".join(lines))
        except SyntaxError:
            continue
        for node in tree.body:
            decorators: list[ast.expr] = getattr(node, "decorator_list", [])
            first = min([node.lineno, *(decorator.lineno for decorator in decorators)])
            text = "\n".join(lines[first - 1 : node.end_lineno])
            uses = list(dict.fromkeys(part.id for part in ast.walk(node) if isinstance(part, ast.Name)))
            for name in _names(node):
                table[name] = text, [other for other in uses if other != name]
    return table


def _texts() -> Iterator[str]:
    """The text of the script that is running, if one is, and of every cell that was run."""
    script = getattr(sys.modules["__main__"], "__file__", None)
    if script:
        yield "".join(linecache.getlines(script))
    for file, entry in list(linecache.cache.items()):
        if CELLS in file and len(entry) >= 3:
            yield "".join(entry[2])


def _names(node: ast.stmt) -> list[str]:
    """The names that a statement binds."""
    match node:
        case ast.ClassDef(name=name) | ast.FunctionDef(name=name):
            return [name]
        case ast.Assign(targets=targets):
            return [target.id for target in targets if isinstance(target, ast.Name)]
        case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
            return [alias.asname or alias.name.partition(".")[0] for alias in aliases]
    return []
