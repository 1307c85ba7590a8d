"""What a form says while it is being filled: defaults from the records, rows and totals; nothing is written."""

import json
import re
from dataclasses import replace

import pytest
from sqlalchemy import delete, update

from app.assets.models import InstalledProduct, Product
from app.core.permissions import SYSTEM
from app.people.security_models import AttemptCount
from tests.clients import CAUSE
from tests.desk.filling import asked, hidden_inputs, problems
from tests.factories.tickets import field_spec, repair_spec, template
from ticket_templates.spec import FieldUse
from views.tickets import compute

PAYING = {"values.warranty_status": "out_of_warranty"}


def rules_of(html):
    """What a form tells the browser of its fields."""
    return json.loads(re.search(r'class="ticket-rules">(.*?)</script>', html, re.DOTALL)[1])


def make_unit(desk, serial):
    with desk.work() as work:
        product = Product(code=f"p-{serial}", name="柜式空调", brand="海尔", model="KFR-72", active=True)
        work.session.add(product)
        work.session.flush()
        unit = InstalledProduct(product_id=product.id, serial=serial, customer_id=desk.ids["customer"])
        work.session.add(unit)
        work.session.flush()
        return unit.id


def test_what_is_known_comes_as_filled_inputs(desk, clerk):
    unit_id = make_unit(desk, "LIVE0001")
    version = desk.new_form(clerk, "appliance_repair")["version_id"]
    answer = clerk.get(f"/tickets/known?version_id={version}&installed_product_id={unit_id}")
    assert answer.status_code == 200
    known, _begins, empty = answer.text.partition("<template data-begun>")
    assert asked(known) == ["brand", "model_no", "serial_no"]
    assert re.findall(r'name="values\.(\w+)"[^>]* value="([^"]*)"', known) == [
        ("brand", "海尔"), ("model_no", "KFR-72"), ("serial_no", "LIVE0001"),
    ]  # fmt: skip
    assert known.count('data-source="From the installed product"') == 3
    # What such a form begins with where nothing is known, for one that comes back filled.
    assert {"serial_no", "warranty_status"} < set(asked(empty))
    assert "LIVE0001" not in empty


@pytest.mark.parametrize("query", ["", "version_id=x", "version_id=999999", "version_id=1&installed_product_id=999999"])
def test_strange_questions_are_answered_plainly(desk, clerk, query):
    answer = clerk.get(f"/tickets/known?{query}")
    assert answer.status_code in {200, 404}
    assert "data-source" not in answer.text


def test_the_ticket_takes_what_nobody_answered(desk, clerk):
    unit_id = make_unit(desk, "LIVE0002")
    data = desk.new_form(clerk, "appliance_repair") | {"installed_product_id": str(unit_id), "values.brand": ""}
    del data["values.serial_no"]
    number = clerk.post("/tickets/new/appliance_repair", data=data).headers["Location"].split("/")[2].partition("?")[0]
    values = desk.ticket(number)["values"]
    assert values["serial_no"] == "LIVE0002"
    assert "brand" not in values  # somebody emptied it


def test_rows_and_totals_while_the_rows_are_unfinished(desk, clerk):
    number = desk.opened(clerk, "appliance_repair", **PAYING)
    rows = {
        "values.parts_used-0-quantity": "2", "values.parts_used-0-unit_price": "10.50",  # no name yet
        "values.parts_used-1-part_name": "电容", "values.parts_used-1-quantity": "abc",
        "values.parts_used-4-part_name": "风扇", "values.parts_used-4-quantity": "1",
        "values.parts_used-4-unit_price": "4",
        "values.labour_fee": "100", "values.discount": "",
    }  # fmt: skip
    answer = clerk.post(f"/tickets/{number}/compute", data=rows).json
    assert [row["amount"] for row in answer["rows"]["parts_used"]] == ["CN¥21.00", "", "CN¥4.00"]
    assert answer["computed"]["total_fee"] == "CN¥125.00"
    # Conditions on the page, an item of the checklist say, look at what was computed just now.
    assert (answer["facts"]["total_fee"], answer["facts"]["balance_due"]) == (12500, 12500)
    assert "parts_used" not in desk.ticket(number)["values"]


def test_a_choice_nobody_made_yet_stays_on_the_form(desk, clerk):
    # An unticked radio is not sent.
    number = desk.opened(clerk, "appliance_repair")
    seen = clerk.post(f"/tickets/{number}/compute", data={"values.work_summary": "清洗"}).json["visible"]
    assert "repair_outcome" in seen


