"""Changing an answer that hides others, over the screens: what saving empties is said, and asked beside money."""

import re
from dataclasses import replace
from html import unescape

import pytest

from app.tickets import queries
from tests.desk.filling import hidden_inputs
from tests.factories.tickets import template, ticket
from tests.tickets.test_moving import spec


@pytest.fixture
def own(desk):
    with desk.work() as work:
        known = {"fee": "300", "fault_code": "E2", "detail": "压缩机异响"}
        return queries.ticket(work, ticket(work, template(work, spec=spec()), known)).number


def section(number):
    return f"/tickets/{number}/sections/main/edit"


def send(client, url, html, **answers):
    return client.post(url, data=hidden_inputs(html) | {f"values.{key}": value for key, value in answers.items()})


def test_it_is_said_at_the_answer_while_one_chooses(boss, own):
    html = boss.get(section(own)).text
    compute = unescape(re.search(r'data-compute="([^"]*)"', html)[1])
    rules = re.search(r'class="ticket-rules">(.*?)</script>', html)[1]
    assert rules.count('"doubted": true') == 1
    said = boss.post(compute, data={"values.fault_code": "E1"}).json["doubts"]
    assert (said.keys(), "压缩机异响" in said["fault_code"]) == ({"fault_code"}, True)
    assert boss.post(compute, data={"values.fault_code": "E2", "values.detail": "压缩机"}).json["doubts"] == {}


def test_without_money_it_is_saved_at_once(desk, boss, own):
    answer = send(boss, section(own), boss.get(section(own)).text, fault="不制冷", fault_code="E1", fee="300")
    assert answer.status_code in (200, 303)
    assert "detail" not in desk.ticket(own)["values"]


def test_beside_money_it_is_asked_once(desk, boss, own):
    step = f"/tickets/{own}/steps/collect"
    assert send(boss, step, boss.get(step).text, received="100").status_code == 303
    asked = send(boss, section(own), boss.get(section(own)).text, fault="不制冷", fault_code="E1", fee="300")
    assert (asked.status_code, 'data-testid="doubts"' in asked.text) == (422, True)
    assert re.search(r"data-doubt>[^<]*压缩机异响", asked.text)
    assert desk.ticket(own)["values"]["detail"] == "压缩机异响"
    taken = send(boss, section(own), asked.text, fault="不制冷", fault_code="E1", fee="300")
    assert taken.status_code in (200, 303)
    assert "detail" not in desk.ticket(own)["values"]
    assert "压缩机异响" in boss.get(f"/tickets/{own}").text  # the history keeps it


@pytest.fixture
def urgent(desk):
    """A ticket with an answer that only urgent ones have."""
    small = spec()
    (first, *others) = small.sections
    when = {"field": "priority", "op": "is", "value": 1}
    uses = tuple(replace(use, visible_when=when) if use.field == "detail" else use for use in first.fields)
    with desk.work() as work:
        key = template(work, spec=replace(small, sections=(replace(first, fields=uses), *others)))
        return queries.ticket(work, ticket(work, key, {"detail": "压缩机异响"}, priority=1)).number


def test_a_priority_that_empties_is_asked_about_where_details_are_changed(desk, boss, urgent):
    about = f"/tickets/{urgent}/about"
    html = boss.get(about).text
    asked = boss.post(about, data=hidden_inputs(html) | {"priority": "3"})
    assert (asked.status_code, 'data-testid="doubts"' in asked.text) == (422, True)
    assert ("压缩机异响" in asked.text, desk.ticket(urgent)["priority"]) == (True, 1)
    # What was confirmed was that and nothing else.
    other = boss.post(about, data=hidden_inputs(asked.text) | {"priority": "4"})
    assert other.status_code == 422
    assert boss.post(about, data=hidden_inputs(other.text) | {"priority": "4"}).status_code == 303
    assert (desk.ticket(urgent)["priority"], "detail" in desk.ticket(urgent)["values"]) == (4, False)


def test_in_a_row_it_is_chosen_once_more(desk, boss, urgent):
    sent = {"version": "1", "priority": "3"}
    asked = boss.post(f"/tickets/{urgent}/quick", data=sent)
    assert (asked.status_code, asked.json["confirm"], "压缩机异响" in asked.json["refusals"][0]) == (422, "1", True)
    assert desk.ticket(urgent)["priority"] == 1
    assert boss.post(f"/tickets/{urgent}/quick", data=sent | {"confirmed": "1"}).status_code == 200
    assert "detail" not in desk.ticket(urgent)["values"]
