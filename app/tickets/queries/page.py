"""Pages of tickets by keyset, both ways, and the stream exports read from: page 1,000 costs what page 1 does."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final, TypeVar

from sqlalchemy import func, null, select, true

from app.core.deadline import TooLongError, within
from app.core.errors import DomainError, NotAllowedError
from app.core.i18n import _
from app.core.work import Work
from app.tickets import scope
from app.tickets.change.read import COLUMNS as TICKET_COLUMNS
from app.tickets.change.read import TICKET
from app.tickets.columns import COLUMNS, DEFAULT, VALUE, pointers
from app.tickets.models import Ticket
from app.tickets.queries.cursors import (
    Cursor,
    Sort,
    begun_in,
    position,
    read_cursor,
    resumed,
    unknowing,
    write_cursor,
)
from app.tickets.queries.listing import Count, Listing
from app.tickets.queries.selection import TicketQuery
from app.tickets.rows import Reader, TicketRow
from app.tickets.sorting import Reckoned, key_of

__all__ = [
    "Count",
    "TicketPage",
    "answered",
    "count",
    "count_to",
    "exact_count",
    "ids_in_order",
    "newest",
    "numbered",
    "rows_by_id",
    "stream",
    "ticket_page",
    "versions_used",
]

_Read = TypeVar("_Read")

_FILTERED: Final = ("team_id", "outlet_id", "customer_id")
#: Seconds an order that no index has is waited for.
PATIENCE: Final = 4.0
#: Seconds a page is looked for by a condition somebody built: long before the server gives a request up.
LOOKED_FOR: Final = 15.0
_NEWEST: Sort = ((Ticket.created_at, True), (Ticket.id, True))
_BY_NUMBER: Sort = ((Ticket.number, True), (Ticket.id, True))
#: As they were entered: the one order in which an index has what holds a word.
_BY_RECORD: Sort = ((Ticket.id, True),)
#: What these are called in a list's address.
_CALLED: Final = {"created_at": "-created", "number": "-number", "id": ""}


@dataclass(frozen=True, slots=True)
class TicketPage:
    """One page of a list, and the cursors of its neighbours."""

    rows: list[TicketRow]
    next_cursor: str | None
    previous_cursor: str | None
    count: Count
    #: The column it is in the order of, with a minus in front: the largest first. Empty: those entered last come first.
    order: str = ""


def ticket_page(work: Work, query: TicketQuery) -> TicketPage:
    """Return a page of the tickets the actor may see, with the labels its columns show."""
    permit(work)
    query.check()
    listing, sort = ordered(work, query)
    named = read_cursor(query.cursor, sort)
    found = _found(work, query, listing, sort, cursor := resumed(work, named, sort))
    if not found and (unsure := unknowing(named, sort)):
        found = _found(work, query, listing, sort, cursor := resumed(work, unsure, sort))
    more = len(found) > query.size
    shown = found[: query.size]
    if cursor and cursor.back:
        shown.reverse()
    rows = rows_of(work, query, [one[:-_BESIDE] for one in shown])
    forward, back = (more, cursor is not None) if not (cursor and cursor.back) else (True, more)
    return TicketPage(
        rows,
        write_cursor(rows[-1].columns, sort, back=False, filled=shown[-1][-1]) if rows and forward else None,
        write_cursor(rows[0].columns, sort, back=True, filled=shown[0][-1]) if rows and back else None,
        listing.told(found[0][-_BESIDE]) if found else listing.count() if cursor else Count(0, exact=True),
        _CALLED[sort[0][0].key] if query.sort is None else f"{'-' if query.descending else ''}{query.sort}",
    )


#: What stands beside each record of a page: how many there are in all, and whether its first key is filled.
_BESIDE: Final = 2


def _found(work: Work, query: TicketQuery, listing: Listing, sort: Sort, cursor: Cursor | None) -> list[Sequence[Any]]:
    """Return the records of a page and one more, if there is one."""
    key = sort[0][0]
    filled = key.is_not(None) if isinstance(key, Reckoned) else null()
    read = partial(listing.records, sort, cursor, query.size + 1, listing.counted(), filled)
    return read() if listing.is_gathered else _in_time(work, query, sort, read)


def newest(work: Work, query: TicketQuery) -> list[TicketRow]:
    """Return the first page's rows and nothing else: for what is shown while somebody types."""
    permit(work)
    query.check()
    listing, sort = ordered(work, query)
    return rows_of(work, query, listing.records(sort, None, query.size))


