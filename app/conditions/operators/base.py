"""The contract of a condition operator: one class a file, one meaning in every backend.

`holds` is the meaning; `expression` is the same as generated Python, `sql` as SQL, and `conditions.js` has a function
of the same name. The change operators mean something of two facts, and say it in `happened` and its like.
"""

import ast
import datetime as dt
from dataclasses import dataclass
from typing import Any, ClassVar, Final
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_

from app.conditions.code import end
from app.conditions.fields import ConditionField
from app.conditions.standpoint import Standpoint, View
from app.conditions.values import ONE, Shape
from app.core.i18n import Message

#: The kinds of whole numbers, those with a calendar, and those whose values sort as text.
NUMBERS: Final = frozenset({"number", "money"})
DATED: Final = frozenset({"date", "datetime"})
MOMENTS: Final = DATED | {"time"}
#: The kinds with one value that can be equal to another.
SINGLE: Final = frozenset({"text", "choice", "cascade", "reference", "place", *NUMBERS, *MOMENTS})
#: Those, and the one whose facts tell no more than that.
EQUAL: Final = SINGLE | {"sealed"}
#: The kinds whose facts can be told from each other.
COMPARED: Final = SINGLE | {"boolean", "choices"}

#: From where the cases of relative operators are asked: Saturday, 16:30 in Shanghai.
CASES_AT: Final = Standpoint(
    dt.datetime(2026, 11, 21, 8, 30, tzinfo=dt.UTC), ZoneInfo("Asia/Shanghai"), 7, frozenset({1}), frozenset({7, 8})
)


@dataclass(frozen=True, slots=True)
class Case:
    """A proof: over a fact of this kind, the operator with this value gives this answer, asked from `CASES_AT`."""

    kind: str
    fact: Any
    value: Any
    holds: bool
    #: What the fact was before, where a change is asked about.
    before: Any = None
    refers_to: str = ""


class Operator:
    """Base of all operators. Facts and values arrive as their kind reads them: texts folded, lists as lists."""

    #: Stored name, equal to the file's name, never renamed; also its name in `conditions.js`.
    name: ClassVar[str]
    label: ClassVar[Message]
    #: The leaf as words, of ``field`` and ``value``.
    sentence: ClassVar[Message]
    #: Names of the kinds it serves (`app.conditions.kinds.KINDS`).
    kinds: ClassVar[frozenset[str]]
    #: What stands beside it in a leaf.
    takes: ClassVar[Shape] = ONE
    #: What must be there to ask it, besides facts.
    needs: ClassVar[View] = View.FACTS
    #: It asks for equality alone, so its code is false of whatever is no answer, too.
    equates: ClassVar[bool] = False
    #: Its answer over an unanswered field.
    on_empty: ClassVar[bool] = False
    cases: ClassVar[tuple[Case, ...]] = ()

    @classmethod
    def serves(cls, field: ConditionField) -> bool:
        """Whether it can be asked of ``field``."""
        return field.kind in cls.kinds

    @classmethod
    def wanted(cls, value: Any, field: ConditionField, at: Standpoint | None) -> Any:
        """Return what `holds` compares facts with; worked out once an evaluation."""
        return cls.takes.wanted(value, field, at)

    @staticmethod
    def holds(fact: Any, wanted: Any) -> bool:
        """Whether the leaf is true over a fact that is answered."""
        raise NotImplementedError

    @staticmethod
    def expression(fact: ast.expr, wanted: ast.expr) -> ast.expr:
        """Return the code of `holds`."""
        raise NotImplementedError

    @staticmethod
    def sql(fact: Any, wanted: Any) -> ColumnElement[bool]:
        """Return `holds` as SQL; over a fact that is NULL it may be NULL."""
        raise NotImplementedError


class SpanOperator(Operator):
    """Base of the operators over a span of time counted from now: its shape says from when until before when."""

    kinds = DATED
    needs = View.STANDPOINT

    @staticmethod
    def holds(fact: Any, wanted: Any) -> bool:
        return bool(wanted[0] <= fact < wanted[1])

    @staticmethod
    def expression(fact: ast.expr, wanted: ast.expr) -> ast.expr:
        return ast.Compare(end(wanted, 0), [ast.LtE(), ast.Lt()], [fact, end(wanted, 1)])

    @staticmethod
    def sql(fact: Any, wanted: Any) -> ColumnElement[bool]:
        return and_(fact >= wanted[0], fact < wanted[1])


class ChangeOperator(Operator):
    """Base of the operators over a change: what a field was, and what it is then. Either may be None, unanswered."""

    needs = View.CHANGE
    kinds = SINGLE | {"boolean"}

    @classmethod
    def serves(cls, field: ConditionField) -> bool:
        return super().serves(field) and field.history is not None

    @staticmethod
    def happened(before: Any, after: Any, wanted: Any) -> bool:
        """Whether the leaf is true."""
        raise NotImplementedError

    @staticmethod
    def expression_of_change(before: ast.expr, after: ast.expr, wanted: ast.expr) -> ast.expr:
        """Return the code of `happened`."""
        raise NotImplementedError

    @staticmethod
    def sql_of_change(before: Any, after: Any, wanted: Any) -> ColumnElement[bool]:
        """Return `happened` as SQL."""
        raise NotImplementedError
