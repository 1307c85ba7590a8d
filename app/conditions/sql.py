"""Trees as SQL, for SQLite and PostgreSQL: one condition on the rows of a statement.

A leaf may be NULL over a field that is not answered. Where nothing is negated that is as good as false, to WHERE, AND
and OR alike, and the bare leaf lets an index answer it; under a negation each leaf is closed (``IS NOT TRUE``). So a
tree is asked of rows by WHERE, and of a column of the result by ``matching(…).is_(True)``.
"""

from typing import Any

from sqlalchemy import ColumnElement, and_, false, not_, or_, true

from app.conditions.operators.base import ChangeOperator
from app.conditions.sources import answered
from app.conditions.standpoint import Standpoint
from app.conditions.tree import Group, Leaf, Tree


def matching(tree: Tree, at: Standpoint | None = None) -> ColumnElement[bool]:
    """Return the condition that holds for the rows that meet ``tree``, as seen from ``at``.

    Every field of the tree must say how it is read (`ConditionField.source`), or what it was (`history`).
    """
    return _condition(tree.root, at, negated=False)


def _condition(part: Group | Leaf, at: Standpoint | None, *, negated: bool) -> ColumnElement[bool]:
    if isinstance(part, Leaf):
        answer = _leaf(part, at)
        return _is_not_true(answer) if negated else answer
    negated ^= part.joint == "none"
    parts = [_condition(one, at, negated=negated) for one in part.parts]
    # Of a negated group the parts are negated, and its joint is the other one.
    if (part.joint == "all") is not negated:
        return and_(true(), *parts)
    return or_(false(), *parts)


def _leaf(leaf: Leaf, at: Standpoint | None) -> ColumnElement[bool]:
    operator, field, wanted = leaf.operator, leaf.field, leaf.wanted(at)
    if issubclass(operator, ChangeOperator):
        assert field.history is not None  # noqa: S101 - else the operator does not serve the field
        happened = operator.sql_of_change
        return field.history.where(leaf.kind, lambda before, after: happened(before, after, wanted))
    if field.source is None:
        raise TypeError(f"SQL does not know {field.name}")
    asks = operator.sql

    def held(fact: Any) -> ColumnElement[bool]:
        return asks(fact, wanted)

    def failed(fact: Any) -> ColumnElement[bool]:
        return and_(answered(fact), not_(asks(fact, wanted)))

    if operator.on_empty:
        return _is_not_true(field.source.where(leaf.kind, failed, at))
    return field.source.where(leaf.kind, held, at)


def _is_not_true(answer: ColumnElement[bool]) -> ColumnElement[bool]:
    return answer.is_not(true())
