"""A ticket's page: ticket, next steps, timeline, watchers, related tickets, customer; CPU and statements."""

import time
from collections.abc import Iterator
from statistics import median
from typing import Any, Final

from sqlalchemy import event, select

from app.bench import BENCHES
from app.bench.base import Bench, Measurement
from app.core.permissions import SYSTEM
from app.core.work import Cause, Work
from app.house import House
from app.seeding import seed_tickets
from app.tickets import queries
from app.tickets.models import Ticket

MOST_STATEMENTS: Final = 20
MOST_MS: Final = 40.0
PAGES: Final = 40


@BENCHES.register
class TicketPage(Bench):
    """What the page's view asks of the queries, for many tickets."""

    name = "ticket_page"
    about = "milliseconds of CPU and statements of a ticket's page, against their ceilings"
    rows = 10_000

    def run(self, house: House, rows: int) -> Iterator[Measurement]:
        """Read pages of tickets spread over ``rows``."""
        seed_tickets(house.transactions, rows, cause=Cause("system", "bench"))
        with house.transactions.reading(SYSTEM) as work:
            ids = list(work.session.scalars(select(Ticket.id).order_by(Ticket.id)))
        some = ids[:: max(len(ids) // PAGES, 1)]
        spent = []
        for one in some:
            with house.transactions.reading(SYSTEM) as work:
                began = time.process_time()
                _page(work, one)
                spent.append(time.process_time() - began)
        yield Measurement("ticket_page", rows, median(spent) * 1000, MOST_MS, "ms CPU")
        yield Measurement("ticket_page_statements", rows, _statements(house, some[-1]), MOST_STATEMENTS, "statements")


def _page(work: Work, ticket_id: int) -> None:
    """Read all that is shown, and put it into words."""
    detail = queries.ticket(work, ticket_id)
    for key in detail.values:
        detail.shown(key, "zh_Hans")
    queries.steps(work, detail)
    queries.timeline(work, ticket_id, detail=detail)
    queries.watchers(work, ticket_id, detail=detail)
    queries.related(work, detail)
    if detail.columns["customer_id"] is not None:
        queries.customer_360(work, detail.columns["customer_id"], reader=detail.reader)


def _statements(house: House, ticket_id: int) -> int:
    made: list[Any] = []

    def note(*args: Any) -> None:
        made.append(args[2])

    event.listen(house.engine, "before_cursor_execute", note)
    try:
        with house.transactions.reading(SYSTEM) as work:
            _page(work, ticket_id)
    finally:
        event.remove(house.engine, "before_cursor_execute", note)
    return len(made)
