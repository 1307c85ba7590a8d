"""From one value to another."""

import ast
from typing import Any

from sqlalchemy import ColumnElement, and_

from app.conditions.code import end
from app.conditions.operators import OPERATORS
from app.conditions.operators.base import MOMENTS, NUMBERS, Case, Operator
from app.conditions.values import ENDS
from app.core.i18n import _


@OPERATORS.register
class IsBetween(Operator):
    """The fact is one of the two values or lies between them."""

    name = "is_between"
    label = _("is between")
    sentence = _("%(field)s is between %(value)s")
    kinds = NUMBERS | MOMENTS
    takes = ENDS
    cases = (
        Case("number", 5, [5, 7], True),
        Case("number", 7, [5, 7], True),
        Case("money", 8, [5, 7], False),
        Case("date", "2026-11-21", ["2026-11-01", "2026-11-30"], True),
        Case("datetime", "2026-11-21T08:30:01Z", ["2026-11-20T00:00:00Z", {"now": "0min"}], False),
        Case("time", "09:00", ["08:30", "17:00"], True),
        Case("number", None, [0, 1], False),
    )

    @staticmethod
    def holds(fact: Any, wanted: Any) -> bool:
        return bool(wanted[0] <= fact <= wanted[1])

    @staticmethod
    def expression(fact: ast.expr, wanted: ast.expr) -> ast.expr:
        return ast.Compare(end(wanted, 0), [ast.LtE(), ast.LtE()], [fact, end(wanted, 1)])

    @staticmethod
    def sql(fact: Any, wanted: Any) -> ColumnElement[bool]:
        return and_(fact >= wanted[0], fact <= wanted[1])
