"""All of the choices."""

import ast
from typing import Any

from sqlalchemy import ColumnElement, and_

from app.conditions.code import method
from app.conditions.operators import OPERATORS
from app.conditions.operators.base import Case, Operator
from app.conditions.values import MANY
from app.core.i18n import _


@OPERATORS.register
class IncludesAll(Operator):
    """Every one of the values is chosen."""

    name = "includes_all"
    label = _("includes all of")
    sentence = _("%(field)s includes all of %(value)s")
    kinds = frozenset({"choices"})
    takes = MANY
    cases = (
        Case("choices", ["a", "b", "c"], ["b", "c"], True),
        Case("choices", ["a", "b"], ["b", "c"], False),
        Case("choices", [], ["b"], False),
    )

    @staticmethod
    def holds(fact: Any, wanted: Any) -> bool:
        return all(one in fact for one in wanted)

    @staticmethod
    def expression(fact: ast.expr, wanted: ast.expr) -> ast.expr:
        return method(wanted, "issubset", fact)

    @staticmethod
    def sql(fact: Any, wanted: Any) -> ColumnElement[bool]:
        return and_(*(fact.overlaps([one]) for one in sorted(wanted)))
