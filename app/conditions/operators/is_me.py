"""Oneself."""

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
class IsMe(Operator):
    """The fact is the account that asks; the system is nobody."""

    name = "is_me"
    label = _("is me")
    sentence = _("%(field)s is me")
    kinds = frozenset({"reference"})
    takes = NOTHING
    needs = View.STANDPOINT
    equates = True
    cases = (
        Case("reference", 7, None, True, refers_to="user"),
        Case("reference", 8, None, False, refers_to="user"),
        Case("reference", None, None, False, refers_to="user"),
    )

    @classmethod
    def serves(cls, field: ConditionField) -> bool:
        return field.kind in cls.kinds and field.refers_to == "user"

    @classmethod
    def wanted(cls, value: Any, field: ConditionField, at: Standpoint | None) -> Any:
        del value, field
        if at is None:
            raise TypeError("“me” needs a standpoint")
        return 0 if at.user_id is None else at.user_id

    @staticmethod
    def holds(fact: Any, wanted: Any) -> bool:
        return bool(fact == wanted)

    @staticmethod
    def expression(fact: ast.expr, wanted: ast.expr) -> ast.expr:
        return compared(fact, ast.Eq(), wanted)

    @staticmethod
    def sql(fact: Any, wanted: Any) -> ColumnElement[bool]:
        # Nobody is a key no account has: equal to it is false, where equal to NULL would be no answer.
        found: ColumnElement[bool] = fact == wanted
        return found
