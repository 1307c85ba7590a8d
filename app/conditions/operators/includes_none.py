"""None of the choices."""

import ast
from typing import Any

from sqlalchemy import ColumnElement, and_, not_

from app.conditions.code import method
from app.conditions.operators import OPERATORS
from app.conditions.operators.base import Case, Operator
from app.conditions.sources import answered
from app.conditions.values import MANY
from app.core.i18n import _


@OPERATORS.register
class IncludesNone(Operator):
    """There are choices, and none of the values is among them."""

    name = "includes_none"
    label = _("includes none of")
    sentence = _("%(field)s includes none of %(value)s")
    kinds = frozenset({"choices"})
    takes = MANY
    cases = (
        Case("choices", ["a", "b"], ["c", "d"], True),
        Case("choices", ["a", "b"], ["b", "c"], False),
        Case("choices", [], ["b"], False),
        Case("choices", None, ["b"], False),
    )

    @staticmethod
    def holds(fact: Any, wanted: Any) -> bool:
        return not any(one in wanted for one in fact)

    @staticmethod
    def expression(fact: ast.expr, wanted: ast.expr) -> ast.expr:
        return method(wanted, "isdisjoint", fact)

    @staticmethod
    def sql(fact: Any, wanted: Any) -> ColumnElement[bool]:
        return and_(answered(fact), not_(fact.overlaps(wanted)))
