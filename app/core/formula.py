"""Formulas an administrator types: ``if(qty > 10, price * qty * 0.9, price * qty)``.

Exact: numbers are Decimals, never floats. Bounded: at most 1000 characters and 200 parts, no loops, no powers, no
attributes, texts cut at 1000 characters, numbers under 10**30; so the time is bounded too. Forgiving at run time:
what cannot be computed (an unanswered field, a division by zero, a text times a number) is empty, never an error.
A formula that cannot be read at all is refused when it is saved.
"""

import ast
import re
from collections.abc import Callable, Collection, Mapping
from datetime import date, datetime
from decimal import Context, Decimal, DivisionByZero, InvalidOperation, Overflow
from functools import lru_cache
from typing import Any, Final

from simpleeval import SimpleEval

from app.core.errors import DomainError
from app.core.i18n import Message, _
from app.core.numbers import half_up

LONGEST: Final = 1000
MOST_PARTS: Final = 200
LONGEST_TEXT: Final = 1000
MOST_PLACES: Final = 8
#: Products stay exact up to here; larger results are empty.
_MOST_DIGITS: Final = 30
_EXACT: Final = Context(prec=64, traps=[DivisionByZero, InvalidOperation, Overflow])

_QUOTED: Final = re.compile(r"(\"[^\"\n]*\"|'[^'\n]*')")
_IF: Final = re.compile(r"\bif\s*\(")
#: Signs of a Chinese keyboard mean the plain ones.
_SIGNS: Final = str.maketrans("（），＋－＊／×÷＜＞＝", "(),+-*/*/<>=")


class FormulaError(DomainError):
    """The formula cannot be read."""


def _plain(value: Any) -> str:
    if value is None or isinstance(value, bool | list | dict):
        return ""
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def _numbers(values: Any) -> list[Decimal]:
    return [value for value in values if isinstance(value, Decimal)]


def _bounded(number: Decimal) -> Decimal | None:
    return number if number.adjusted() < _MOST_DIGITS else None


def _arithmetic(operation: Callable[[Decimal, Decimal], Decimal]) -> Callable[[Any, Any], Decimal | None]:
    def compute(left: Any, right: Any) -> Decimal | None:
        if not isinstance(left, Decimal) or not isinstance(right, Decimal):
            return None
        try:
            return _bounded(operation(left, right))
        except (DivisionByZero, InvalidOperation, Overflow):
            return None

    return compute


