"""The change path's bench moves tickets by a step that asks for nothing, whatever the pack becomes."""

from types import SimpleNamespace

from sqlalchemy import func, select, table

from app.bench import change_path
from app.bench.change_path import TEMPLATE, answers, quiet_step
from app.core.permissions import SYSTEM
from app.core.work import Cause
from app.tickets import service
from app.tickets.orders import ChangeTicket, OpenTicket
from tests.factories import tickets
from ticket_templates import queries
from ticket_templates.service import install_packs


def test_its_tickets_are_opened_and_moved(transactions):
    with transactions.unit_of_work(SYSTEM, Cause("bulk", "bench")) as work:
        install_packs(work)
        step = quiet_step(queries.published_version(work, TEMPLATE))
        order = OpenTicket(TEMPLATE, {"assignee_id": tickets.assignee(work)}, answers(1), state=step.sources[0])
        opened = service.open_ticket(work, order)
        assert service.change_ticket(work, ChangeTicket(opened.ticket_id, transition=step.key)).status == "changed"


def test_the_bare_way_leaves_as_many_rows_in_each_table(transactions, monkeypatch):
    monkeypatch.setattr(change_path, "BATCH", 3)
    with transactions.unit_of_work(SYSTEM, Cause("bulk", "bench")) as work:
        install_packs(work)
        assignee = tickets.assignee(work)
        state = quiet_step(queries.published_version(work, TEMPLATE)).sources[0]
    house = SimpleNamespace(transactions=transactions)
    counts = []
    for way in (change_path._open, change_path._insert):
        before = _counts(transactions)
        way(house, assignee, state)
        counts.append({name: many - before[name] for name, many in _counts(transactions).items()})
    assert counts[0] == counts[1] == dict.fromkeys(counts[0], 3)


def _counts(transactions):
    tables = ("ticket", "ticket_event", "ticket_notice", "ticket_search")
    with transactions.reading(SYSTEM) as work:
        return {one: work.session.scalar(select(func.count()).select_from(table(one))) for one in tables}