def test_what_an_answer_makes_necessary_is_starred_at_once_and_told_with_the_rest(desk, clerk):
    html = clerk.get("/tickets/new/return_exchange").text
    told = rules_of(html)["fields"]["reason_detail"]
    assert told["required"]
    assert not told["demands"]
    data = hidden_inputs(html) | {"values.return_reason": "quality"}
    refused = problems(clerk.post("/tickets/new/return_exchange", data=data).text)
    label = desk.types("return_exchange")["reason_detail"].label_in("en")
    assert len(refused) > 1
    assert f"Fill in: {label}." in refused


def test_what_only_the_server_can_judge_is_starred_when_it_says_so(desk, clerk):
    spec, when = repair_spec("LV-{seq:5}"), {"field": "values.seen_at", "op": "is_not_empty"}
    main = spec.sections[0]
    uses = [replace(one, required_when=when) if one.field == "quantity" else one for one in main.fields]
    fields = {**spec.fields, "seen_at": field_spec("seen_at", "datetime", "时间")}
    main = replace(main, fields=(*uses, FieldUse("seen_at")))
    with desk.work() as work:
        key = template(work, spec=replace(spec, fields=fields, sections=(main, *spec.sections[1:])))
    html = clerk.get(f"/tickets/new/{key}").text
    assert rules_of(html)["fields"]["quantity"]["demands"]
    for seen_at, required in (("", False), ("2026-11-20T08:00", True)):
        answer = clerk.post("/tickets/compute", data=hidden_inputs(html) | {"values.seen_at": seen_at})
        assert ("quantity" in answer.json["required"], "fault" in answer.json["required"]) == (required, True)


def test_a_discount_beyond_the_fees_is_refused_at_its_field(desk, boss):
    number = desk.opened(boss, "appliance_repair", **PAYING)
    data = {"values.labour_fee": "100", "values.discount": "100.01"}
    url = f"/tickets/{number}/sections/fees/edit"
    answer = boss.post(url, data=data)
    assert answer.status_code == 422
    assert "The discount is more than all fees together." in answer.text
    assert 'value="100.01"' in answer.text
    assert boss.post(url, data=data | {"values.discount": "100"}).status_code == 303
    assert desk.ticket(number)["values"]["total_fee"] == 0


def test_an_arrival_in_the_future_or_long_before_the_ticket_is_refused(desk, boss):
    number = desk.opened(boss, "appliance_repair")
    url = f"/tickets/{number}/sections/work/edit"
    for moment, said in (
        ("2199-01-01T08:00", "This is in the future."),
        ("2020-01-01T08:00", "more than a day before"),
    ):
        answer = boss.post(url, data={"values.arrived_at": moment})
        assert answer.status_code == 422
        assert said in answer.text


def test_markdown_is_previewed_as_it_will_be_shown(desk, clerk):
    text = (
        "**断电** <script>alert(1)</script>\n\n- [手册](javascript:alert(1))\n![](https://evil.example/x.png)\x00\u202e"
    )
    html = clerk.post("/tickets/markdown", data={"text": text}).json["html"]
    assert "<strong>断电</strong>" in html
    assert "<script" not in html
    assert 'href="javascript' not in html
    assert "<img" not in html
    assert clerk.post("/tickets/markdown", data={}).json["html"] == ""
    too_long = clerk.post("/tickets/markdown", data={"text": "x" * 50_001}, headers={"Accept": "application/json"})
    assert too_long.status_code == 422


def test_previews_are_counted_by_person_and_begin_anew(desk, clerk, web, client_as, monkeypatch):
    monkeypatch.setattr(compute, "PREVIEWS", 2)
    asked = {"data": {"text": "**断电**"}, "headers": {"Accept": "application/json"}}
    with web.extensions["gongdan"].transactions.unit_of_work(SYSTEM, CAUSE) as work:
        work.session.execute(delete(AttemptCount))
    assert [clerk.post("/tickets/markdown", **asked).status_code for _ in range(4)] == [200, 200, 429, 429]
    refused = clerk.post("/tickets/markdown", **asked)
    assert refused.headers["Retry-After"] == "60"
    assert refused.json["errors"][0]["code"] == "too_often"
    assert client_as("administrator").post("/tickets/markdown", **asked).status_code == 200
    with web.extensions["gongdan"].transactions.unit_of_work(SYSTEM, CAUSE) as work:
        work.session.execute(update(AttemptCount).values(until=work.now))
    assert clerk.post("/tickets/markdown", **asked).status_code == 200
