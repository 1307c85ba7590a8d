"""One of several values."""

import ast
from typing import Any

from sqlalchemy import ColumnElement

from app.conditions.code import compared
from app.conditions.operators import OPERATORS
from app.conditions.operators.base import EQUAL, Case, Operator
from app.conditions.values import MANY
from app.core.i18n import _


@OPERATORS.register
class IsAnyOf(Operator):
    """The fact is one of the values."""

    name = "is_any_of"
    label = _("is any of")
    sentence = _("%(field)s is any of %(value)s")
    kinds = EQUAL
    takes = MANY
    equates = True
    cases = (
        Case("choice", "E1", ["E1", "E2"], True),
        Case("choice", "E3", ["E1", "E2"], False),
        Case("choice", None, ["E1"], False),
        Case("text", "ÄB", ["äb"], True),
        Case("number", 0, [0, 1], True),
    )

    @staticmethod
    def holds(fact: Any, wanted: Any) -> bool:
        return fact in wanted

    @staticmethod
    def expression(fact: ast.expr, wanted: ast.expr) -> ast.expr:
        return compared(fact, ast.In(), wanted)

    @staticmethod
    def sql(fact: Any, wanted: Any) -> ColumnElement[bool]:
        found: ColumnElement[bool] = fact.in_(list(wanted))
        return found
