"""Another than before."""

import ast
from typing import Any

from sqlalchemy import ColumnElement

from app.conditions.code import compared
from app.conditions.operators import OPERATORS
from app.conditions.operators.base import COMPARED, Case, ChangeOperator
from app.conditions.values import NOTHING
from app.core.i18n import _


@OPERATORS.register
class Changed(ChangeOperator):
    """The fact is another than it was; answered or cleared is changed too."""

    name = "changed"
    label = _("changed")
    sentence = _("%(field)s changed")
    kinds = COMPARED
    takes = NOTHING
    cases = (
        Case("choice", "b", None, True, before="a"),
        Case("choice", "a", None, False, before="a"),
        Case("text", "ABC", None, False, before="abc"),
        Case("number", 0, None, True),
        Case("number", None, None, True, before=5),
        Case("choices", ["a"], None, True, before=["a", "b"]),
        Case("text", " ", None, False),
    )

    @staticmethod
    def happened(before: Any, after: Any, wanted: Any) -> bool:
        del wanted
        return bool(before != after)

    @staticmethod
    def expression_of_change(before: ast.expr, after: ast.expr, wanted: ast.expr) -> ast.expr:
        del wanted
        return compared(before, ast.NotEq(), after)

    @staticmethod
    def sql_of_change(before: Any, after: Any, wanted: Any) -> ColumnElement[bool]:
        del wanted
        found: ColumnElement[bool] = before.is_distinct_from(after)
        return found
