"""Giving a ticket another customer or product on its page: what goes along is asked about, with both values."""

from dataclasses import replace
from datetime import date

import pytest

from app.tickets import queries
from tests.desk.filling import hidden_inputs
from tests.factories import tickets
from tests.tickets.records_known import household, spec


@pytest.fixture
def homes(desk):
    with desk.work() as work:
        made = household(work, "海天", "SN-1", date(2020, 1, 1)), household(work, "山地", "SN-2", date(2020, 2, 2))
        return [one.named for one in made]


@pytest.fixture
def own(desk, homes):
    with desk.work() as work:
        key = tickets.template(work, spec=spec())
        return queries.ticket(work, tickets.ticket(work, key, {"brand": "自己写的"}, **homes[0])).number


def test_it_is_asked_once_and_taken_then(desk, boss, own, homes):
    about = f"/tickets/{own}/about"
    sent = {name: str(value) for name, value in homes[1].items()}
    asked = boss.post(about, data=hidden_inputs(boss.get(about).text) | sent)
    assert (asked.status_code, 'data-testid="doubts"' in asked.text) == (422, True)
    assert "SN-1 → SN-2" in asked.text
    assert "自己写的" not in asked.text
    assert desk.ticket(own)["values"]["serial"] == "SN-1"
    assert boss.post(about, data=hidden_inputs(asked.text) | sent).status_code == 303
    values = desk.ticket(own)["values"]
    assert (values["serial"], values["who"], values["brand"]) == ("SN-2", "山地", "自己写的")
    page = boss.get(f"/tickets/{own}").text
    assert ("SN-1" in page, "SN-2" in page) == (True, True)  # the history tells both


def test_a_step_s_form_that_shows_the_former_answer_does_not_keep_it(desk, boss, homes):
    small = spec()
    (start, *others) = small.workflow.transitions
    flow = replace(small.workflow, transitions=(replace(start, required=("serial", "customer")), *others))
    with desk.work() as work:
        key = tickets.template(work, spec=replace(small, workflow=flow))
        number = queries.ticket(work, tickets.ticket(work, key, **homes[0])).number
    step = f"/tickets/{number}/steps/start"
    sent = {name: str(value) for name, value in homes[1].items()} | {"values.serial": "SN-1"}
    asked = boss.post(step, data=hidden_inputs(boss.get(step).text) | sent)
    assert (asked.status_code, 'data-testid="doubts"' in asked.text) == (422, True)
    assert boss.post(step, data=hidden_inputs(asked.text) | sent).status_code == 303
    assert desk.ticket(number)["values"]["serial"] == "SN-2"
