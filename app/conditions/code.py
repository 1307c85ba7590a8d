"""Generated code, piece by piece: the `ast` nodes of what operators and compiled trees say."""

import ast
from collections.abc import Sequence
from typing import Final

NONE: Final = ast.Constant(None)


def compared(left: ast.expr, operator: ast.cmpop, right: ast.expr) -> ast.expr:
    """Return the code of ``left OPERATOR right``."""
    return ast.Compare(left, [operator], [right])


def negated(code: ast.expr) -> ast.expr:
    """Return the code of ``not code``."""
    return ast.UnaryOp(ast.Not(), code)


def both(*codes: ast.expr) -> ast.expr:
    """Return the code of ``code and code``."""
    return ast.BoolOp(ast.And(), list(codes))


def end(pair: ast.expr, index: int) -> ast.expr:
    """Return the code of one end of a pair."""
    return ast.Subscript(pair, ast.Constant(index), ast.Load())


def method(owner: ast.expr, name: str, argument: ast.expr) -> ast.expr:
    """Return the code of ``owner.name(argument)``."""
    return ast.Call(ast.Attribute(owner, name, ast.Load()), [argument], [])


def is_constant(code: ast.expr, constant: bool) -> bool:
    """Whether ``code`` is ``True``, or ``False``, itself."""
    return isinstance(code, ast.Constant) and code.value is constant


def joined(operator: ast.boolop, parts: list[ast.expr], *, empty: bool) -> ast.expr:
    """Return the code of several joined by ``and`` or ``or``; ``empty`` is the answer of none."""
    return ast.BoolOp(operator, parts) if len(parts) > 1 else parts[0] if parts else ast.Constant(empty)


def function(name: str, arguments: Sequence[str], body: list[ast.stmt]) -> ast.FunctionDef:
    """Return the code of a function; all its arguments but the first may be left out."""
    defaults: list[ast.expr] = [NONE] * (len(arguments) - 1)
    named = [ast.arg(one) for one in arguments]
    takes = ast.arguments(posonlyargs=[], args=named, kwonlyargs=[], kw_defaults=[], defaults=defaults)
    return ast.FunctionDef(name=name, args=takes, body=body, decorator_list=[])


def load(name: str) -> ast.Name:
    """Return the code of a name."""
    return ast.Name(name, ast.Load())


def assign(name: str, value: ast.expr) -> ast.stmt:
    """Return the code of ``name = value``."""
    return ast.Assign([ast.Name(name, ast.Store())], value)


def call(function: str, argument: ast.expr) -> ast.expr:
    """Return the code of ``function(argument)``."""
    return ast.Call(load(function), [argument], [])
