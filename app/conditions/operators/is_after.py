"""A later moment."""

import ast
from typing import Any

from sqlalchemy import ColumnElement

from app.conditions.code import compared
from app.conditions.operators import OPERATORS
from app.conditions.operators.base import MOMENTS, Case, Operator
from app.core.i18n import _


@OPERATORS.register
class IsAfter(Operator):
    """The fact is later than the value."""

    name = "is_after"
    label = _("is after")
    sentence = _("%(field)s is after %(value)s")
    kinds = MOMENTS
    cases = (
        Case("date", "2026-11-22", "2026-11-21", True),
        Case("date", "2026-11-21", "2026-11-21", False),
        Case("datetime", None, "2026-11-21T08:30:00Z", False),
    )

    @staticmethod
    def holds(fact: Any, wanted: Any) -> bool:
        return bool(fact > wanted)

    @staticmethod
    def expression(fact: ast.expr, wanted: ast.expr) -> ast.expr:
        return compared(fact, ast.Gt(), wanted)

    @staticmethod
    def sql(fact: Any, wanted: Any) -> ColumnElement[bool]:
        found: ColumnElement[bool] = fact > wanted
        return found
