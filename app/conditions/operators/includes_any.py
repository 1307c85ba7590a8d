"""Some of the choices."""

import ast
from typing import Any

from sqlalchemy import ColumnElement

from app.conditions.code import method
from app.conditions.operators import OPERATORS
from app.conditions.operators.base import Case, Operator
from app.conditions.values import MANY
from app.core.i18n import _


@OPERATORS.register
class IncludesAny(Operator):
    """At least one of the values is chosen."""

    name = "includes_any"
    label = _("includes any of")
    sentence = _("%(field)s includes any of %(value)s")
    kinds = frozenset({"choices"})
    takes = MANY
    cases = (
        Case("choices", ["a", "b"], ["b", "c"], True),
        Case("choices", ["a"], ["b"], False),
        Case("choices", None, ["b"], False),
        Case("choices", "b", ["b"], False),
    )

    @staticmethod
    def holds(fact: Any, wanted: Any) -> bool:
        return any(one in wanted for one in fact)

    @staticmethod
    def expression(fact: ast.expr, wanted: ast.expr) -> ast.expr:
        return ast.UnaryOp(ast.Not(), method(wanted, "isdisjoint", fact))

    @staticmethod
    def sql(fact: Any, wanted: Any) -> ColumnElement[bool]:
        found: ColumnElement[bool] = fact.overlaps(wanted)
        return found
