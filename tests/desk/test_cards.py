"""The cards of the list on a phone: who is in the field reads when, to whom, where, and calls from there."""

import re

from tests.clients import statements
from tests.desk.conftest import english

CARD = re.compile(r'data-testid="card-visit">(.*?)</td>', re.DOTALL)


def test_a_card_tells_its_technician_the_visit(desk, boss, client_as):
    where = {"customer_id": desk.ids["customer"], "site_id": desk.ids["site"]}
    number = desk.opened(boss, "inspection", assignee_id=desk.ids["user"], **where)
    technician = english(client_as("technician"))
    url = f"/tickets/?q={number}"
    with statements(desk.app.extensions["gongdan"].engine) as seen:
        (card,) = CARD.findall(technician.get(url).text)
    said = " ".join(re.sub("<[^>]+>", " ", card).split())
    at = desk.ticket(number)["values"]["appointment_at"]
    assert f'datetime="{at[:16]}' in card
    assert "王小明" in said
    assert "科技园路 12 号" in said
    assert 'href="tel:13800138001"' in card
    assert len(seen) <= 12, "\n".join(seen)
    head = (
        technician.get(f"/tickets/{number}")
        .text.partition('data-testid="customer-brief"')[2]
        .partition("</section>")[0]
    )
    assert f'datetime="{at[:16]}' in head.partition('data-testid="appointment"')[2][:400]
    # At the desk, where columns are chosen, nothing more is read than they show.
    assert not CARD.search(boss.get(url).text)
