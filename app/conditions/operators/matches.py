"""A text of a form."""

import ast
from typing import Any

from sqlalchemy import ColumnElement

from app.conditions.code import method
from app.conditions.operators import OPERATORS
from app.conditions.operators.base import Case, Operator
from app.conditions.values import FORM
from app.core.i18n import _


@OPERATORS.register
class Matches(Operator):
    """The whole fact has the form of the pattern; see `app.conditions.patterns`."""

    name = "matches"
    label = _("matches")
    sentence = _("%(field)s matches %(value)s")
    kinds = frozenset({"text"})
    takes = FORM
    cases = (
        Case("text", "KFR-35", "kfr-[0-9]{2}", True),
        Case("text", "ＫＦＲ－３５", "KFR-\\d+", True),
        Case("text", "KFR-35GW", "kfr-[0-9]{2}", False),
        Case("text", "维修完成", "维修..", True),
        Case("text", "Straße", "^stra(ß|x)e$", True),
        Case("text", "a" * 14 + "!", "(a+)+$", False),
        Case("text", "50%", ".*[%_]", True),
        Case("text", None, ".*", False),
    )

    @staticmethod
    def holds(fact: Any, wanted: Any) -> bool:
        return bool(wanted.matches(fact))

    @staticmethod
    def expression(fact: ast.expr, wanted: ast.expr) -> ast.expr:
        return method(wanted, "matches", fact)

    @staticmethod
    def sql(fact: Any, wanted: Any) -> ColumnElement[bool]:
        found: ColumnElement[bool] = fact.regexp_match(wanted.regex)
        return found
