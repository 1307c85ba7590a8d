"""The audit record: the changes of some rows, and of everything."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Select, String, cast, or_, select, union_all

from app.core.audit import AuditEvent, AuditWhole
from app.core.work import Work
from app.people.queries.accounts import account_names
from app.people.rights import demand

_CHUNK: Final = 500
_LARGEST_ACCOUNT: Final = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Change:
    """One audited change of a record, the newest first in a list of them."""

    at: datetime
    by: str
    action: str
    table_name: str
    row_id: str
    cause: str
    changes: dict[str, list[Any]]


@dataclass(frozen=True, slots=True)
class AuditQuery:
    """Which changes are asked for. ``text`` is looked for in keys and values; ``until`` is not included."""

    text: str = ""
    table_name: str = ""
    action: str = ""
    actor_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    oldest_first: bool = False


@dataclass(frozen=True, slots=True)
class AuditPage:
    """A page of the audit record; ``next_after`` asks for the next one, None: there is none."""

    changes: Sequence[Change]
    next_after: int | None


def history(work: Work, rows: Iterable[tuple[str, int | str]], limit: int = 50, *, parts: bool = False) -> list[Change]:
    """Return the last changes of the given (table, key) rows, with the names of who made them.

    ``parts``: with those of what was a part of them at that time, also of what is gone since.
    """
    by_table: dict[str, list[str]] = {}
    for table_name, key in rows:
        by_table.setdefault(table_name, []).append(str(key))
    if not by_table:
        return []
    # Each table by its index, then the last of all; one condition over all tables would walk the whole record.
    places: list[tuple[Any, Any]] = [(AuditEvent, AuditEvent.id)]
    if parts:
        places.append((AuditWhole, AuditWhole.event_id))
    last = [
        select(event_id.label("id"))
        .where(place.table_name == table_name, place.row_id.in_(keys))
        .order_by(event_id.desc())
        .limit(limit)
        .subquery()
        for table_name, keys in by_table.items()
        for place, event_id in places
    ]
    ids = union_all(*(select(one.c.id) for one in last)).subquery()
    query = select(AuditEvent).where(AuditEvent.id.in_(select(ids.c.id))).order_by(AuditEvent.id.desc()).limit(limit)
    return _changes(work, list(work.session.scalars(query)))


def audit_page(work: Work, query: AuditQuery, *, after: int | None = None, size: int = 50) -> AuditPage:
    """Return a page of all audited changes, paged by key."""
    demand(work, "audit.read")
    found = list(work.session.scalars(_statement(query, after).limit(size + 1)))
    return AuditPage(_changes(work, found[:size]), found[size - 1].id if len(found) > size else None)


def audit_stream(work: Work, query: AuditQuery) -> Iterator[list[Change]]:
    """Yield all audited changes that ``query`` asks for, in its order, some at a time."""
    demand(work, "audit.export")
    after: int | None = None
    while True:
        found = list(work.session.scalars(_statement(query, after).limit(_CHUNK)))
        if found:
            yield _changes(work, found)
        if len(found) < _CHUNK:
            return
        after = found[-1].id
        work.session.expunge_all()


def _statement(query: AuditQuery, after: int | None) -> Select[Any]:
    key = AuditEvent.id
    statement = select(AuditEvent).order_by(key.asc() if query.oldest_first else key.desc())
    if after is not None:
        statement = statement.where(key > after if query.oldest_first else key < after)
    if query.text:
        inside = cast(AuditEvent.changes, String).icontains(query.text, autoescape=True)
        statement = statement.where(or_(AuditEvent.row_id == query.text, inside))
    if query.table_name:
        statement = statement.where(AuditEvent.table_name == query.table_name)
    if query.action:
        statement = statement.where(AuditEvent.action == query.action)
    if query.actor_id is not None:
        statement = statement.where(AuditEvent.actor_id == min(query.actor_id, _LARGEST_ACCOUNT))
    if query.since is not None:
        statement = statement.where(AuditEvent.at >= query.since)
    if query.until is not None:
        statement = statement.where(AuditEvent.at < query.until)
    return statement


def _changes(work: Work, events: Sequence[AuditEvent]) -> list[Change]:
    """Return audit events with the names of who made them, in one statement more."""
    names = account_names(work, {event.actor_id for event in events if event.actor_id is not None})
    return [
        Change(
            at=event.at,
            by=names.get(event.actor_id, "") if event.actor_id is not None else "",
            action=event.action,
            table_name=event.table_name,
            row_id=event.row_id,
            cause=str(event.cause.get("kind", "")),
            changes=event.changes,
        )
        for event in events
    ]
