"""Trees as generated Python: each field is read once, each leaf is one comparison.

The code is built from `ast` nodes of a parsed tree; a text somebody typed is only ever a constant in it.
"""

import ast
from collections.abc import Callable, Mapping
from typing import Any, Final

from app.conditions.kinds import KINDS
from app.conditions.tree import Group, Leaf, Tree

Condition = Callable[[Mapping[str, Any]], bool]

_READERS: Final = {f"read_{kind.name}": kind.read for kind in KINDS.values()}


def compile_tree(tree: Tree) -> Condition:
    """Return the function that says whether facts (by field name; absent: unanswered) meet ``tree``."""
    names: dict[str, str] = {}
    for leaf in tree.leaves:
        names.setdefault(leaf.field.name, f"f{len(names)}")
    kinds = {leaf.field.name: leaf.field.kind for leaf in tree.leaves}
    reads: list[ast.stmt] = [
        ast.Assign([ast.Name(local, ast.Store())], _call(f"read_{kinds[name]}", _call("get", ast.Constant(name))))
        for name, local in names.items()
    ]
    get = ast.Assign([ast.Name("get", ast.Store())], ast.Attribute(_load("facts"), "get", ast.Load()))
    function = ast.FunctionDef(
        name="holds",
        args=ast.arguments(posonlyargs=[], args=[ast.arg("facts")], kwonlyargs=[], kw_defaults=[], defaults=[]),
        body=[get, *reads, ast.Return(_code(tree.root, names))],
        decorator_list=[],
    )
    module = ast.fix_missing_locations(ast.Module([function], type_ignores=[]))
    scope: dict[str, Any] = {"__builtins__": {}, **_READERS}
    exec(compile(module, "<condition>", "exec"), scope)  # noqa: S102 - built from checked nodes, see above
    condition: Condition = scope["holds"]
    return condition


def _code(part: Group | Leaf, names: Mapping[str, str]) -> ast.expr:
    if isinstance(part, Leaf):
        fact = _load(names[part.field.name])
        answer = part.operator.expression(fact, ast.Constant(part.wanted))
        if part.operator.sees_empty:
            return answer
        return ast.BoolOp(ast.And(), [ast.Compare(fact, [ast.IsNot()], [ast.Constant(None)]), answer])
    parts = [_code(one, names) for one in part.parts]
    if part.joint == "all":
        return _joined(ast.And(), parts, empty=True)
    answer = _joined(ast.Or(), parts, empty=False)
    return ast.UnaryOp(ast.Not(), answer) if part.joint == "none" else answer


def _joined(operator: ast.boolop, parts: list[ast.expr], *, empty: bool) -> ast.expr:
    return ast.BoolOp(operator, parts) if len(parts) > 1 else parts[0] if parts else ast.Constant(empty)


def _load(name: str) -> ast.expr:
    return ast.Name(name, ast.Load())


def _call(function: str, argument: ast.expr) -> ast.expr:
    return ast.Call(_load(function), [argument], [])
