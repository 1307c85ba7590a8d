"""Soon."""

import ast
from typing import Any

from sqlalchemy import ColumnElement, and_

from app.conditions.code import end
from app.conditions.operators import OPERATORS
from app.conditions.operators.base import DATED, Case, Operator
from app.conditions.standpoint import View
from app.conditions.values import FUTURE
from app.core.i18n import _


@OPERATORS.register
class IsWithinNext(Operator):
    """The fact is at most so far ahead, and not past. Of days, today is the first."""

    name = "is_within_next"
    label = _("is within the next")
    sentence = _("%(field)s is within the next %(value)s")
    kinds = DATED
    takes = FUTURE
    needs = View.STANDPOINT
    cases = (
        Case("datetime", "2026-11-21T10:30:00Z", "2h", True),
        Case("datetime", "2026-11-21T08:29:59Z", "2h", False),
        Case("date", "2026-11-28", "1w", True),
        Case("date", "2026-11-29", "1w", False),
        Case("date", "2026-11-20", "1w", False),
    )

    @staticmethod
    def holds(fact: Any, wanted: Any) -> bool:
        return bool(wanted[0] <= fact < wanted[1])

    @staticmethod
    def expression(fact: ast.expr, wanted: ast.expr) -> ast.expr:
        return ast.Compare(end(wanted, 0), [ast.LtE(), ast.Lt()], [fact, end(wanted, 1)])

    @staticmethod
    def sql(fact: Any, wanted: Any) -> ColumnElement[bool]:
        return and_(fact >= wanted[0], fact < wanted[1])
