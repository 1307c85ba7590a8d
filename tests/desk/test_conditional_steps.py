"""What a step or a new ticket asks for under a condition, on the desk's screens."""

import json
import re

from tests.desk.filling import asked, hidden_inputs, problems


def told(html: str) -> dict:
    """What the dialog tells the browser."""
    return json.loads(re.search(r'class="ticket-rules">(.*?)</script>', html, re.DOTALL)[1])


def test_nobody_is_sent_to_nobody(desk, boss):
    number = desk.opened(boss, "appliance_repair")
    url = f"/tickets/{number}/steps/assign"
    html = boss.get(url).text
    assert "data-customer-picker" in html
    data = hidden_inputs(html) | {"assignee_id": str(desk.ids["user"])}
    answer = boss.post(url, data=data)
    assert answer.status_code == 422
    assert problems(answer.text) == ["Fill in: Customer.", "Fill in: Site."]
    where = {"customer_id": str(desk.ids["customer"]), "site_id": str(desk.ids["site"])}
    assert boss.post(url, data=data | where).status_code == 303
    assert desk.ticket(number)["site_id"] == desk.ids["site"]


def test_who_brings_it_needs_no_address(desk, boss):
    number = desk.opened(
        boss, "appliance_repair", customer_id=desk.ids["customer"], **{"values.service_mode": "in_shop"}
    )
    url = f"/tickets/{number}/steps/assign"
    data = hidden_inputs(boss.get(url).text) | {"assignee_id": str(desk.ids["user"])}
    assert boss.post(url, data=data).status_code == 303


def test_a_visit_is_made_for_somebody(desk, boss):
    answer = boss.post("/tickets/new/maintenance", data=desk.new_form(boss, "maintenance"))
    assert answer.status_code == 422
    assert "Fill in: Customer." in problems(answer.text)


def test_the_dialog_asks_while_one_types(desk, boss):
    number = desk.opened(boss, "appliance_repair", customer_id=desk.ids["customer"])
    html = boss.get(f"/tickets/{number}/steps/submit").text
    rules = told(html)
    assert set(rules["needs"]) == {"parts_used", "customer_signature"}
    assert {"old_parts", "test_run", "safety_check"} <= set(rules["items"])
    assert "customer_signature" in asked(html)
    assert "parts_used" not in asked(html)
    assert re.search(r'data-item="old_parts" hidden', html)
    assert not re.search(r'data-item="clean_up" hidden', html)


def test_an_arrival_is_now(desk, boss):
    number = desk.opened(boss, "appliance_repair", customer_id=desk.ids["customer"])
    html = boss.get(f"/tickets/{number}/steps/start").text
    assert 'data-now="values-arrived_at" data-zone="Asia/Shanghai"' in html
    assert "data-now" not in boss.get(f"/tickets/{number}/steps/schedule").text
