"""The ticket list with three custom columns: flat from 10,000 tickets on; against the bare statement for its rows."""

import time
from collections.abc import Callable, Iterator, Mapping
from statistics import median
from typing import Any, Final

from sqlalchemy import event, text

from app.bench import BENCHES
from app.bench.base import Bench, Measurement
from app.core.permissions import SYSTEM
from app.core.work import Cause, Work
from app.house import House
from app.seeding import seed_tickets
from app.tickets.columns import DEFAULT, chosen
from app.tickets.queries import TicketQuery, ticket_page

SMALL: Final = 10_000
TIMES: Final = 15
MOST_STATEMENTS: Final = 12
COLUMNS: Final = (*DEFAULT, "values.brand", "values.fault_description", "values.product_category_text")
#: The pages people ask for most; the deep one is reached by its cursor, as everybody reaches it.
QUERIES: Final[Mapping[str, TicketQuery]] = {
    "first": TicketQuery(columns=COLUMNS),
    "filtered": TicketQuery(columns=COLUMNS, categories=["new", "open"], priorities=[1, 2]),
    "by_priority": TicketQuery(columns=COLUMNS, sort="priority", descending=False),
    "search": TicketQuery(columns=COLUMNS, text="漏水"),
}
_BARE: Final = text("SELECT * FROM ticket ORDER BY created_at DESC, id DESC LIMIT 25")


@BENCHES.register
class ListPage(Bench):
    """Each page is read and all its cells written as text; the median of several."""

    name = "list_page"
    about = "milliseconds a page, statements, and how flat it stays as tickets grow"
    rows = 100_000

    def run(self, house: House, rows: int) -> Iterator[Measurement]:
        """Measure at 10,000 tickets, then at ``rows``."""
        cause = Cause("system", "bench")
        taken: dict[str, list[float]] = {}
        present = 0
        for size in sorted({min(SMALL, rows), rows}):
            seed_tickets(house.transactions, size - present, cause=cause, seed=size)
            present = size
            _analyse(house)
            for name, query in _pages(house).items():
                spent, statements = _measured(house, query)
                taken.setdefault(name, []).append(spent)
                metric = _metric(name)
                yield Measurement(metric, size, spent * 1000, _bare(house) * 1000, "ms")
                yield Measurement(f"{metric}_statements", size, statements, MOST_STATEMENTS, "statements")
        for name, several in taken.items():
            yield Measurement(f"{_metric(name)}_flatness", rows, max(several) * 1000, min(several) * 1000, "ms")


def _metric(page: str) -> str:
    return "list_page" if page == "first" else f"list_page_{page}"


def _pages(house: House) -> dict[str, TicketQuery]:
    """Return the pages to measure, with one far down the list."""
    with house.transactions.reading(SYSTEM) as work:
        cursor = None
        for _page in range(20):
            cursor = ticket_page(work, TicketQuery(cursor=cursor, size=200)).next_cursor
    return {**QUERIES, "deep": TicketQuery(columns=COLUMNS, cursor=cursor)}


def _analyse(house: House) -> None:
    with house.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))


def _measured(house: House, query: TicketQuery) -> tuple[float, int]:
    """Return the median seconds of a page, and its statements."""
    statements: list[str] = []

    def note(*args: Any) -> None:
        statements.append(args[2])

    event.listen(house.engine, "before_cursor_execute", note)
    try:
        _timed(house, lambda work: _written(work, query), 1)
    finally:
        event.remove(house.engine, "before_cursor_execute", note)
    return _timed(house, lambda work: _written(work, query), TIMES), len(statements)


def _bare(house: House) -> float:
    return _timed(house, lambda work: work.session.execute(_BARE).all(), TIMES)


def _timed(house: House, read: Callable[[Work], Any], times: int) -> float:
    spent = []
    for _one in range(times):
        with house.transactions.reading(SYSTEM) as work:
            began = time.perf_counter()
            read(work)
            spent.append(time.perf_counter() - began)
    return median(spent)


def _written(work: Work, query: TicketQuery) -> None:
    page = ticket_page(work, query)
    columns = chosen(query.columns, [row.version for row in page.rows])
    for row in page.rows:
        for column in columns:
            column.text(row, "zh_Hans")
