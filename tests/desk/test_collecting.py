"""A step that adds to an amount, over the screens: an empty input, what is there beside it, nothing counted twice."""

import json
import re
from html import unescape

import pytest

from app.tickets import queries, service
from app.tickets.orders import ChangeTicket
from tests.desk.conftest import english
from tests.desk.filling import hidden_inputs
from tests.factories.tickets import template, ticket
from tests.tickets.test_moving import spec
from views.tickets import edit_form


@pytest.fixture
def owed(desk):
    """A ticket on which ¥300 are to be collected: its number, and the address of the step that does."""
    with desk.work() as work:
        number = queries.ticket(work, ticket(work, template(work, spec=spec()), {"fee": "300"})).number
    return number, f"/tickets/{number}/steps/collect"


def send(client, url, html=None, headers=None, **answers):
    data = {f"values.{key}": value for key, value in answers.items()}
    return client.post(url, data=hidden_inputs(html or client.get(url).text) | data, headers=headers or {})


def told(answer):
    """What stands in the box that asks."""
    return re.search(r'data-testid="conflict".*?</div>', answer.text, re.DOTALL)[0]


def received(desk, number):
    return desk.ticket(number)["values"].get("received")


def value(html, key):
    return re.search(rf'name="values\.{key}"[^>]* value="([^"]*)"', html)[1]


def test_the_input_is_empty_and_what_is_there_is_said(desk, boss, owed):
    number, url = owed
    assert "Only the amount of this time." in boss.get(url).text
    assert send(boss, url, received="100").status_code == 303
    html = boss.get(url).text
    assert value(html, "received") == ""
    assert "readonly" not in re.search(r'<input[^>]*name="values\.received"[^>]*>', html)[0]
    assert "it is added to the CN¥100.00 that is there." in html
    assert 'aria-required="true"' in re.search(r'<input[^>]*name="values\.received"[^>]*>', html)[0]
    # What conditions of the browser look at is what will be there.
    rules = json.loads(unescape(re.search(r'class="ticket-rules">(.*?)</script>', html)[1]))["fields"]["received"]
    assert (rules["moves"], rules["held"]) == (1, 10000)
    # Where it is only to be read nobody types it.
    assert "values.received" not in boss.get(f"/tickets/{number}/sections/main/edit").text


def test_totals_count_along_as_the_server_counts(desk, boss, owed):
    number, url = owed
    send(boss, url, received="100")
    compute = unescape(re.search(r'data-compute="([^"]*)"', boss.get(url).text)[1])
    for typed, due in (("", "200.00"), ("50.5", "149.50"), ("0", "200.00"), ("viel", "200.00"), ("300", "-CN¥100.00")):
        answer = boss.post(compute, data={"values.received": typed}).json
        assert answer["computed"]["due"].endswith(due), typed
    assert "received" in answer["visible"]
    assert received(desk, number) == 10000


def test_what_was_typed_stays_typed_when_it_is_refused(desk, boss, owed):
    number, url = owed
    refused = send(boss, url, received="0", visits="2")
    assert (refused.status_code, value(refused.text, "received"), value(refused.text, "visits")) == (422, "0", "2")
    assert "more than 0" in refused.text
    again = send(boss, url, refused.text, received="80")
    assert (again.status_code, received(desk, number)) == (303, 8000)
    settle = f"/tickets/{number}/steps/settle"
    refused = send(boss, settle, received="100")
    assert refused.status_code == 422
    assert "Still due: CN¥120.00." in refused.text
    assert value(refused.text, "received") == "100"


def test_who_collects_at_the_same_time_as_another_is_told_and_both_count_once_it_is_said_again(
    desk, boss, owed, client_as
):
    number, url = owed
    clerk = english(client_as("clerk"))
    mine, theirs = boss.get(url).text, clerk.get(url).text
    assert send(boss, url, mine, received="100").status_code == 303
    asked = send(clerk, url, theirs, received="60")
    assert asked.status_code == 409
    assert re.search(r"<time [^>]*>.*?</time> · collect <strong>Received \+CN¥100.00</strong>", told(asked))
    assert (received(desk, number), value(asked.text, "received")) == (10000, "60")
    assert send(clerk, url, asked.text, received="60").status_code == 303
    assert received(desk, number) == 16000


def test_who_gives_back_what_another_gave_back_meanwhile_is_told_just_that(desk, boss, owed, client_as):
    number, url = owed
    assert send(boss, url, received="100").status_code == 303
    with desk.work() as work:
        service.change_ticket(work, ChangeTicket(queries.ticket(work, number).id, transition="overpaid"))
    url, back = f"/tickets/{number}/steps/pay_back", f"/tickets/{number}/steps/back"
    clerk = english(client_as("clerk"))
    mine, theirs = boss.get(url).text, clerk.get(url).text
    assert send(boss, url, mine, received="70").status_code == 303
    assert boss.post(back, data=hidden_inputs(boss.get(back).text)).status_code == 303
    asked = send(clerk, url, theirs, received="70")
    assert asked.status_code == 409
    assert "pay_back <strong>Received \u2212CN¥70.00</strong>" in told(asked)
    assert "this step is not possible any more" in told(asked)
    assert "dialog-submit" not in asked.text
    # Whoever sends it all the same is told where the ticket is, and nothing of sums.
    again = send(clerk, url, asked.text, received="70")
    assert (again.status_code, received(desk, number)) == (422, 3000)
    assert "“pay_back” is not possible any more: the ticket is in “Waiting” now." in again.text
    assert 'data-testid="errors"' not in again.text


def test_a_form_sent_twice_counts_once_and_asks(desk, boss, owed):
    number, url = owed
    html = boss.get(url).text
    assert send(boss, url, html, received="100").status_code == 303
    # The back button and a second press: what was taken is told, and nothing is added.
    asked = send(boss, url, html, received="100")
    assert asked.status_code == 409
    assert re.search(r"collect <strong>Received \+CN¥100.00</strong>.*send it once more", told(asked), re.DOTALL)
    assert (received(desk, number), value(asked.text, "received")) == (10000, "100")
    assert send(boss, url, html, received="100").status_code == 409
    # Who reads it and sends it once more means another amount.
    assert send(boss, url, asked.text, received="100").status_code == 303
    assert received(desk, number) == 20000


def test_who_was_faster_by_a_moment_is_no_conflict(desk, boss, owed, monkeypatch):
    """Between the reading and the lock, which only PostgreSQL knows, somebody else collects."""
    number, url = owed
    html, settle, calls = boss.get(url).text, edit_form.settle, []

    def late(work, detail, *args):
        settled = settle(work, detail, *args)
        if not calls:
            calls.append(1)
            object.__setattr__(detail, "columns", {**detail.columns, "version": detail.lock_version - 1})
        return settled

    monkeypatch.setattr(edit_form, "settle", late)
    assert send(boss, url, html, received="100").status_code == 303
    assert received(desk, number) == 10000
