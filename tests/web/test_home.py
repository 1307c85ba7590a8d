"""The first page: the work that is this person's to see to."""

import html
import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from app.core.permissions import SYSTEM
from app.tickets.models import Ticket
from tests.clients import CAUSE, make_account
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


def test_what_waits_for_a_role_comes_first_and_leads_to_its_list(web: Any, client_as: Any) -> None:
    small = tickets.repair_spec()
    paid = tuple(
        replace(one, awaits=frozenset({"finance"})) if one.key == "done" else one for one in small.workflow.states
    )
    with web.extensions["gongdan"].transactions.unit_of_work(SYSTEM, CAUSE) as work:
        key = tickets.template(work, spec=replace(small, workflow=replace(small.workflow, states=paid)))
        waiting, new = tickets.tickets(work, key, 2)
        tickets.finish(work, waiting)
        number, other = (work.session.get(Ticket, one).number for one in (waiting, new))
    page = client_as("finance").get("/").text
    box = page.split('id="box-awaiting"', 1)[1].split("</section>", 1)[0]
    assert number in box
    assert other not in box
    assert page.index('figure-awaiting"') < page.index('figure-mine"')
    shown = client_as("finance").get(html.unescape(re.search(r'href="([^"]+)" data-testid="figure-awaiting"', page)[1]))
    assert number in shown.text
    assert other not in shown.text
    assert 'figure-awaiting"' not in client_as("dispatcher").get("/").text


def test_beside_each_ticket_stands_the_moment_its_box_is_about(web: Any, client_as: Any) -> None:
    with web.extensions["gongdan"].transactions.unit_of_work(SYSTEM, CAUSE) as work:
        key = tickets.template(work)
        ticket = work.session.get(Ticket, tickets.tickets(work, key, 1)[0])
        ticket.due_at = work.now - timedelta(days=800)
        number, came, due = ticket.number, ticket.created_at.isoformat(), ticket.due_at.isoformat()
    page = client_as("dispatcher").get("/").text

    def moment(box: str) -> tuple[str, bool]:
        row = page.split(f'id="box-{box}"', 1)[1].split("</section>", 1)[0].split(number, 1)[1].split("</a>", 1)[0]
        found = re.search(r'<time datetime="([^"]+)', row)
        assert found
        return found[1], "data-time-limits" in row

    assert moment("recent") == (came, False)
    assert moment("overdue") == (due, True)


def test_what_is_ones_own_and_waits_for_somebody_else_is_told_beside_the_visits(web: Any) -> None:
    small = tickets.repair_spec()
    steps = tuple(
        replace(one, roles=frozenset({"qa"})) if one.key == "start" else one for one in small.workflow.transitions
    )
    technician = make_account(web, "home.elsewhere", "technician")
    with web.extensions["gongdan"].transactions.unit_of_work(SYSTEM, CAUSE) as work:
        key = tickets.template(work, spec=replace(small, workflow=replace(small.workflow, transitions=steps)))
        for one in tickets.tickets(work, key, 2):
            work.session.get(Ticket, one).assignee_id = technician
    client = web.test_client()
    client.enter("home.elsewhere")
    page = client.get("/").text
    box = page.split('id="box-mine"', 1)[1].split("</section>", 1)[0]
    assert re.search(r'data-testid="elsewhere">[^<]*2', box)
    assert 'data-testid="visit"' not in box
    assert re.search(r'figure-mine".*?<strong[^>]*>2', page, re.DOTALL)
