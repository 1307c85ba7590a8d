"""At a node of a tree, or below it."""

import ast
from typing import Any

from sqlalchemy import ColumnElement, func

from app.conditions.code import method
from app.conditions.fields import ConditionField
from app.conditions.operators import OPERATORS
from app.conditions.operators.base import Case, Operator
from app.conditions.standpoint import Standpoint
from app.core.i18n import _


@OPERATORS.register
class IsBelow(Operator):
    """The fact is the node or anything below it: ``washer/drum`` for a cascade, ``1101`` for a place."""

    name = "is_below"
    label = _("is in")
    sentence = _("%(field)s is in %(value)s")
    kinds = frozenset({"cascade", "place"})
    cases = (
        Case("cascade", "washer/drum/motor", "washer/drum", True),
        Case("cascade", "washer/drum", "washer/drum", True),
        Case("cascade", "washer/drummer", "washer/drum", False),
        Case("cascade", "washer", "washer/drum", False),
        Case("cascade", None, "washer", False),
        Case("place", "110101", "11", True),
        Case("place", "110101", "1101", True),
        Case("place", "310101", "11", False),
    )

    @classmethod
    def wanted(cls, value: Any, field: ConditionField, at: Standpoint | None) -> Any:
        del at
        # Codes of places are prefixes of those below them; keys of a cascade end at the slash.
        return value if field.kind == "place" else f"{value}/"

    @staticmethod
    def holds(fact: Any, wanted: Any) -> bool:
        return f"{fact}/".startswith(wanted)

    @staticmethod
    def expression(fact: ast.expr, wanted: ast.expr) -> ast.expr:
        return method(ast.BinOp(fact, ast.Add(), ast.Constant("/")), "startswith", wanted)

    @staticmethod
    def sql(fact: Any, wanted: Any) -> ColumnElement[bool]:
        # Not LIKE: SQLite's does not tell `a` from `A`, and codes do.
        found: ColumnElement[bool] = func.substr(fact.concat("/"), 1, len(wanted)) == wanted
        return found
