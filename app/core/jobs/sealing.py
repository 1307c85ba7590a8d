"""The ledger of jobs from before it was sealed: brought to rest as it is written today."""

from typing import Any, Final

from sqlalchemy import or_, select, update

from app.core.columns import SealedJson, is_in_the_clear
from app.core.jobs.models import Job, JobChunk
from app.core.work import Work

#: So many rows are held at a time: the outcome of a part tells of hundreds of rows of a file.
_AT_ONCE: Final = 100


def seal_older(work: Work) -> int:
    """Seal what is in the clear in the ledger of jobs; return how many rows there were."""
    return sum(_seal(work, model.__table__) for model in (Job, JobChunk))


def _seal(work: Work, table: Any) -> int:
    sealed = [one for one in table.c if isinstance(one.type, SealedJson)]
    query = select(table.c.id, *sealed).where(or_(*map(is_in_the_clear, sealed))).order_by(table.c.id).limit(_AT_ONCE)
    after, count = 0, 0
    while rows := work.session.execute(query.where(table.c.id > after)).all():
        for key, *values in rows:
            written = {column.name: value for column, value in zip(sealed, values, strict=True)}
            work.session.execute(update(table).where(table.c.id == key).values(written))
        after, count = rows[-1].id, count + len(rows)
    return count
