"""An earlier moment."""

import ast
from typing import Any

from sqlalchemy import ColumnElement

from app.conditions.code import compared
from app.conditions.operators import OPERATORS
from app.conditions.operators.base import MOMENTS, Case, Operator
from app.core.i18n import _


@OPERATORS.register
class IsBefore(Operator):
    """The fact is earlier than the value."""

    name = "is_before"
    label = _("is before")
    sentence = _("%(field)s is before %(value)s")
    kinds = MOMENTS
    cases = (
        Case("date", "2026-11-20", "2026-11-21", True),
        Case("date", "2026-11-21", "2026-11-21", False),
        Case("datetime", "2026-11-21T08:29:59Z", "2026-11-21T08:30:00Z", True),
        Case("time", "08:05", "10:00", True),
        Case("date", None, "2026-11-21", False),
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
