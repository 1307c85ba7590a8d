"""Equal."""  # noqa: N999 - the file is called as the operator is stored

import ast
from typing import Any

from sqlalchemy import ColumnElement

from app.conditions.code import compared
from app.conditions.operators import OPERATORS
from app.conditions.operators.base import EQUAL, Case, Operator
from app.core.i18n import _


@OPERATORS.register
class Is(Operator):
    """The fact is the value; texts compare without case and width."""

    name = "is"
    label = _("is")
    sentence = _("%(field)s is %(value)s")
    kinds = EQUAL | {"boolean"}
    equates = True
    cases = (
        Case("text", "ＡＢＣ  x", "abc X", True),
        Case("text", "Straße", "STRASSE", True),
        Case("text", "a", "b", False),
        Case("number", 5, 5, True),
        Case("number", True, 1, False),
        Case("number", "5", 5, False),
        Case("money", 0, 0, True),
        Case("choice", "E1", "e1", False),
        Case("boolean", False, False, True),
        Case("boolean", None, False, False),
        Case("reference", 7, 7, True),
        Case("date", "2026-11-21", "2026-11-21", True),
        Case("text", None, "a", False),
    )

    @staticmethod
    def holds(fact: Any, wanted: Any) -> bool:
        return bool(fact == wanted)

    @staticmethod
    def expression(fact: ast.expr, wanted: ast.expr) -> ast.expr:
        return compared(fact, ast.Eq(), wanted)

    @staticmethod
    def sql(fact: Any, wanted: Any) -> ColumnElement[bool]:
        found: ColumnElement[bool] = fact == wanted
        return found
