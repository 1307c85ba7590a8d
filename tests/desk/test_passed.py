"""A step an old page still offers says at once that it is not open any more, before anything is typed for it."""

import pytest

from app.tickets import queries, service
from app.tickets.orders import ChangeTicket
from tests.factories.tickets import template, ticket
from tests.tickets.test_moving import spec

HTMX = {"HX-Request": "true"}


@pytest.fixture
def moved_on(desk):
    """The address of a ticket that is waiting for parts by now."""
    with desk.work() as work:
        own = ticket(work, template(work, spec=spec()), {"fee": "300"})
        service.change_ticket(work, ChangeTicket(own, transition="overpaid"))
        return f"/tickets/{queries.ticket(work, own).number}"


def test_the_dialog_says_so_and_leads_to_the_ticket_as_it_is(boss, moved_on):
    told = boss.get(f"{moved_on}/steps/collect", headers=HTMX)
    assert (told.status_code, 'data-testid="passed"' in told.text) == (200, True)
    assert f'href="{moved_on}"' in told.text
    assert 'data-testid="dialog-form"' not in told.text
    still_open = boss.get(f"{moved_on}/steps/pay_back", headers=HTMX)
    assert ('data-testid="passed"' in still_open.text, 'data-testid="dialog-form"' in still_open.text) == (False, True)
