"""A value before."""

import ast
from typing import Any

from sqlalchemy import ColumnElement

from app.conditions.code import compared
from app.conditions.operators import OPERATORS
from app.conditions.operators.base import Case, ChangeOperator
from app.core.i18n import _


@OPERATORS.register
class Was(ChangeOperator):
    """The fact was the value before the change, whatever it is then."""

    name = "was"
    label = _("was")
    sentence = _("%(field)s was %(value)s")
    cases = (
        Case("choice", "b", "a", True, before="a"),
        Case("choice", "a", "a", True, before="a"),
        Case("choice", "a", "a", False, before="b"),
        Case("text", None, "ABC", True, before="abc"),
        Case("number", 5, 5, False),
    )

    @staticmethod
    def happened(before: Any, after: Any, wanted: Any) -> bool:
        del after
        return bool(before == wanted)

    @staticmethod
    def expression_of_change(before: ast.expr, after: ast.expr, wanted: ast.expr) -> ast.expr:
        del after
        return compared(before, ast.Eq(), wanted)

    @staticmethod
    def sql_of_change(before: Any, after: Any, wanted: Any) -> ColumnElement[bool]:
        del after
        found: ColumnElement[bool] = before == wanted
        return found
