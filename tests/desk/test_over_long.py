"""What is too long is refused at its place and stays as it was typed; an input that cuts it off loses it unsaid."""

import re

import pytest

from tests.desk.filling import hidden_inputs

LONG = "很" * 25_000


@pytest.mark.parametrize(
    "address", ["/tickets/new/{small}", "/tickets/{number}", "/customers/add", "/tickets/views/new"]
)
def test_no_input_but_a_search_cuts_off_what_is_pasted(desk, boss, address):
    page = boss.get(address.format(small=desk.small, number=desk.opened(boss))).text
    inputs = re.findall(r"<(?:input|textarea)\b[^>]*>", page)
    assert len(inputs) > 1
    assert [one for one in inputs if " maxlength=" in one and 'type="search"' not in one] == []


@pytest.mark.parametrize("name", ["values.fault", "subject"])
def test_a_new_ticket_keeps_what_is_too_long(desk, clerk, name):
    data = desk.new_form(clerk, desk.small) | {name: LONG}
    answer = clerk.post(f"/tickets/new/{desk.small}", data=data)
    assert answer.status_code == 422
    assert LONG in answer.text
    assert f'href="#{name.replace(".", "-")}"' in answer.text


@pytest.mark.parametrize("name", ["name", "phone", "address"])
def test_a_new_customer_beside_the_form_keeps_it(desk, clerk, name):
    typed = {"name": "王小明", "phone": "13800138000", "region": "440305", "address": "科技园路 12 号"}
    answer = clerk.post("/tickets/new-customer", data=typed | {name: LONG[:900]})
    assert answer.status_code == 422
    assert LONG[:900] in answer.text


def test_a_note_keeps_it(desk, clerk):
    answer = clerk.post(f"/tickets/{desk.opened(clerk)}/notes", data={"body": LONG})
    assert answer.status_code == 422
    assert LONG in answer.text


@pytest.mark.parametrize("field", ["name", "remark"])
def test_a_record_keeps_it(clerk, field):
    data = hidden_inputs(clerk.get("/customers/add").text) | {"kind": "person", "name": "王小明", field: LONG}
    answer = clerk.post("/customers/add", data=data)
    assert answer.status_code == 422
    assert LONG in answer.text


def test_the_name_of_a_view_is_refused(clerk):
    answer = clerk.post("/tickets/views/new", data={"name": LONG})
    assert answer.status_code == 422
    assert "60" in answer.text
