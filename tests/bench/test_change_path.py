"""The change path's bench moves tickets by a step that asks for nothing, whatever the pack becomes."""

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
