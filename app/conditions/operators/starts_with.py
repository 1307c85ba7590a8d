"""A text that begins with another."""

import ast
from typing import Any

from sqlalchemy import ColumnElement

from app.conditions.code import method
from app.conditions.operators import OPERATORS
from app.conditions.operators.base import Case, Operator
from app.core.i18n import _


@OPERATORS.register
class StartsWith(Operator):
    """The fact begins with the value."""

    name = "starts_with"
    label = _("starts with")
    sentence = _("%(field)s starts with %(value)s")
    kinds = frozenset({"text"})
    cases = (
        Case("text", "KFR-35", "kfr", True),
        Case("text", "A KFR", "kfr", False),
        Case("text", None, "a", False),
    )

    @staticmethod
    def holds(fact: Any, wanted: Any) -> bool:
        return bool(fact.startswith(wanted))

    @staticmethod
    def expression(fact: ast.expr, wanted: ast.expr) -> ast.expr:
        return method(fact, "startswith", wanted)

    @staticmethod
    def sql(fact: Any, wanted: Any) -> ColumnElement[bool]:
        found: ColumnElement[bool] = fact.startswith(wanted, autoescape=True)
        return found
