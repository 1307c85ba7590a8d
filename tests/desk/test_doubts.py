"""What a template doubts, over the screens: said while one types, asked once, taken when it is sent again."""

import re
from html import unescape

import pytest

from app.tickets import queries
from tests.desk.filling import hidden_inputs
from tests.factories.tickets import template, ticket
from tests.tickets.test_doubts import doubting_spec


@pytest.fixture
def owed(desk):
    """A ticket on which ¥300 are to be collected: its number, and the address of the step that does."""
    with desk.work() as work:
        own = queries.ticket(work, ticket(work, template(work, spec=doubting_spec()), {"fee": "300"}))
    return own, f"/tickets/{own.number}/steps/collect"


def send(client, url, html=None, **answers):
    data = {f"values.{key}": value for key, value in answers.items()}
    return client.post(url, data=hidden_inputs(html or client.get(url).text) | data)


def received(desk, own):
    return desk.ticket(own.number)["values"].get("received")


def test_a_doubtful_amount_is_asked_about_once_and_anew_when_it_is_another(desk, boss, owed):
    own, url = owed
    asked = send(boss, url, received="370")
    assert asked.status_code == 422
    box = re.search(r'data-testid="doubts".*?</div>', asked.text, re.DOTALL)[0]
    assert '<a href="#values-received">CN¥70.00 more than is owed.</a>' in box
    assert 'role="status" data-doubt>CN¥70.00 more than is owed.</div>' in asked.text
    assert 'data-testid="errors"' not in asked.text
    assert received(desk, own) is None
    other = send(boss, url, asked.text, received="400")
    assert (other.status_code, "CN¥100.00 more than is owed." in other.text) == (422, True)
    assert send(boss, url, other.text, received="400").status_code == 303
    assert received(desk, own) == 40000


def test_what_was_recorded_meanwhile_and_what_is_doubted_are_one_question(desk, boss, owed, client_as):
    own, url = owed
    clerk = client_as("clerk")
    mine, theirs = boss.get(url).text, clerk.get(url).text
    assert send(boss, url, mine, received="300").status_code == 303
    asked = send(clerk, url, theirs, received="300")
    assert asked.status_code == 409
    assert 'data-testid="moved-meanwhile"' in asked.text
    assert 'data-testid="doubts"' in asked.text
    assert send(clerk, url, asked.text, received="300").status_code == 303
    assert received(desk, own) == 60000


def test_it_is_said_while_one_types(boss, owed):
    _own, url = owed
    html = boss.get(url).text
    compute = unescape(re.search(r'data-compute="([^"]*)"', html)[1])
    assert boss.post(compute, data={"values.received": "300"}).json["doubts"] == {}
    assert "70.00" in boss.post(compute, data={"values.received": "370"}).json["doubts"]["received"]
    assert '"doubted": true' in re.search(r'class="ticket-rules">(.*?)</script>', html)[1]


def test_a_section_and_a_new_ticket_ask_as_well(desk, boss, owed):
    own, _url = owed
    url = f"/tickets/{own.number}/sections/main/edit"
    asked = send(boss, url, fault="E1", fee="20000")
    assert (asked.status_code, 'data-testid="doubts"' in asked.text) == (422, True)
    assert send(boss, url, asked.text, fault="E1", fee="20000").status_code in (200, 303)
    assert desk.ticket(own.number)["values"]["fee"] == 2_000_000
    url = f"/tickets/new/{own.version.template_key}"
    asked = send(boss, url, fault="E1", fee="20000")
    assert (asked.status_code, 'data-testid="doubts"' in asked.text) == (422, True)
    assert send(boss, url, asked.text, fault="E1", fee="20000").status_code == 303
