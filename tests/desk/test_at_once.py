"""Two people at one ticket: who changed what meanwhile is told, and what one took away is not given back unasked."""

import re

from app.tickets import queries, service
from app.tickets.orders import ChangeTicket
from tests.clients import make_account
from tests.desk.conftest import english
from tests.desk.filling import hidden_inputs


def test_who_changed_the_same_field_is_named_beside_both_texts(desk, clerk, boss):
    make_account(desk.app, "at.once", "clerk", name="韩梅")
    other = desk.app.test_client()
    other.enter("at.once")
    english(other)
    number = desk.opened(clerk, **{"values.fault": "不冷"})
    url = f"/tickets/{number}/sections/main/edit"
    mine, theirs = (hidden_inputs(client.get(url).text) for client in (clerk, other))
    kept = {"values.quantity": "1"}
    assert boss.post(url, data=theirs | kept | {"values.fault": "漏水"}).status_code == 303
    theirs = hidden_inputs(other.get(url).text)
    assert other.post(url, data=theirs | kept | {"values.fault": "漏水很大"}).status_code == 303
    asked = clerk.post(url, data=mine | kept | {"values.fault": "异响"})
    assert asked.status_code == 409
    box = asked.text.split('data-testid="conflict">', 1)[1].split("</div>", 1)[0]
    said = " ".join(re.sub("<[^>]+>", " ", box).split())
    # The last of those who did.
    assert "Somebody else changed this meanwhile." in said
    assert "Saved now (韩梅): 漏水很大" in said
    assert "Yours: 异响" in said
    assert desk.ticket(number)["values"]["fault"] == "漏水很大"
    again = mine | kept | hidden_inputs(asked.text) | {"values.fault": "异响", "keep.fault": "mine"}
    assert clerk.post(url, data=again).status_code == 303
    assert desk.ticket(number)["values"]["fault"] == "异响"


def test_a_tick_that_was_taken_away_is_asked_for_though_nothing_else_is(desk, clerk):
    number = desk.opened(clerk)
    for step in ("start", "finish"):
        url = f"/tickets/{number}/steps/{step}"
        data = hidden_inputs(clerk.get(url).text) | ({"values.result": "好"} if step == "finish" else {})
        assert clerk.post(url, data=data).status_code == 303
    tick(desk, number, tested=True)
    url = f"/tickets/{number}/steps/close"
    page = clerk.get(url).text
    assert re.search(r'name="check.tested"[^>]* checked', page)
    tick(desk, number, tested=False)
    sent = hidden_inputs(page) | {"check.tested": "1"}
    asked = clerk.post(url, data=sent)
    assert asked.status_code == 409
    assert 'data-testid="unticked"' in asked.text
    assert not re.search(r'name="check.tested"[^>]* checked', asked.text)
    assert desk.ticket(number)["state"] == "done"
    assert clerk.post(url, data=sent | hidden_inputs(asked.text)).status_code == 303
    assert desk.ticket(number)["state"] == "closed"


def tick(desk, number, **items):
    with desk.work() as work:
        service.change_ticket(work, ChangeTicket(queries.ticket(work, number).id, checklist=items))
