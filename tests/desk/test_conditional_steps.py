"""What a step or a new ticket asks for under a condition, on the desk's screens."""

import json
import re
from dataclasses import replace

import pytest
from sqlalchemy import select

from app.core.records import service as records
from app.people.models import Region, Site
from app.people.records import CUSTOMER
from tests.desk.filling import asked, hidden_inputs, problems
from tests.factories.tickets import repair_spec, template
from ticket_templates.spec import Need


def told(html: str) -> dict:
    """What the dialog tells the browser."""
    return json.loads(re.search(r'class="ticket-rules">(.*?)</script>', html, re.DOTALL)[1])


def accepted(desk, boss, **inputs) -> str:
    """The number of a ticket whose technician has accepted it."""
    where = {"customer_id": desk.ids["customer"], "site_id": desk.ids["site"]}
    number = desk.opened(boss, "appliance_repair", **where, **inputs)
    for step, more in (("assign", {"assignee_id": str(desk.ids["user"])}), ("accept", {})):
        url = f"/tickets/{number}/steps/{step}"
        assert boss.post(url, data=hidden_inputs(boss.get(url).text) | more).status_code == 303
    return number


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


def test_an_address_is_added_where_it_is_missing(desk, boss):
    with desk.work() as work:
        who = records.create(work, CUSTOMER, {"kind": "person", "name": "无地址", "active": True}).id
    number = desk.opened(boss, "appliance_repair", customer_id=who)
    url = f"/tickets/{number}/steps/assign"
    html = boss.get(url).text
    assert 'data-testid="new-site"' in html
    typed = hidden_inputs(html) | {"customer_id": str(who), "site_id": "", "new_site.address": "福田路 9 号"}
    nowhere = boss.post(url, data=typed | {"assignee_id": str(desk.ids["user"])})
    assert problems(nowhere.text) == ["Site: Choose the region this address is in."]
    assert 'value="福田路 9 号"' in nowhere.text
    with desk.work() as work:
        district = Region(code="99KP", name="南山区", level=1, full_name="深圳市南山区")
        typed["new_site.region"] = work.session.merge(district).code
    too_long = boss.post(url, data=typed | {"new_site.address": "路" * 300, "assignee_id": str(desk.ids["user"])})
    assert too_long.status_code == 422
    # Nobody is named yet: nothing is made, and the address stays as typed.
    refused = boss.post(url, data=typed)
    assert refused.status_code == 422
    assert 'value="福田路 9 号"' in refused.text
    with desk.work() as work:
        assert not work.session.scalars(select(Site.id).where(Site.customer_id == who)).all()
    assert boss.post(url, data=typed | {"assignee_id": str(desk.ids["user"])}).status_code == 303
    with desk.work() as work:
        site = work.session.scalars(select(Site).where(Site.customer_id == who)).one()
        made = (site.address_line, site.id)
    assert made == ("福田路 9 号", desk.ticket(number)["site_id"])


def test_who_brings_it_needs_no_address(desk, boss):
    number = desk.opened(
        boss, "appliance_repair", customer_id=desk.ids["customer"], **{"values.service_mode": "in_shop"}
    )
    url = f"/tickets/{number}/steps/assign"
    data = hidden_inputs(boss.get(url).text) | {"assignee_id": str(desk.ids["user"])}
    assert boss.post(url, data=data).status_code == 303


@pytest.mark.parametrize(("mode", "first"), [("in_shop", "start"), ("on_site", "schedule")])
def test_what_is_brought_in_is_worked_on_rather_than_visited(desk, boss, mode, first):
    number = accepted(desk, boss, **{"values.service_mode": mode})
    steps = re.findall(r'data-testid="step-(\w+)"', boss.get(f"/tickets/{number}").text)
    assert next(one for one in steps if one in {"start", "schedule"}) == first, steps


def test_a_quote_comes_before_work_without_one(desk, boss):
    number = desk.opened(boss, "vehicle_service", customer_id=desk.ids["customer"])
    url = f"/tickets/{number}/steps/receive"
    data = hidden_inputs(boss.get(url).text)
    data |= {"values.received_at": "2025-07-01T09:00", "values.mileage": "52000"}
    assert boss.post(url, data=data).status_code == 303
    url = f"/tickets/{number}/steps/assign"
    data = hidden_inputs(boss.get(url).text) | {"assignee_id": str(desk.ids["user"])}
    assert boss.post(url, data=data).status_code == 303
    steps = re.findall(r'data-testid="step-(\w+)"', boss.get(f"/tickets/{number}").text)
    assert steps.index("quote") < steps.index("start_unquoted"), steps


def test_a_visit_is_made_for_somebody(desk, boss):
    answer = boss.post("/tickets/new/maintenance", data=desk.new_form(boss, "maintenance"))
    assert answer.status_code == 422
    assert "Fill in: Customer." in problems(answer.text)


def test_the_dialog_asks_while_one_types(desk, boss):
    number = accepted(desk, boss)
    url = f"/tickets/{number}/steps/start"
    html = boss.get(url).text
    assert 'data-now="values-arrived_at" data-zone="Asia/Shanghai"' in html
    assert "data-now" not in boss.get(f"/tickets/{number}/steps/schedule").text
    with desk.work() as work:
        arrival = {"values.arrived_at": f"{work.now.astimezone(work.company.zone):%Y-%m-%dT00:00}"}
    assert boss.post(url, data=hidden_inputs(html) | arrival).status_code == 303
    html = boss.get(f"/tickets/{number}/steps/submit").text
    rules = told(html)
    assert set(rules["needs"]) == {"parts_used", "customer_signature"}
    assert {"old_parts", "test_run", "safety_check"} <= set(rules["items"])
    assert "customer_signature" in asked(html)
    assert "parts_used" not in asked(html)
    assert re.search(r'data-item="old_parts" hidden', html)
    assert not re.search(r'data-item="clean_up" hidden', html)
    # A hidden first item clears no float of the legend: the box of the next one would stand beside it.
    assert re.search(r"Checklist</legend>\s*<div>\s*<label", html)