def numbered(work: Work, numbers: Collection[str]) -> dict[str, TicketRow]:
    """Return those of the tickets of these numbers that the actor reaches, by number, in one statement."""
    permit(work)
    query = select(*TICKET_COLUMNS).where(Ticket.number.in_(sorted(set(numbers))))
    query = scope.in_reach(query, work.actor)
    rows = Reader(work).rows(work.session.execute(query).all(), pointers=())
    return {row.number: row for row in rows}


def stream(work: Work, query: TicketQuery, chunk: int = 1_000) -> Iterator[list[TicketRow]]:
    """Yield all tickets of a query in chunks, in its order and in flat memory; size and cursor do not matter."""
    permit(work)
    query = replace(query, cursor=None)
    replace(query, size=1).check()
    listing, sort = ordered(work, query)
    cursor: Cursor | None = None
    if isinstance(sort[0][0], Reckoned):
        yield from _whole(work, query, listing, sort, chunk)
        return
    while True:
        records = listing.records(sort, cursor, chunk)
        if not records:
            return
        # One reader a chunk: its labels are let go with it.
        rows = rows_of(work, query, records)
        yield rows
        if len(records) < chunk:
            return
        cursor = Cursor(position(rows[-1].columns, sort), back=False)


def count(work: Work, query: TicketQuery) -> Count:
    """Return how many tickets a query finds, counted up to a limit."""
    permit(work)
    query.check()
    return Listing.of(work, query).count()


def exact_count(work: Work, query: TicketQuery) -> int:
    """Return how many tickets a query finds, however many there are: for exports, which read them all anyway."""
    permit(work)
    every = Listing.of(work, query).ids().subquery()
    return int(work.session.execute(select(func.count()).select_from(every)).scalar_one())


def count_to(work: Work, query: TicketQuery, limit: int) -> int:
    """Return how many tickets a query finds; beyond ``limit`` nobody counts, and one more than that is returned."""
    permit(work)
    query.check()
    some = select(Listing.of(work, query).ids(limit + 1).subquery()).limit(limit + 1)
    return int(work.session.execute(select(func.count()).select_from(some.subquery())).scalar_one())


def ids_in_order(work: Work, query: TicketQuery) -> list[int]:
    """Return the ids of all that a query finds, in its order; size and cursor do not matter."""
    permit(work)
    query = replace(query, cursor=None)
    replace(query, size=1).check()
    listing, sort = ordered(work, query)
    return listing.in_order(sort)


def rows_by_id(work: Work, query: TicketQuery, ids: Sequence[int]) -> list[TicketRow]:
    """Return the tickets of these ids that the actor reaches, in their order, with the labels ``query`` shows."""
    permit(work)
    reach = scope.reaches(work.actor)
    found = work.session.execute(
        select(*TICKET_COLUMNS).where(TICKET.c.id.in_(ids), *(() if reach is None else (reach,)))
    )
    records = {record[0]: record for record in found}
    return rows_of(work, query, [records[one] for one in ids if one in records])


def answered(work: Work, query: TicketQuery) -> set[str]:
    """Return the keys of the fields that any ticket of a query answers, in one statement."""
    permit(work)
    ids = Listing.of(work, query).ids().subquery()
    if work.dialect == "postgresql":
        keys = select(func.jsonb_object_keys(Ticket.values)).join(ids, ids.c.id == Ticket.id)
    else:
        each = func.json_each(Ticket.values).table_valued("key")
        keys = select(each.c.key).select_from(Ticket).join(ids, ids.c.id == Ticket.id).join(each, true())
    return set(work.session.scalars(keys.distinct()))


