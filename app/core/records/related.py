"""The records that name another one, the first of them: what stands below its page."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, func, inspect, select

from app.core.records.lookups import Found, Lookup
from app.core.records.uses import MOST_COUNTED
from app.core.work import Work

#: Below a page stand no more.
SHOWN: Final = 10


@dataclass(frozen=True, slots=True)
class Related:
    """The first records that name one, within reach, and how many there are (counted to `MOST_COUNTED`)."""

    found: Sequence[Found]
    count: int


def related(work: Work, lookup: Lookup, relation: str, key: int | str) -> Related:
    """Return the records of ``lookup`` that name ``key`` by their ``relation``, in the lookup's order."""
    holds = (_naming(lookup.model, relation, key), lookup.reach(work.actor))
    query = select(lookup.model).where(*holds).order_by(*(lookup.order or (lookup.key,))).options(*lookup.options)
    rows = list(work.session.scalars(query.limit(SHOWN + 1)))
    count = len(rows)
    if count > SHOWN:
        some = select(lookup.key).where(*holds).limit(MOST_COUNTED + 1).subquery()
        count = work.session.scalar(select(func.count()).select_from(some)) or 0
    return Related([lookup.found(row, work.actor.locale) for row in rows[:SHOWN]], count)


def _naming(model: Any, relation: str, key: int | str) -> ColumnElement[bool]:
    found = inspect(model).relationships[relation]
    if found.uselist:
        several: ColumnElement[bool] = getattr(model, relation).any(found.mapper.primary_key[0] == key)
        return several
    (column,) = found.local_columns
    one: ColumnElement[bool] = column == key
    return one
