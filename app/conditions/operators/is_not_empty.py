"""Answered."""

import ast
from typing import Any

from sqlalchemy import ColumnElement

from app.conditions.kinds import KINDS
from app.conditions.operators import OPERATORS
from app.conditions.operators.base import Case, Operator
from app.conditions.sources import answered
from app.conditions.values import NOTHING
from app.core.i18n import _


@OPERATORS.register
class IsNotEmpty(Operator):
    """There is an answer; no and zero are answers."""

    name = "is_not_empty"
    label = _("is not empty")
    sentence = _("%(field)s is not empty")
    kinds = frozenset(KINDS)
    takes = NOTHING
    cases = (
        Case("text", None, None, False),
        Case("text", "a", None, True),
        Case("number", 0, None, True),
        Case("boolean", False, None, True),
        Case("choices", ["a"], None, True),
        Case("attachments", [], None, False),
        Case("table", [{"a": 1}], None, True),
    )

    @staticmethod
    def holds(fact: Any, wanted: Any) -> bool:
        del fact, wanted
        return True

    @staticmethod
    def expression(fact: ast.expr, wanted: ast.expr) -> ast.expr:
        del fact, wanted
        return ast.Constant(value=True)

    @staticmethod
    def sql(fact: Any, wanted: Any) -> ColumnElement[bool]:
        del wanted
        return answered(fact)
