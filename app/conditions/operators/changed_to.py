"""Become a value."""

import ast
from typing import Any

from sqlalchemy import ColumnElement, and_

from app.conditions.code import both, compared
from app.conditions.operators import OPERATORS
from app.conditions.operators.base import Case, ChangeOperator
from app.core.i18n import _


@OPERATORS.register
class ChangedTo(ChangeOperator):
    """The fact is the value now, and was not before."""

    name = "changed_to"
    label = _("changed to")
    sentence = _("%(field)s changed to %(value)s")
    cases = (
        Case("choice", "b", "b", True, before="a"),
        Case("choice", "b", "b", True),
        Case("choice", "b", "b", False, before="b"),
        Case("choice", "c", "b", False, before="a"),
        Case("boolean", False, False, True, before=True),
    )

    @staticmethod
    def happened(before: Any, after: Any, wanted: Any) -> bool:
        return bool(after == wanted and before != after)

    @staticmethod
    def expression_of_change(before: ast.expr, after: ast.expr, wanted: ast.expr) -> ast.expr:
        return both(compared(after, ast.Eq(), wanted), compared(before, ast.NotEq(), after))

    @staticmethod
    def sql_of_change(before: Any, after: Any, wanted: Any) -> ColumnElement[bool]:
        return and_(after == wanted, before.is_distinct_from(after))
