"""Pages of tickets by keyset, both ways, and the stream exports read from: page 1,000 costs what page 1 does."""

import base64
import binascii
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Select, and_, func, or_, select, text, tuple_

from app.core.columns import UtcDateTime
from app.core.errors import DomainError, NotAllowedError
from app.core.i18n import _
from app.core.work import Work
from app.tickets import search
from app.tickets.change.read import COLUMNS as TICKET_COLUMNS
from app.tickets.columns import COLUMNS, DEFAULT, VALUE, pointers
from app.tickets.models import Ticket
from app.tickets.queries.selection import TicketQuery, conditions
from app.tickets.rows import Reader, TicketRow

#: Beyond this a list says "about": nobody reads the exact number of a million.
COUNTED = 10_000

Sort = tuple[tuple[Any, bool], ...]
_NEWEST: Sort = ((Ticket.created_at, True), (Ticket.id, True))


@dataclass(frozen=True, slots=True)
class Count:
    """How many there are; not ``exact``: at least, or about, so many."""

    number: int
    exact: bool


@dataclass(frozen=True, slots=True)
class TicketPage:
    """One page of a list, and the cursors of its neighbours."""

    rows: list[TicketRow]
    next_cursor: str | None
    previous_cursor: str | None
    count: Count


@dataclass(frozen=True, slots=True)
class _Cursor:
    """After which row a page begins; ``back``: it is the page before that row."""

    values: tuple[Any, ...]
    back: bool


def ticket_page(work: Work, query: TicketQuery) -> TicketPage:
    """Return a page of the tickets the actor may see, with the labels its columns show."""
    _permit(work)
    query.check()
    sort = _sort_of(query)
    cursor = _read_cursor(query.cursor, sort)
    records = _records(work, query, sort, cursor, query.size + 1)
    more = len(records) > query.size
    records = records[: query.size]
    if cursor and cursor.back:
        records.reverse()
    rows = _rows(work, query, records)
    first, last = (rows[0], rows[-1]) if rows else (None, None)
    forward, back = (more, cursor is not None) if not (cursor and cursor.back) else (True, more)
    return TicketPage(
        rows,
        _write_cursor(last, sort, back=False) if last and forward else None,
        _write_cursor(first, sort, back=True) if first and back else None,
        count(work, query),
    )


def stream(work: Work, query: TicketQuery, chunk: int = 1_000) -> Iterator[list[TicketRow]]:
    """Yield all tickets of a query in chunks, in its order and in flat memory; size and cursor do not matter."""
    _permit(work)
    replace(query, size=1).check()
    sort = _sort_of(query)
    cursor: _Cursor | None = None
    while True:
        records = _records(work, query, sort, cursor, chunk)
        if not records:
            return
        # One reader a chunk: its labels are let go with it.
        rows = _rows(work, query, records)
        yield rows
        if len(records) < chunk:
            return
        cursor = _Cursor(_position(rows[-1], sort), back=False)


def count(work: Work, query: TicketQuery) -> Count:
    """Return how many tickets a query finds, counted up to a limit."""
    limited = _filtered(work, query, select(Ticket.id))[0].limit(COUNTED + 1).subquery()
    number = work.session.execute(select(func.count()).select_from(limited)).scalar_one()
    if number <= COUNTED:
        return Count(number, exact=True)
    if query.is_plain and not _is_limited(work):
        return Count(_estimated(work), exact=False)
    return Count(COUNTED, exact=False)


def exact_count(work: Work, query: TicketQuery) -> int:
    """Return how many tickets a query finds, however many there are: for exports, which read them all anyway."""
    _permit(work)
    return int(work.session.execute(_filtered(work, query, select(func.count(Ticket.id)))[0]).scalar_one())


def _permit(work: Work) -> None:
    if not work.actor.may("ticket.read"):
        raise NotAllowedError(_("You may not see tickets."), code="not_allowed")


def _is_limited(work: Work) -> bool:
    return bool(conditions(work, TicketQuery()))


def _estimated(work: Work) -> int:
    if work.dialect == "sqlite":
        return int(work.session.execute(select(func.max(Ticket.id))).scalar_one() or 0)
    known = text("SELECT reltuples::bigint FROM pg_class WHERE oid = 'ticket'::regclass")
    rows = work.session.execute(known).scalar_one()
    return max(int(rows), COUNTED)


def _rows(work: Work, query: TicketQuery, records: Sequence[Sequence[Any]]) -> list[TicketRow]:
    names = query.columns or DEFAULT
    fields = [name.removeprefix(VALUE) for name in names if name.startswith(VALUE)]
    return Reader(work).rows(records, pointers=pointers(names), fields=fields)


def _sort_of(query: TicketQuery) -> Sort:
    """Return the sort keys, ending in the id. A text search without a wish lists the newest records first."""
    if query.sort is None:
        return ((Ticket.id, True),) if query.text.strip() else _NEWEST
    column = COLUMNS.get(query.sort)
    if column is None or not column.sort:
        raise DomainError(_("Tickets cannot be sorted by “%(name)s”.", name=query.sort[:60]), field="sort")
    return tuple((key, down != query.descending) for key, down in column.sort)


