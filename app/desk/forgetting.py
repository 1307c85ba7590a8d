"""Telephone numbers that views of old searched for, taken out of them and of what the audit record tells of them."""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import select, update

from app.core.audit import AuditEvent
from app.core.work import Work
from app.desk.models import SavedView
from app.desk.queries import FORGOTTEN
from app.people import phones

_VIEW: Final[Any] = SavedView.__table__
_EVENT: Final[Any] = AuditEvent.__table__


def forget_numbers(work: Work) -> int:
    """Leave of each number that it was one; return of how many views. Nothing is recorded: it would tell the number."""
    found = [(key, kept) for key, kept in work.session.execute(select(_VIEW.c.id, _VIEW.c.query)) if _tells(kept)]
    for key, kept in found:
        work.session.execute(update(_VIEW).where(_VIEW.c.id == key).values(query=_without(kept)))
    _forget_in_the_record(work)
    return len(found)


def _forget_in_the_record(work: Work) -> None:
    events = select(_EVENT.c.id, _EVENT.c.changes).where(_EVENT.c.table_name == _VIEW.name)
    for key, changes in work.session.execute(events).all():
        both = changes.get("query", ())
        if any(map(_tells, both)):
            changed = changes | {"query": [_without(one) for one in both]}
            work.session.execute(update(_EVENT).where(_EVENT.c.id == key).values(changes=changed))


def _tells(kept: Any) -> bool:
    return isinstance(kept, Mapping) and phones.is_told_in(str(kept.get("q", "")))


def _without(kept: Any) -> Any:
    return {**kept, "q": FORGOTTEN} if _tells(kept) else kept
