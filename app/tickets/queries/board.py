"""A list as a board: the first tickets of each column, all columns in one statement, and how many each has."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final

from sqlalchemy import func, literal, select, union_all

from app.core.deadline import first_in_time
from app.core.work import Work
from app.tickets import search
from app.tickets.change.read import COLUMNS as TICKET_COLUMNS
from app.tickets.change.read import TICKET
from app.tickets.models import Ticket
from app.tickets.queries.counting import COUNTED_EACH
from app.tickets.queries.cursors import Sort, write_cursor
from app.tickets.queries.listing import Count, Listing, aside
from app.tickets.queries.page import ordered, permit, rows_of, sort_of
from app.tickets.queries.reach import ways
from app.tickets.queries.selection import UNFINISHED, TicketQuery, filters
from app.tickets.rows import TicketRow

#: What a board's columns can be, and the filter of a query that one column is.
DIVIDED_BY: Final[Mapping[str, str]] = {"state": "states", "category": "categories"}
_COLUMNS: Final[Mapping[str, Any]] = {"state": Ticket.state, "category": Ticket.category}
_BY_TIME: Final = (None, "created", "changed")
#: Seconds the first tickets of all columns may take together.
PATIENCE: Final = 2.0


@dataclass(frozen=True, slots=True)
class BoardColumn:
    """One column: its first tickets, where they go on, and how many there are, counted up to a limit."""

    value: str
    count: Count
    rows: Sequence[TicketRow] = ()
    next_cursor: str | None = None


@dataclass(frozen=True, slots=True)
class Board:
    """All columns; ``unordered``: there was no time for the order asked for, so the newest come first."""

    columns: Sequence[BoardColumn]
    unordered: bool = False


def column_query(query: TicketQuery, by: str, value: str, category: str | None) -> TicketQuery:
    """Return the query of one column's tickets: the ordinary list, narrowed.

    What is finished comes by time alone: it has no limit and no urgency left to be ordered by, and there is no end
    to it.
    """
    narrowed: dict[str, Any] = {DIVIDED_BY[by]: (value,)}
    if category not in UNFINISHED and query.sort not in _BY_TIME:
        narrowed |= {"sort": None, "descending": True}
    return replace(query, **narrowed)


def board(work: Work, query: TicketQuery, by: str, values: Mapping[str, str | None]) -> Board:
    """Return a column for each of ``values``, which come with their category (None: it was not always the same).

    TooLongError when not even the newest tickets of each are found in time.
    """
    permit(work)
    query = replace(query, cursor=None)
    query.check()
    wishes = [query] if query.sort is None else [query, replace(query, sort=None, descending=True)]
    tries = (partial(_firsts, work, one, by, values) for one in wishes)
    query, records, order = first_in_time(work, PATIENCE, *tries)
    found = _by_column(work, query, records)
    each = (column_query(query, by, one, category) for one, category in values.items())
    columns = [
        _column(work, one, value, found.get(place, (0, ())), order)
        for place, (one, value) in enumerate(zip(each, values, strict=True))
    ]
    return Board(columns, unordered=query is not wishes[0])


def _column(
    work: Work, query: TicketQuery, value: str, found: tuple[int, Sequence[TicketRow]], order: Sort
) -> BoardColumn:
    number, rows = found
    shown, more = rows[: query.size], len(rows) > query.size
    cursor = write_cursor(shown[-1].columns, _sort(work, query, order), back=False) if more else None
    return BoardColumn(value, Count(min(number, COUNTED_EACH), exact=number <= COUNTED_EACH), shown, cursor)


def _firsts(
    work: Work, query: TicketQuery, by: str, values: Mapping[str, str | None]
) -> tuple[TicketQuery, Sequence[Any], Sort]:
    """Return the query, a record of each column's first tickets, and the order of the columns without a wish.

    A record is the column's place and number, then the ticket.
    """
    parts = []
    unwished = replace(query, sort=None, descending=True)
    whole, order = ordered(work, unwished) if query.text.strip() else (None, sort_of(work, unwished))
    for number, listing in enumerate(_listings(work, query, by, values, whole)):
        every = select(listing.ids(COUNTED_EACH + 1).subquery()).limit(COUNTED_EACH + 1)
        counted = select(func.count()).select_from(every.subquery()).scalar_subquery()
        for first in listing.firsts(_sort(work, listing.query, order), query.size + 1):
            one = first.subquery()
            parts.append(select(literal(number).label("number"), counted.label("counted"), one.c.place, one.c.id))
    if not parts:
        return query, [], order
    named = union_all(*parts).subquery("board")
    read = select(named.c.number, named.c.counted, *TICKET_COLUMNS)
    read = read.select_from(search.Leading(named, TICKET, named.c.id == TICKET.c.id))
    return query, work.session.execute(read.order_by(named.c.number, named.c.place)).all(), order


def _sort(work: Work, query: TicketQuery, order: Sort) -> Sort:
    return order if query.sort is None else sort_of(work, query)


def _by_column(work: Work, query: TicketQuery, records: Sequence[Any]) -> dict[int, tuple[int, Sequence[TicketRow]]]:
    """Return how many each column has, by its place, and its first tickets: one more than it shows."""
    rows = rows_of(work, query, [record[2:] for record in records])
    found: dict[int, tuple[int, list[TicketRow]]] = {}
    for record, row in zip(records, rows, strict=True):
        found.setdefault(record[0], (record[1], []))[1].append(row)
    return {place: (counted, several[: query.size + 1]) for place, (counted, several) in found.items()}


def _listings(
    work: Work, query: TicketQuery, by: str, values: Mapping[str, str | None], whole: Listing | None
) -> list[Listing]:
    """Return the listing of each column; what a text or a condition means is found out once for all of them."""
    column = _COLUMNS[by]
    asked = [(column_query(query, by, one, category), one, category) for one, category in values.items()]
    if whole is not None:
        return [
            replace(whole, query=narrowed, number=None, conditions=[column == one, *whole.conditions])
            for narrowed, one, _category in asked
        ]
    reach = ways(work)
    held = filters(work, TicketQuery(where=query.where)) if query.where is not None else []
    found = []
    for narrowed, one, category in asked:
        plain, more = replace(narrowed, where=None), list(held)
        if by == "state" and category in UNFINISHED:
            # Few are unfinished, of whatever state: the index by category is the one to read.
            plain = replace(plain, states=(), categories=(category,))
            more.append(aside(column == one))
        listing = Listing.of(work, plain, reach)
        found.append(replace(listing, conditions=[*listing.conditions, *more]))
    return found
