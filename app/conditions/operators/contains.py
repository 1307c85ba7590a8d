"""A text within the text."""

import ast
from typing import Any

from sqlalchemy import ColumnElement

from app.conditions.code import compared
from app.conditions.operators import OPERATORS
from app.conditions.operators.base import Case, Operator
from app.core.i18n import _


@OPERATORS.register
class Contains(Operator):
    """The value stands somewhere in the fact."""

    name = "contains"
    label = _("contains")
    sentence = _("%(field)s contains %(value)s")
    kinds = frozenset({"text"})
    cases = (
        Case("text", "空调不制冷", "不制冷", True),
        Case("text", "Water LEAK", "leak", True),
        Case("text", "abc", "abcd", False),
        Case("text", None, "a", False),
    )

    @staticmethod
    def holds(fact: Any, wanted: Any) -> bool:
        return wanted in fact

    @staticmethod
    def expression(fact: ast.expr, wanted: ast.expr) -> ast.expr:
        return compared(wanted, ast.In(), fact)

    @staticmethod
    def sql(fact: Any, wanted: Any) -> ColumnElement[bool]:
        found: ColumnElement[bool] = fact.contains(wanted, autoescape=True)
        return found
