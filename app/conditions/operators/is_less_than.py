"""A smaller number."""

import ast
from typing import Any

from sqlalchemy import ColumnElement

from app.conditions.code import compared
from app.conditions.operators import OPERATORS
from app.conditions.operators.base import NUMBERS, Case, Operator
from app.core.i18n import _


@OPERATORS.register
class IsLessThan(Operator):
    """The fact is smaller than the value."""

    name = "is_less_than"
    label = _("is less than")
    sentence = _("%(field)s is less than %(value)s")
    kinds = NUMBERS
    cases = (
        Case("number", 1, 2, True),
        Case("number", 2, 2, False),
        Case("number", None, 2, False),
        Case("money", -1, 0, True),
        Case("number", 9, 10, True),
    )

    @staticmethod
    def holds(fact: Any, wanted: Any) -> bool:
        return bool(fact < wanted)

    @staticmethod
    def expression(fact: ast.expr, wanted: ast.expr) -> ast.expr:
        return compared(fact, ast.Lt(), wanted)

    @staticmethod
    def sql(fact: Any, wanted: Any) -> ColumnElement[bool]:
        found: ColumnElement[bool] = fact < wanted
        return found
