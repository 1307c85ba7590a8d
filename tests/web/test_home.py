"""The first page: the work that is this person's to see to."""

import re
from datetime import timedelta
from typing import Any

import pytest

from app.core.permissions import SYSTEM
from app.tickets.models import Ticket
from tests.clients import CAUSE
from tests.factories import tickets

ALL_BOXES = {"mine", "overdue", "unassigned", "recent"}


@pytest.mark.parametrize(
    ("role", "boxes", "links"),
    [
        ("administrator", ALL_BOXES, False),
        ("dispatcher", ALL_BOXES, False),
        ("technician", {"mine", "done"}, False),
        ("template_designer", {"overdue", "recent"}, True),
        ("auditor", {"overdue", "recent"}, True),
    ],
)
def test_each_role_first_sees_what_it_can_act_on(role: str, boxes: set[str], links: bool, client_as: Any) -> None:
    page = client_as(role).get("/").get_data(as_text=True)
    shown = {key for key in {*ALL_BOXES, "done"} if f'data-testid="figure-{key}"' in page}
    assert shown == boxes
    assert ('data-testid="home-links"' in page) is links


def test_what_nobody_has_begins_with_what_is_late_and_leads_on(web: Any, client_as: Any) -> None:
    with web.extensions["gongdan"].transactions.unit_of_work(SYSTEM, CAUSE) as work:
        key = tickets.template(work)
        ids = tickets.tickets(work, key, 9)
        late = work.session.get(Ticket, ids[3])
        late.due_at = work.now - timedelta(days=900)
        number = late.number
    box = client_as("dispatcher").get("/").text.split('id="box-unassigned"', 1)[1].split("</section>", 1)[0]
    assert re.search(r'<span class="ticket-number">([^<]+)', box)[1] == number
    assert 'data-testid="more-unassigned"' in box
