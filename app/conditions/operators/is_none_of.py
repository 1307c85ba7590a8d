"""Answered, and none of several values."""

import ast
from typing import Any

from sqlalchemy import ColumnElement

from app.conditions.code import compared
from app.conditions.operators import OPERATORS
from app.conditions.operators.base import EQUAL, Case, Operator
from app.conditions.values import MANY
from app.core.i18n import _


@OPERATORS.register
class IsNoneOf(Operator):
    """The fact is another than all values; an unanswered field is not “another”."""

    name = "is_none_of"
    label = _("is none of")
    sentence = _("%(field)s is none of %(value)s")
    kinds = EQUAL
    takes = MANY
    cases = (
        Case("choice", "E1", ["E1", "E2"], False),
        Case("choice", "E3", ["E1", "E2"], True),
        Case("choice", None, ["E1"], False),
    )

    @staticmethod
    def holds(fact: Any, wanted: Any) -> bool:
        return fact not in wanted

    @staticmethod
    def expression(fact: ast.expr, wanted: ast.expr) -> ast.expr:
        return compared(fact, ast.NotIn(), wanted)

    @staticmethod
    def sql(fact: Any, wanted: Any) -> ColumnElement[bool]:
        found: ColumnElement[bool] = fact.not_in(list(wanted))
        return found