def _comparison(compare: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    def answer(left: Any, right: Any) -> bool:
        return left is not None and type(left) is type(right) and bool(compare(left, right))

    return answer


def _sum(first: Any = None, *others: Any) -> Decimal | None:
    if len(others) == 1 and isinstance(others[0], str):
        rows = first if isinstance(first, list) else []
        numbers = _numbers(row.get(others[0]) for row in rows if isinstance(row, dict))
    else:
        numbers = _numbers((first, *others))
    total = Decimal(0)
    for number in numbers:
        total = _EXACT.add(total, number)
    return _bounded(total)


def _count(rows: Any, column: Any, value: Any) -> Decimal | None:
    """Count the rows of a table that say just this in a column."""
    if not isinstance(column, str) or not isinstance(rows, list | None):
        return None
    cells = [row.get(column) for row in rows or () if isinstance(row, dict)]
    return Decimal(sum(type(cell) is type(value) and cell == value for cell in cells))


def _round(number: Any, places: Any = Decimal(0)) -> Decimal | None:
    if not isinstance(number, Decimal) or not isinstance(places, Decimal) or places not in range(MOST_PLACES + 1):
        return None
    return half_up(number, int(places))


def _days_between(start: Any, end: Any) -> Decimal | None:
    if not isinstance(start, date) or type(start) is not type(end):
        return None
    return Decimal((end - start).days)


def _year(day: Any) -> Decimal | None:
    return Decimal(day.year) if isinstance(day, date) else None


def _negative(value: Any) -> Decimal | None:
    return _EXACT.minus(value) if isinstance(value, Decimal) else None


#: Name → (function, fewest and most arguments). `today` is added per evaluation.
FUNCTIONS: Final[Mapping[str, tuple[Callable[..., Any], int, int]]] = {
    "min": (lambda *values: min(_numbers(values), default=None), 1, 20),
    "max": (lambda *values: max(_numbers(values), default=None), 1, 20),
    "sum": (_sum, 1, 20),
    "count": (_count, 3, 3),
    "round": (_round, 1, 2),
    "abs": (lambda value: value.copy_abs() if isinstance(value, Decimal) else None, 1, 1),
    "if": (lambda test, yes, no=None: yes if test is True else no, 2, 3),
    "len": (lambda value: Decimal(len(value)) if isinstance(value, str | list) else Decimal(0), 1, 1),
    "concat": (lambda *values: "".join(_plain(value) for value in values)[:LONGEST_TEXT] or None, 1, 20),
    "days_between": (_days_between, 2, 2),
    "year": (_year, 1, 1),
    "today": (lambda: None, 0, 0),
}

_OPERATORS: Final[Mapping[type[ast.AST], Callable[..., Any]]] = {
    ast.Add: _arithmetic(_EXACT.add),
    ast.Sub: _arithmetic(_EXACT.subtract),
    ast.Mult: _arithmetic(_EXACT.multiply),
    ast.Div: _arithmetic(_EXACT.divide),
    ast.USub: _negative,
    ast.UAdd: lambda value: value if isinstance(value, Decimal) else None,
    ast.Not: lambda value: value is not True,
    ast.Eq: _comparison(lambda left, right: left == right),
    ast.NotEq: _comparison(lambda left, right: left != right),
    ast.Lt: _comparison(lambda left, right: left < right),
    ast.LtE: _comparison(lambda left, right: left <= right),
    ast.Gt: _comparison(lambda left, right: left > right),
    ast.GtE: _comparison(lambda left, right: left >= right),
}


class _Evaluator(SimpleEval):  # type: ignore[misc]  # simpleeval has no types
    """simpleeval with nothing but names, constants, our operators and our functions; dear to make, so used again."""

    def __init__(self) -> None:
        self.today = date.min
        functions = {name: entry[0] for name, entry in FUNCTIONS.items()} | {"today": lambda: self.today}
        super().__init__(dict(_OPERATORS), functions, {})
        self.nodes = {
            ast.Expr: self._eval_expr,
            ast.Name: lambda node: self.names.get(node.id),
            ast.UnaryOp: self._eval_unaryop,
            ast.BinOp: self._eval_binop,
            ast.BoolOp: self._every_or_some,
            ast.Compare: self._eval_compare,
            ast.Call: self._eval_call,
            ast.Constant: lambda node: node.value,
        }

    def _every_or_some(self, node: ast.BoolOp) -> bool:
        answers = (self._eval(value) is True for value in node.values)
        return all(answers) if isinstance(node.op, ast.And) else any(answers)


class Formula:
    """A formula that was read and checked; ``names`` are the fields it asks for."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._idle: list[_Evaluator] = []
        self._tree = ast.Expr(_checked(_parsed(text)))
        functions = {id(node.func) for node in ast.walk(self._tree) if isinstance(node, ast.Call)}
        self.names = frozenset(
            node.id for node in ast.walk(self._tree) if isinstance(node, ast.Name) and id(node) not in functions
        )

    def says_yes_or_no(self, truths: Collection[str] = ()) -> bool:
        """Whether the result can be a truth, where of the names asked for only ``truths`` are."""
        return _says_yes_or_no(self._tree.value, truths)

    def value(self, operands: Mapping[str, Any], today: date) -> Decimal | str | bool | date | None:
        """Return the result; None when it is empty. Operands are Decimals, texts, truths, days, rows or None."""
        try:
            # One evaluator serves one evaluation at a time; threads that meet here each have their own.
            evaluator = self._idle.pop()
        except IndexError:
            evaluator = _Evaluator()
        evaluator.today = today
        evaluator.names = {name: operands.get(name) for name in self.names}
        result = evaluator.eval(self.text, self._tree)
        self._idle.append(evaluator)
        if isinstance(result, str):
            return result[:LONGEST_TEXT]
        return result if isinstance(result, Decimal | bool | date | datetime) else None


@lru_cache(maxsize=2000)
def formula(text: str) -> Formula:
    """Return the formula of ``text``, read once; FormulaError when it cannot be read."""
    return Formula(text)


def _says_yes_or_no(node: ast.AST, truths: Collection[str]) -> bool:
    if isinstance(node, ast.Name):
        return node.id in truths
    if isinstance(node, ast.Constant):
        return isinstance(node.value, bool)
    if isinstance(node, ast.UnaryOp):
        return isinstance(node.op, ast.Not)
    if isinstance(node, ast.Call):
        # Of the functions only `if` hands on what it was given.
        return getattr(node.func, "id", "") == "if" and any(_says_yes_or_no(one, truths) for one in node.args[1:])
    return isinstance(node, ast.Compare | ast.BoolOp)


def _parsed(text: str) -> ast.expr:
    if len(text) > LONGEST:
        raise FormulaError(_("A formula has at most %(limit)s characters.", limit=LONGEST), code="too_long")
    if not text.strip():
        raise FormulaError(_("The formula is empty."), code="empty")
    # Odd pieces are quoted texts and stay as they are; `if` is a word of Python, so its function is renamed.
    pieces = _QUOTED.split(text)
    plain = [piece if index % 2 else _IF.sub("if_(", piece.translate(_SIGNS)) for index, piece in enumerate(pieces)]
    try:
        if "\\" in text:
            raise FormulaError(_("A formula has no “\\”."), code="syntax")
        return ast.parse("".join(plain).strip().replace("\n", " "), mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        at = getattr(error, "offset", None) or 1
        raise FormulaError(_("The formula cannot be read near character %(at)s.", at=at), code="syntax") from None


def _checked(tree: ast.expr) -> ast.expr:
    nodes = list(ast.walk(tree))
    if len(nodes) > 3 * MOST_PARTS or sum(isinstance(node, ast.expr) for node in nodes) > MOST_PARTS:
        raise FormulaError(_("A formula has at most %(limit)s parts.", limit=MOST_PARTS), code="too_many")
    for node in nodes:
        if isinstance(node, ast.Call):
            _check_call(node)
        elif isinstance(node, ast.Constant):
            node.value = _constant(node.value)
        elif isinstance(node, ast.BinOp | ast.UnaryOp):
            _known(type(node.op) in _OPERATORS, type(node.op).__name__)
        elif isinstance(node, ast.Compare):
            _known(all(type(op) in _OPERATORS for op in node.ops), type(node.ops[0]).__name__)
        elif not isinstance(
            node, ast.Name | ast.BoolOp | ast.operator | ast.unaryop | ast.boolop | ast.cmpop | ast.Load
        ):
            _known(False, type(node).__name__)
    return tree


def _check_call(node: ast.Call) -> None:
    name = node.func.id if isinstance(node.func, ast.Name) else ""
    name = "if" if name == "if_" else name
    if name not in FUNCTIONS or node.keywords:
        raise FormulaError(
            _("There is no function “%(name)s”. There are: %(all)s.", name=name[:40], all=", ".join(sorted(FUNCTIONS))),
            code="unknown_function",
        )
    node.func.id = name  # type: ignore[attr-defined]
    _function, fewest, most = FUNCTIONS[name]
    if not fewest <= len(node.args) <= most or any(isinstance(one, ast.Starred) for one in node.args):
        message: Message = _("“%(name)s” takes %(fewest)s to %(most)s values.", name=name, fewest=fewest, most=most)
        raise FormulaError(message, code="wrong_arguments")


def _constant(value: Any) -> Any:
    if isinstance(value, bool | str):
        return value
    if isinstance(value, int | float):
        # The shortest text of a float is what was typed, up to 15 digits.
        number = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
        if number.is_finite() and number.adjusted() < 15 and len(number.as_tuple().digits) <= 15:  # noqa: PLR2004
            return number
    raise FormulaError(_("A formula holds numbers of at most 15 digits and texts."), code="bad_constant")


def _known(known: bool, name: str) -> None:
    if not known:
        raise FormulaError(_("A formula may not use “%(name)s”.", name=name), code="not_allowed")