def test_an_address_shows_as_soon_as_its_condition_holds(desk, boss):
    spec = repair_spec("AD-{seq:5}")
    need = Need(("site",), {"field": "values.fault_code", "op": "is", "value": "E1"})
    steps = tuple(
        replace(one, required=("fault_code",), required_when=(need,)) if one.key == "start" else one
        for one in spec.workflow.transitions
    )
    with desk.work() as work:
        key = template(work, spec=replace(spec, workflow=replace(spec.workflow, transitions=steps)))
    number = desk.opened(boss, key, customer_id=desk.ids["customer"], **{"values.fault_code": ""})
    url = f"/tickets/{number}/steps/start"
    html = boss.get(url).text
    assert {"site", "customer-picker"} <= told(html)["needs"].keys()
    assert re.search(r'data-testid="new-site" data-field="site_id" data-need="site" hidden', html)
    assert re.search(r'data-need="customer-picker" hidden', html)
    data = hidden_inputs(html) | {"values.fault_code": "E1"}
    refused = boss.post(url, data=data)
    assert problems(refused.text) == ["Fill in: Site."]
    # What is asked for now is no longer hidden.
    assert not re.search(r'data-need="[a-z-]+" hidden', refused.text)
    assert boss.post(url, data=data | {"values.fault_code": "E2"}).status_code == 303


def test_a_step_asks_at_once_what_its_own_answers_make_necessary(desk, boss):
    spec = repair_spec("FO-{seq:5}")
    steps = tuple(
        replace(one, required=("fault_code",)) if one.key == "start" else one for one in spec.workflow.transitions
    )
    when = {"field": "values.fault_code", "op": "is", "value": "E2"}
    main = spec.sections[0]
    uses = tuple(replace(use, required_when=when) if use.field in ("detail", "phone") else use for use in main.fields)
    sections = (replace(main, fields=uses), *spec.sections[1:])
    with desk.work() as work:
        key = template(work, spec=replace(spec, sections=sections, workflow=replace(spec.workflow, transitions=steps)))
    number = desk.opened(boss, key, **{"values.fault_code": ""})
    url = f"/tickets/{number}/steps/start"
    html = boss.get(url).text
    assert asked(html) == ["fault_code"]
    assert {"detail", "phone"} <= told(html)["needs"].keys()
    data = hidden_inputs(html) | {"values.fault_code": "E2"}
    refused = boss.post(url, data=data | {"values.detail": "", "values.phone": ""})
    assert asked(refused.text) == ["fault_code", "phone", "detail"]
    assert problems(refused.text) == ["Fill in: Phone.", "Fill in: Detail."]
    assert boss.post(url, data=data | {"values.detail": "异响", "values.phone": "13800138000"}).status_code == 303


def test_each_item_to_tick_is_named_with_a_way_to_it(desk, boss):
    number = desk.opened(boss)
    for step, more in (("start", {}), ("finish", {"values.result": "好了"})):
        url = f"/tickets/{number}/steps/{step}"
        assert boss.post(url, data=hidden_inputs(boss.get(url).text) | more).status_code == 303
    url = f"/tickets/{number}/steps/close"
    refused = boss.post(url, data=hidden_inputs(boss.get(url).text)).text
    assert problems(refused) == ["Tested: Tick this."]
    assert '<a href="#check-tested">' in refused
    assert re.search(r'is-invalid" type="checkbox" id="check-tested"[^>]* aria-invalid="true"', refused)


def test_a_person_is_given_what_nobody_has_by_its_step(desk, boss):
    number = desk.opened(boss, "appliance_repair", customer_id=desk.ids["customer"], site_id=desk.ids["site"])
    url = f"/tickets/{number}/transfer"
    html = boss.get(url).text
    assert "take the step “Assign”" in html
    assert 'name="assignee_id"' not in html
    typed = hidden_inputs(html) | {"note": "缺人手"}
    assert boss.post(url, data=typed | {"assignee_id": str(desk.ids["user"])}).status_code == 422
    assert desk.ticket(number)["assignee_id"] is None
    # An outlet may have it before anybody does.
    assert boss.post(url, data=typed | {"outlet_id": str(desk.ids["outlet"])}).status_code == 303
    assign = f"/tickets/{number}/steps/assign"
    given = hidden_inputs(boss.get(assign).text) | {"assignee_id": str(desk.ids["user"])}
    assert boss.post(assign, data=given).status_code == 303
    assert 'name="assignee_id"' in boss.get(url).text


def test_the_page_lists_what_is_known_to_apply(desk, boss):
    number = desk.opened(boss, "appliance_repair", customer_id=desk.ids["customer"])
    items = re.findall(r'name="item" value="(\w+)"', boss.get(f"/tickets/{number}").text)
    # How it is served is answered already, how the repair ends is not.
    assert {"power_off", "clean_up"} <= set(items)
    assert {"options_explained", "test_run", "safety_check", "old_parts"}.isdisjoint(items)
