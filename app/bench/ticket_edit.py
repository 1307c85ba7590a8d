"""One edit of one ticket, the whole service call with its transaction; against the bare read, UPDATE and audit row."""

import time
from collections.abc import Callable, Iterator
from statistics import median
from typing import Any, Final

import orjson
from sqlalchemy import text

from app.bench import BENCHES
from app.bench.base import Bench, Measurement
from app.bench.change_path import CAUSE, TEMPLATE, answers
from app.core.permissions import SYSTEM
from app.house import House
from app.tickets import service
from app.tickets.orders import ChangeTicket, OpenTicket

EDITS: Final = 300
_READ: Final = text('SELECT id, version, state, priority, "values" FROM ticket WHERE id = :id')
_WRITE: Final = text(
    "UPDATE ticket SET priority = :priority, version = version + 1 WHERE id = :id AND version = :version"
)
_AUDIT: Final = text(
    "INSERT INTO ticket_event (ticket_id, at, cause, kind, changes, version)"
    " SELECT id, changed_at, '{}', 'changed', :changes, version FROM ticket WHERE id = :id"
)


@BENCHES.register
class TicketEdit(Bench):
    """CPU time, since the machine is shared; the median of many edits, ours and bare in turn."""

    name = "ticket_edit"
    about = "milliseconds of CPU for one edit through the service, against the bare statements"
    rows = 1_000

    def run(self, house: House, rows: int) -> Iterator[Measurement]:
        """Open ``rows`` tickets and edit some, one a transaction."""
        with house.transactions.unit_of_work(SYSTEM, CAUSE) as work:
            orders = [OpenTicket(TEMPLATE, {}, answers(number)) for number in range(rows)]
            ids = [one.ticket_id for one in service.open_tickets(work, orders).outcomes if one.ticket_id]
        ours, bare = [], []
        for number in range(EDITS):
            ticket_id = ids[number % len(ids)]
            ours.append(_spent(_edit, house, ticket_id, number))
            bare.append(_spent(_bare, house, ticket_id, number))
        yield Measurement("ticket_edit", rows, median(ours) * 1000, median(bare) * 1000, "ms CPU")


def _spent(run: Callable[[House, int, int], None], house: House, ticket_id: int, number: int) -> float:
    began = time.process_time()
    run(house, ticket_id, number)
    return time.process_time() - began


def _edit(house: House, ticket_id: int, number: int) -> None:
    with house.transactions.unit_of_work(SYSTEM, CAUSE) as work:
        wished: dict[str, Any] = {"brand": f"海尔 {number}"}
        service.change_ticket(work, ChangeTicket(ticket_id, fields={"priority": 1 + number % 2}, answers=wished))


def _bare(house: House, ticket_id: int, number: int) -> None:
    with house.transactions.unit_of_work(SYSTEM, CAUSE) as work:
        row = work.session.execute(_READ, {"id": ticket_id}).one()
        wanted = 3 + number % 2
        work.session.execute(_WRITE, {"id": ticket_id, "priority": wanted, "version": row.version})
        changes = orjson.dumps({"priority": [row.priority, wanted]}).decode()
        work.session.execute(_AUDIT, {"id": ticket_id, "changes": changes})
