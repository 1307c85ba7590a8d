"""A number as large or larger."""

import ast
from typing import Any

from sqlalchemy import ColumnElement

from app.conditions.code import compared
from app.conditions.operators import OPERATORS
from app.conditions.operators.base import NUMBERS, Case, Operator
from app.core.i18n import _


@OPERATORS.register
class IsAtLeast(Operator):
    """The fact is the value or larger."""

    name = "is_at_least"
    label = _("is at least")
    sentence = _("%(field)s is at least %(value)s")
    kinds = NUMBERS
    cases = (
        Case("number", 2, 2, True),
        Case("number", 1, 2, False),
        Case("number", None, 0, False),
        Case("money", 10000, 9999, True),
    )

    @staticmethod
    def holds(fact: Any, wanted: Any) -> bool:
        return bool(fact >= wanted)

    @staticmethod
    def expression(fact: ast.expr, wanted: ast.expr) -> ast.expr:
        return compared(fact, ast.GtE(), wanted)

    @staticmethod
    def sql(fact: Any, wanted: Any) -> ColumnElement[bool]:
        found: ColumnElement[bool] = fact >= wanted
        return found
