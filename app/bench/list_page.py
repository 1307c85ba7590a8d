"""The ticket list with three custom columns: flat from 10,000 tickets to a million; against the bare statement.

The tickets are those of `gongdan seed`, with their pasts. Processor time is measured, that of PostgreSQL's server with
ours (see `processor`). The fastest of several counts: what else the machine does can only slow a page down.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, Final

from sqlalchemy import event, func, select, text

from app.bench import BENCHES
from app.bench.base import Bench, Measurement
from app.bench.processor import stopwatch
from app.core.permissions import SYSTEM, Actor
from app.core.work import Cause, Work
from app.demo import load_demo
from app.house import House
from app.people import access
from app.people.models import Account
from app.seeding import seed_tickets
from app.tickets.columns import DEFAULT, chosen
from app.tickets.models import Ticket
from app.tickets.queries import TicketQuery, ticket_page

CAUSE: Final = Cause("system", "bench")
#: It is measured at each of these on the way to more.
FEW: Final = 10_000
BETWEEN: Final = 100_000
TIMES: Final = 15
MOST_STATEMENTS: Final = 12
COLUMNS: Final = (*DEFAULT, "values.brand", "values.fault_description", "values.product_category_text")
_UNFINISHED: Final = ("new", "open", "pending")
#: The pages people ask for most, as somebody who sees everything.
QUERIES: Final[Mapping[str, TicketQuery]] = {
    "first": TicketQuery(),
    "filtered": TicketQuery(categories=["new", "open"], priorities=[1, 2]),
    "by_priority": TicketQuery(sort="priority", descending=False),
    "overdue": TicketQuery(overdue=True, sort="due", descending=False),
    "template": TicketQuery(templates=["appliance_repair"]),
    "search": TicketQuery(text="漏水"),
    "one_character": TicketQuery(text="空"),
    "beginning": TicketQuery(text="WX-2025"),
}
_BARE: Final = text("SELECT * FROM ticket ORDER BY created_at DESC, id DESC LIMIT 25")

Page = tuple[Actor, TicketQuery]


@BENCHES.register
class ListPage(Bench):
    """Each page is read and all its cells written as text."""

    name = "list_page"
    about = "milliseconds a page, statements, and how flat it stays as tickets grow"
    rows = 100_000

    def run(self, house: House, rows: int) -> Iterator[Measurement]:
        """Measure at 10,000 tickets, at 100,000 when they lie between, and at ``rows``."""
        taken: dict[str, list[float]] = {}
        for size in growing(house, rows):
            bare = fastest(house, SYSTEM, lambda work: work.session.execute(_BARE).all())
            for name, page in _pages(house).items():
                spent, statements = _measured(house, *page)
                taken.setdefault(name, []).append(spent)
                metric = _metric(name)
                yield Measurement(metric, size, spent * 1000, bare * 1000, "ms")
                yield Measurement(f"{metric}_statements", size, statements, MOST_STATEMENTS, "statements")
        for name, several in taken.items():
            yield Measurement(f"{_metric(name)}_flatness", rows, max(several) * 1000, min(several) * 1000, "ms")


def _metric(page: str) -> str:
    return "list_page" if page == "first" else f"list_page_{page}"


def growing(house: House, rows: int) -> Iterator[int]:
    """Yield the sizes to measure at, each when the demo company has so many tickets: few, some between, ``rows``."""
    with house.transactions.unit_of_work(SYSTEM, CAUSE) as work:
        load_demo(work)
    for size in sorted({min(FEW, rows), min(BETWEEN, rows), rows}):
        _grow(house, size)
        yield size


def _grow(house: House, size: int) -> None:
    """Seed until there are so many tickets, and let the database look at what there is."""
    with house.transactions.reading(SYSTEM) as work:
        present = work.session.scalar(select(func.count()).select_from(Ticket)) or 0
    seed_tickets(house.transactions, size - present, cause=CAUSE, seed=size)
    with house.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        # As autovacuum does on PostgreSQL: what a page costs shall not hang on how long ago the rows came.
        connection.execute(text("ANALYZE" if house.engine.dialect.name == "sqlite" else "VACUUM ANALYZE"))


def _pages(house: House) -> dict[str, Page]:
    """Return the pages to measure: those of everybody, one far down the list, and those of two with less in reach."""
    with house.transactions.reading(SYSTEM) as work:
        cursor = None
        for _page in range(20):
            cursor = ticket_page(work, TicketQuery(cursor=cursor, size=200)).next_cursor
        technician, manager = busiest(work), named(work, "huang.qiang")
    mine = TicketQuery(assignee="me", categories=_UNFINISHED, sort="due", descending=False)
    pages: dict[str, Page] = {name: (SYSTEM, query) for name, query in QUERIES.items()}
    pages |= {
        "deep": (SYSTEM, TicketQuery(cursor=cursor)),
        "assignee": (SYSTEM, TicketQuery(assignee=technician.user_id)),
        "own": (technician, TicketQuery()),
        "own_changed": (technician, TicketQuery(sort="changed")),
        "mine": (technician, mine),
        "outlet": (manager, TicketQuery()),
        "outlet_changed": (manager, TicketQuery(sort="changed")),
        "outlet_overdue": (manager, QUERIES["overdue"]),
    }
    return {name: (actor, replace(query, columns=COLUMNS)) for name, (actor, query) in pages.items()}


def busiest(work: Work) -> Actor:
    """Return whoever most tickets are assigned to: a technician, who sees the own ones and no others."""
    most = select(Ticket.assignee_id).where(Ticket.assignee_id.is_not(None)).group_by(Ticket.assignee_id)
    return _actor(work, work.session.scalars(most.order_by(func.count().desc()).limit(1)).one())


def named(work: Work, username: str) -> Actor:
    """Return the person of the demo company who signs in as that."""
    return _actor(work, work.session.scalars(select(Account.id).where(Account.username == username)).one())


def _actor(work: Work, user_id: int | None) -> Actor:
    actor = access.actor_of(work.session, user_id or 0)
    if actor is None:
        raise RuntimeError("the bench's people are missing")
    return actor


def _measured(house: House, actor: Actor, query: TicketQuery) -> tuple[float, int]:
    """Return the seconds of a page, and its statements."""
    read = partial(_written, query=query)
    return fastest(house, actor, read), statements_of(house, actor, read)


def statements_of(house: House, actor: Actor, read: Callable[[Work], Any]) -> int:
    """Return in how many statements something is read."""
    seen: list[str] = []

    def note(*args: Any) -> None:
        seen.append(args[2])

    event.listen(house.engine, "before_cursor_execute", note)
    try:
        fastest(house, actor, read, 1)
    finally:
        event.remove(house.engine, "before_cursor_execute", note)
    return len(seen)


def fastest(house: House, actor: Actor, read: Callable[[Work], Any], times: int = TIMES) -> float:
    """Return the seconds of processor time of the fastest of several reads, each in a transaction of its own."""
    spent = []
    for _one in range(times):
        with house.transactions.reading(actor) as work:
            clock = stopwatch(work.session.connection())
            began = clock()
            read(work)
            spent.append(clock() - began)
    return min(spent)


def _written(work: Work, query: TicketQuery) -> None:
    page = ticket_page(work, query)
    columns = chosen(query.columns, [row.version for row in page.rows])
    for row in page.rows:
        for column in columns:
            column.text(row, "zh_Hans")
