"""Pages of tickets by keyset, both ways, and the stream exports read from: page 1,000 costs what page 1 does."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

from sqlalchemy import Select, func, select, text, union

from app.core.errors import DomainError, NotAllowedError
from app.core.i18n import _
from app.core.work import Work
from app.tickets import search
from app.tickets.change.read import COLUMNS as TICKET_COLUMNS
from app.tickets.columns import COLUMNS, DEFAULT, VALUE, pointers
from app.tickets.models import Ticket
from app.tickets.queries.cursors import Cursor, Sort, after, position, read_cursor, write_cursor
from app.tickets.queries.selection import TicketQuery, conditions
from app.tickets.queries.ways import other_ways
from app.tickets.rows import Reader, TicketRow

#: Beyond this a list says "about": nobody reads the exact number of a million.
COUNTED = 10_000

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


def ticket_page(work: Work, query: TicketQuery) -> TicketPage:
    """Return a page of the tickets the actor may see, with the labels its columns show."""
    _permit(work)
    query.check()
    sort = _sort_of(query)
    cursor = read_cursor(query.cursor, sort)
    listing = _Listing.of(work, query)
    records = listing.records(sort, cursor, query.size + 1)
    more = len(records) > query.size
    records = records[: query.size]
    if cursor and cursor.back:
        records.reverse()
    rows = _rows(work, query, records)
    first, last = (rows[0], rows[-1]) if rows else (None, None)
    forward, back = (more, cursor is not None) if not (cursor and cursor.back) else (True, more)
    return TicketPage(
        rows,
        write_cursor(last.columns, sort, back=False) if last and forward else None,
        write_cursor(first.columns, sort, back=True) if first and back else None,
        listing.count(),
    )


def newest(work: Work, query: TicketQuery) -> list[TicketRow]:
    """Return the first page's rows and nothing else: for what is shown while somebody types."""
    _permit(work)
    query.check()
    return _rows(work, query, _Listing.of(work, query).records(_sort_of(query), None, query.size))


def stream(work: Work, query: TicketQuery, chunk: int = 1_000) -> Iterator[list[TicketRow]]:
    """Yield all tickets of a query in chunks, in its order and in flat memory; size and cursor do not matter."""
    _permit(work)
    replace(query, size=1).check()
    sort = _sort_of(query)
    cursor: Cursor | None = None
    listing = _Listing.of(work, query)
    while True:
        records = listing.records(sort, cursor, chunk)
        if not records:
            return
        # One reader a chunk: its labels are let go with it.
        rows = _rows(work, query, records)
        yield rows
        if len(records) < chunk:
            return
        cursor = Cursor(position(rows[-1].columns, sort), back=False)


def exact_count(work: Work, query: TicketQuery) -> int:
    """Return how many tickets a query finds, however many there are: for exports, which read them all anyway."""
    _permit(work)
    counted, _own = _Listing.of(work, query).filtered(select(func.count(Ticket.id)))
    return int(work.session.execute(counted).scalar_one())


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


@dataclass(frozen=True, slots=True)
class _Listing:
    """The tickets a query finds; what its text means besides words is found out once for page and count."""

    work: Work
    query: TicketQuery
    ways: Sequence[Select[Any]] = ()
    rare: bool = False

    @classmethod
    def of(cls, work: Work, query: TicketQuery) -> Self:
        if not query.text.strip():
            return cls(work, query)
        rare = search.is_rare(work.session.connection(), query.text)
        return cls(work, query, other_ways(work, query.text), rare)

    def filtered(self, base: Select[Any]) -> tuple[Select[Any], Any]:
        """Return ``base`` with the query's conditions, and the column to order by where ids are meant."""
        work, words = self.work, self.query.text
        base = base.where(*conditions(work, self.query))
        if not words.strip():
            return base, Ticket.id
        if not self.ways:
            return search.narrowed(work.dialect, base, Ticket.id, words, rare=self.rare)
        found = union(*self.ways, search.holding(work.dialect, search.words(words)))
        # They are few: gathered and sorted, where PostgreSQL would else walk all tickets from the newest on.
        return base.where(Ticket.id.in_(found)), Ticket.id + 0

    def records(self, sort: Sort, cursor: Cursor | None, limit: int) -> list[Sequence[Any]]:
        """Return records in order; where the sort key may be empty, those come last, by a second statement."""
        base, own_id = self.filtered(select(*TICKET_COLUMNS))
        sort = tuple((own_id if key is Ticket.id else key, down) for key, down in sort)
        if sort[0][0] is own_id or not sort[0][0].nullable:
            return _fetched(self.work, base, sort, cursor, limit)
        found: list[Sequence[Any]] = []
        for part, keys, begin in _parts(base, sort, cursor):
            found += _fetched(self.work, part, keys, begin, limit - len(found))
            if len(found) == limit:
                break
        return found

    def count(self) -> Count:
        """Return how many there are, counted up to a limit."""
        work = self.work
        limited = self.filtered(select(Ticket.id))[0].limit(COUNTED + 1).subquery()
        number = work.session.execute(select(func.count()).select_from(limited)).scalar_one()
        if number <= COUNTED:
            return Count(number, exact=True)
        if self.query.is_plain and not _is_limited(work):
            return Count(_estimated(work), exact=False)
        return Count(COUNTED, exact=False)


def _parts(base: Select[Any], sort: Sort, cursor: Cursor | None) -> list[tuple[Select[Any], Sort, Cursor | None]]:
    """Return the filled and the empty part of a list, in the order they are walked, from the cursor on."""
    key = sort[0][0]
    back = bool(cursor and cursor.back)
    beginning = Cursor((), back=True) if back else None
    in_empty = cursor is not None and cursor.values[0] is None
    tail = Cursor(cursor.values[1:], back) if cursor and in_empty else beginning
    filled = (base.where(key.is_not(None)), sort, beginning if in_empty else cursor)
    empty = (base.where(key.is_(None)), sort[1:], tail)
    if back:
        return [empty, filled] if in_empty else [filled]
    return [empty] if in_empty else [filled, empty]


def _fetched(work: Work, base: Select[Any], sort: Sort, cursor: Cursor | None, limit: int) -> list[Sequence[Any]]:
    back = bool(cursor and cursor.back)
    keys = [(key, down != back) for key, down in sort]
    if cursor and cursor.values:
        base = base.where(after(keys, cursor.values))
    ordered = base.order_by(*(key.desc() if down else key.asc() for key, down in keys)).limit(limit)
    return list(work.session.execute(ordered))
