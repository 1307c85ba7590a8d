"""A text without another."""

import ast
from typing import Any

from sqlalchemy import ColumnElement, not_

from app.conditions.code import compared
from app.conditions.operators import OPERATORS
from app.conditions.operators.base import Case, Operator
from app.core.i18n import _


@OPERATORS.register
class DoesNotContain(Operator):
    """The fact is answered, and the value stands nowhere in it."""

    name = "does_not_contain"
    label = _("does not contain")
    sentence = _("%(field)s does not contain %(value)s")
    kinds = frozenset({"text"})
    cases = (
        Case("text", "空调不制冷", "漏水", True),
        Case("text", "Water LEAK", "leak", False),
        Case("text", "100%", "100_", True),
        Case("text", None, "a", False),
    )

    @staticmethod
    def holds(fact: Any, wanted: Any) -> bool:
        return wanted not in fact

    @staticmethod
    def expression(fact: ast.expr, wanted: ast.expr) -> ast.expr:
        return compared(wanted, ast.NotIn(), fact)

    @staticmethod
    def sql(fact: Any, wanted: Any) -> ColumnElement[bool]:
        found: ColumnElement[bool] = not_(fact.contains(wanted, autoescape=True))
        return found
