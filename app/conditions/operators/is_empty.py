"""Unanswered."""

import ast
from typing import Any

from sqlalchemy import ColumnElement, false

from app.conditions.kinds import KINDS
from app.conditions.operators import OPERATORS
from app.conditions.operators.base import Case, Operator
from app.conditions.values import NOTHING
from app.core.i18n import _


@OPERATORS.register
class IsEmpty(Operator):
    """There is no answer; white space and an empty list are none."""

    name = "is_empty"
    label = _("is empty")
    sentence = _("%(field)s is empty")
    kinds = frozenset(KINDS)
    takes = NOTHING
    on_empty = True
    cases = (
        Case("text", None, None, True),
        Case("text", " ", None, True),
        Case("text", "a", None, False),
        Case("number", 0, None, False),
        Case("boolean", False, None, False),
        Case("choices", [], None, True),
        Case("attachments", [3], None, False),
        Case("table", [], None, True),
        Case("coordinates", {}, None, True),
    )

    @staticmethod
    def holds(fact: Any, wanted: Any) -> bool:
        del fact, wanted
        return False

    @staticmethod
    def expression(fact: ast.expr, wanted: ast.expr) -> ast.expr:
        del fact, wanted
        return ast.Constant(value=False)

    @staticmethod
    def sql(fact: Any, wanted: Any) -> ColumnElement[bool]:
        del fact, wanted
        return false()