def versions_used(work: Work, query: TicketQuery) -> set[int]:
    """Return the versions that the tickets of a query were made with, in one statement."""
    permit(work)
    ids = Listing.of(work, query).ids().subquery()
    return set(work.session.scalars(select(Ticket.version_id).join(ids, ids.c.id == Ticket.id).distinct()))


def permit(work: Work) -> None:
    """Raise NotAllowedError for whoever may not see tickets."""
    if not work.actor.may("ticket.read"):
        raise NotAllowedError(_("You may not see tickets."), code="not_allowed")


def rows_of(work: Work, query: TicketQuery, records: Sequence[Sequence[Any]]) -> list[TicketRow]:
    """Return rows of records, with the labels that the columns of ``query`` show."""
    names = query.columns or DEFAULT
    fields = [name.removeprefix(VALUE) for name in names if name.startswith(VALUE)]
    # What all of them point at because it is filtered by, the filter says as well.
    shared = {one for one in _FILTERED if getattr(query, one) is not None}
    if str(query.assignee or "").isdigit():
        shared.add("assignee_id")
    return Reader(work).rows(records, pointers={*pointers(names), *shared}, fields=fields)


def ordered(work: Work, query: TicketQuery) -> tuple[Listing, Sort]:
    """Return the tickets of a query and the keys they come by.

    Without a wish the newest come first, of numbers that begin alike the last given. A text that finds more than can be
    put in order at once lists those first that were entered last. Later pages keep to the order of the first.
    """
    listing = Listing.of(work, query)
    if query.sort is not None or not query.text.strip():
        return listing, sort_of(work, query)
    begun = begun_in(query.cursor, (_NEWEST, _BY_NUMBER, _BY_RECORD))
    if listing.begun is not None or begun in (_BY_NUMBER, _BY_RECORD):
        return listing, begun or _BY_NUMBER
    if listing.others:
        # Tickets of one customer, or of a number: they are gathered in any order, and nobody counts them first.
        return listing, _NEWEST
    weighed = listing.weighed() if listing.is_gathered else _in_time(work, query, _NEWEST, listing.weighed)
    return weighed, begun or (_BY_RECORD if weighed.hits is None else _NEWEST)


def sort_of(work: Work, query: TicketQuery) -> Sort:
    """Return the sort keys a query wishes for, ending in the id; without a wish the newest come first."""
    if query.sort is None:
        return _NEWEST
    column = COLUMNS.get(query.sort)
    if column is not None and column.sort:
        return tuple((key, down != query.descending) for key, down in column.sort)
    reckoned = key_of(work, query.sort)
    if reckoned is None:
        raise DomainError(_("Tickets cannot be sorted by “%(name)s”.", name=query.sort[:60]), field="sort")
    return tuple((key, down != query.descending) for key, down in ((reckoned, False), *_NEWEST))


def _in_time(work: Work, query: TicketQuery, sort: Sort, read: Callable[[], _Read]) -> _Read:
    """Return what is read; an order that no index has and a condition somebody built are only waited for so long."""
    is_reckoned = isinstance(sort[0][0], Reckoned)
    if not is_reckoned and query.where is None:
        return read()
    try:
        with within(work, PATIENCE if is_reckoned else LOOKED_FOR):
            return read()
    except TooLongError:
        if is_reckoned:
            message = _("There are too many tickets to put them in this order. Narrow the list first.")
            raise DomainError(message, field="sort", code="too_many") from None
        message = _("This condition takes too long to look for. Narrow the list by state, template or time first.")
        raise DomainError(message, field="where", code="too_long") from None


def _whole(work: Work, query: TicketQuery, listing: Listing, sort: Sort, chunk: int) -> Iterator[list[TicketRow]]:
    """Yield all tickets in an order that is worked out, once: their ids alone stay in memory."""
    ids = listing.in_order(sort)
    for start in range(0, len(ids), chunk):
        yield rows_by_id(work, query, ids[start : start + chunk])