def _filtered(work: Work, query: TicketQuery, base: Select[Any]) -> tuple[Select[Any], Any]:
    """Return ``base`` with the query's conditions, and the column to order by where ids are meant."""
    base = base.where(*conditions(work, query))
    if query.text.strip():
        return search.narrowed(work.dialect, base, Ticket.id, query.text)
    return base, Ticket.id


def _records(work: Work, query: TicketQuery, sort: Sort, cursor: _Cursor | None, limit: int) -> list[Sequence[Any]]:
    """Return records in order; where the sort key may be empty, the empty ones come last, by a second statement."""
    base, own_id = _filtered(work, query, select(*TICKET_COLUMNS))
    sort = tuple((own_id if key is Ticket.id else key, down) for key, down in sort)
    if sort[0][0] is own_id or not sort[0][0].nullable:
        return _fetched(work, base, sort, cursor, limit)
    parts = _parts(base, sort, cursor)
    found: list[Sequence[Any]] = []
    for part, keys, position in parts:
        found += _fetched(work, part, keys, position, limit - len(found))
        if len(found) == limit:
            break
    return found


def _parts(base: Select[Any], sort: Sort, cursor: _Cursor | None) -> list[tuple[Select[Any], Sort, _Cursor | None]]:
    """Return the filled and the empty part of a list, in the order they are walked, from the cursor on."""
    key = sort[0][0]
    back = bool(cursor and cursor.back)
    beginning = _Cursor((), back=True) if back else None
    in_empty = cursor is not None and cursor.values[0] is None
    tail = _Cursor(cursor.values[1:], back) if cursor and in_empty else beginning
    filled = (base.where(key.is_not(None)), sort, beginning if in_empty else cursor)
    empty = (base.where(key.is_(None)), sort[1:], tail)
    if back:
        return [empty, filled] if in_empty else [filled]
    return [empty] if in_empty else [filled, empty]


def _fetched(work: Work, base: Select[Any], sort: Sort, cursor: _Cursor | None, limit: int) -> list[Sequence[Any]]:
    back = bool(cursor and cursor.back)
    keys = [(key, down != back) for key, down in sort]
    if cursor and cursor.values:
        base = base.where(_after(keys, cursor.values))
    ordered = base.order_by(*(key.desc() if down else key.asc() for key, down in keys)).limit(limit)
    return list(work.session.execute(ordered))


def _after(keys: Sequence[tuple[Any, bool]], values: Sequence[Any]) -> ColumnElement[bool]:
    """Return the condition that holds for what comes after ``values`` in the order of ``keys``."""
    if len({down for _key, down in keys}) == 1:
        left, right = tuple_(*(key for key, _down in keys)), tuple_(*values, types=[key.type for key, _down in keys])
        return left < right if keys[0][1] else left > right
    steps = []
    for place, (key, down) in enumerate(keys):
        same = [keys[i][0] == values[i] for i in range(place)]
        steps.append(and_(*same, key < values[place] if down else key > values[place]))
    # Said once more for the first key alone, so that an index can begin there.
    bound = keys[0][0] <= values[0] if keys[0][1] else keys[0][0] >= values[0]
    return and_(bound, or_(*steps))


def _position(row: TicketRow, sort: Sort) -> tuple[Any, ...]:
    return tuple(row.columns[key.key] for key, _down in sort)


def _write_cursor(row: TicketRow, sort: Sort, *, back: bool) -> str:
    values = [one.isoformat() if isinstance(one, datetime) else one for one in _position(row, sort)]
    names = [key.key for key, _down in sort]
    return base64.urlsafe_b64encode(orjson.dumps([back, names, values])).decode().rstrip("=")


def _read_cursor(raw: str | None, sort: Sort) -> _Cursor | None:
    if not raw:
        return None
    message = _("This page address is damaged. Start again at the first page.")
    broken = DomainError(message, field="cursor", code="bad_cursor")
    try:
        back, names, values = orjson.loads(base64.urlsafe_b64decode(raw[:1000] + "=" * (-len(raw) % 4)))
        if not isinstance(back, bool) or names != [key.key for key, _down in sort] or len(values) != len(sort):
            raise broken
        return _Cursor(tuple(_typed(key, one) for (key, _down), one in zip(sort, values, strict=True)), back)
    except (ValueError, TypeError, binascii.Error):
        raise broken from None


def _typed(key: Any, value: Any) -> Any:
    """Return a cursor's value as the column's type; ValueError when it is none."""
    if value is None:
        if not key.nullable:
            raise ValueError
        return None
    if isinstance(key.type, UtcDateTime):
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is None:
            raise ValueError
        return moment
    if not isinstance(value, key.type.python_type) or (isinstance(value, int) and not 0 <= value < 2**63):
        raise ValueError
    return value
