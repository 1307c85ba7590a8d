"""Of one's own teams."""

import ast
from typing import Any

from sqlalchemy import ColumnElement

from app.conditions.code import compared
from app.conditions.fields import ConditionField
from app.conditions.operators import OPERATORS
from app.conditions.operators.base import Case, Operator
from app.conditions.standpoint import Standpoint, View
from app.conditions.values import NOTHING
from app.core.i18n import _


@OPERATORS.register
class IsInMyTeam(Operator):
    """The fact is a team of the account that asks, or an account in one of them."""

    name = "is_in_my_team"
    label = _("is in my team")
    sentence = _("%(field)s is in my team")
    kinds = frozenset({"reference"})
    takes = NOTHING
    needs = View.STANDPOINT
    equates = True
    cases = (
        Case("reference", 8, None, True, refers_to="user"),
        Case("reference", 9, None, False, refers_to="user"),
        Case("reference", 1, None, True, refers_to="team"),
        Case("reference", 2, None, False, refers_to="team"),
        Case("reference", None, None, False, refers_to="team"),
    )

    @classmethod
    def serves(cls, field: ConditionField) -> bool:
        return field.kind in cls.kinds and field.refers_to in {"user", "team"}

    @classmethod
    def wanted(cls, value: Any, field: ConditionField, at: Standpoint | None) -> Any:
        del value
        if at is None:
            raise TypeError("“me” needs a standpoint")
        return at.team_ids if field.refers_to == "team" else at.colleague_ids

    @staticmethod
    def holds(fact: Any, wanted: Any) -> bool:
        return fact in wanted

    @staticmethod
    def expression(fact: ast.expr, wanted: ast.expr) -> ast.expr:
        return compared(fact, ast.In(), wanted)

    @staticmethod
    def sql(fact: Any, wanted: Any) -> ColumnElement[bool]:
        found: ColumnElement[bool] = fact.in_(sorted(wanted))
        return found
