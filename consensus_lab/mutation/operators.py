"""The ways in which one place of a function can be changed.

What stands in a `while` loop stays as it is: a loop that has lost its step never ends.
"""

import ast
import copy

LOOSER = {ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Lt: ast.LtE, ast.LtE: ast.Lt}
SENDS = ("send", "broadcast")
OTHER = {"max": "min", "min": "max"}


def variants(tree):
    """(line before, line after, changed tree) for each way to change one place; the line after is "" where it is gone.

    The tree of a function is left as it is; each variant is a copy.
    """
    for number, node in enumerate(_in_order(tree)):
        for change in _changes(node):
            changed = copy.deepcopy(tree)
            twin = next(other for place, other in enumerate(_in_order(changed)) if place == number)
            gone = change(twin)
            before, after = _line(_statement(tree, node)), "" if gone else _line(_statement(changed, twin))
            if before != after:
                yield before, after, changed


def _in_order(tree):
    """All nodes of a tree in the order of the source, but for those in `while` loops."""
    if isinstance(tree, ast.While):
        return
    yield tree
    for child in ast.iter_child_nodes(tree):
        yield from _in_order(child)


def _changes(node):
    """Functions that change a copy of the node; one that returns True takes the whole statement away."""
    match node:
        case ast.match_case(guard=ast.expr()) if not _is_conjunction(node.guard):
            yield lambda twin: setattr(twin, "guard", None)
        case ast.If() if not _is_conjunction(node.test):
            yield lambda twin: setattr(twin, "test", ast.Constant(True))
        case ast.BoolOp(op=ast.And(), values=values):
            for place in range(len(values)):
                yield lambda twin, place=place: _drop(twin, place)
        case ast.Compare(ops=[op]) if type(op) in LOOSER:
            yield lambda twin: twin.ops.__setitem__(0, LOOSER[type(twin.ops[0])]())
        case ast.Assign(targets=[ast.Tuple(elts=targets)], value=ast.Tuple()):
            for place, target in enumerate(targets):
                if _is_field(target):
                    yield lambda twin, place=place: _leave_out(twin, place)
        case ast.Assign(targets=[target]) | ast.AugAssign(target=target) if _is_field(target):
            yield _pass
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name("self"), attr=name))) if name in SENDS:
            yield _pass
        case ast.Call(func=ast.Name(id=name)) if name in OTHER:
            yield lambda twin: setattr(twin.func, "id", OTHER[twin.func.id])
        case ast.Attribute(value=ast.Name("self"), attr="majority", ctx=ast.Load()):
            yield _one_less


def _is_conjunction(condition):
    return isinstance(condition, ast.BoolOp) and isinstance(condition.op, ast.And)


def _drop(twin, place):
    """One part of `a and b and c`."""
    del twin.values[place]
    if len(twin.values) == 1:
        _become(twin, twin.values[0])


def _leave_out(twin, place):
    """One of the fields of `self.a, self.b = x, y`."""
    targets, values = twin.targets[0].elts, twin.value.elts
    del targets[place], values[place]
    if len(targets) == 1:
        twin.targets, twin.value = [targets[0]], values[0]


def _is_field(target):
    return isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name) and target.value.id == "self"


def _pass(twin):
    _become(twin, ast.Pass())
    return True


def _one_less(twin):
    _become(twin, ast.BinOp(copy.deepcopy(twin), ast.Sub(), ast.Constant(1)))


def _become(node, other):
    """Make a node of a tree another one, in place."""
    node.__class__ = other.__class__
    for field in list(vars(node)):
        if field not in ("lineno", "col_offset", "end_lineno", "end_col_offset"):
            delattr(node, field)
    vars(node).update(vars(other))


def _statement(tree, node):
    """The smallest statement, or case, that a node is in; of a larger one only the line that the node is in matters."""
    inside = tree
    for candidate in _in_order(tree):
        if isinstance(candidate, (ast.stmt, ast.match_case)) and any(part is node for part in ast.walk(candidate)):
            inside = candidate
    return inside


def _line(statement):
    return ast.unparse(statement).strip().splitlines()[0]
