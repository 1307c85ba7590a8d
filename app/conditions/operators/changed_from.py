"""No longer a value."""

import ast
from typing import Any

from sqlalchemy import ColumnElement, and_

from app.conditions.code import both, compared
from app.conditions.operators import OPERATORS
from app.conditions.operators.base import Case, ChangeOperator
from app.core.i18n import _


@OPERATORS.register
class ChangedFrom(ChangeOperator):
    """The fact was the value, and is not any more."""

    name = "changed_from"
    label = _("changed from")
    sentence = _("%(field)s changed from %(value)s")
    cases = (
        Case("choice", "b", "a", True, before="a"),
        Case("choice", None, "a", True, before="a"),
        Case("choice", "a", "a", False, before="a"),
        Case("choice", "b", "a", False),
    )

    @staticmethod
    def happened(before: Any, after: Any, wanted: Any) -> bool:
        return bool(before == wanted and before != after)

    @staticmethod
    def expression_of_change(before: ast.expr, after: ast.expr, wanted: ast.expr) -> ast.expr:
        return both(compared(before, ast.Eq(), wanted), compared(before, ast.NotEq(), after))

    @staticmethod
    def sql_of_change(before: Any, after: Any, wanted: Any) -> ColumnElement[bool]:
        return and_(before == wanted, before.is_distinct_from(after))
