"""Answered, and not equal."""

import ast
from typing import Any

from sqlalchemy import ColumnElement

from app.conditions.code import compared
from app.conditions.operators import OPERATORS
from app.conditions.operators.base import EQUAL, Case, Operator
from app.core.i18n import _


@OPERATORS.register
class IsNot(Operator):
    """The fact is another than the value; an unanswered field is not “another”."""

    name = "is_not"
    label = _("is not")
    sentence = _("%(field)s is not %(value)s")
    kinds = EQUAL | {"boolean"}
    cases = (
        Case("text", "ABC", "abc", False),
        Case("text", "x", "abc", True),
        Case("text", None, "abc", False),
        Case("text", "  ", "abc", False),
        Case("number", 5, 6, True),
        Case("boolean", False, True, True),
    )

    @staticmethod
    def holds(fact: Any, wanted: Any) -> bool:
        return bool(fact != wanted)

    @staticmethod
    def expression(fact: ast.expr, wanted: ast.expr) -> ast.expr:
        return compared(fact, ast.NotEq(), wanted)

    @staticmethod
    def sql(fact: Any, wanted: Any) -> ColumnElement[bool]:
        found: ColumnElement[bool] = fact != wanted
        return found
