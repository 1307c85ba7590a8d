"""A payment in the dialog of its step: totals count along, and a second press or the back button adds nothing."""

from dataclasses import replace

import pytest
from playwright.sync_api import expect

from app.tickets import queries
from tests.browser import axe
from tests.desk.conftest import furnished
from tests.factories.tickets import named, template, ticket
from tests.tickets.test_doubts import doubting_spec

pytestmark = pytest.mark.browser
#: Who collects may put the fee right, and is told what is due; of what came in a note is made.
SHOWN = {"shows": ("fee", "due", "note_of_money"), "amount_labels": named("本次收款（应收 {due}）")}
PAID = {"field": "values.received", "op": "is_at_least", "value": "0.01"}


@pytest.fixture
def owed(live):
    """A ticket on which ¥300 are to be collected, and what was received says how much was."""
    desk, spec = furnished(live.app), doubting_spec()
    steps = [replace(one, **SHOWN) if one.key == "collect" else one for one in spec.workflow.transitions]
    main, *others = spec.sections
    uses = tuple(replace(one, visible_when=PAID) if one.field == "note_of_money" else one for one in main.fields)
    sections = (replace(main, fields=uses), *others)
    spec = replace(spec, sections=sections, workflow=replace(spec.workflow, transitions=tuple(steps)))
    with desk.work() as work:
        number = queries.ticket(work, ticket(work, template(work, spec=spec), {"fee": "300"})).number
    return number, lambda: desk.ticket(number)["values"].get("received")


def test_a_payment_counts_along_and_once(enter, owed):
    number, received = owed
    page = enter("administrator")
    page.goto(f"/tickets/{number}")
    amount, due = page.locator("[name='values.received']"), page.locator("[data-answer=due]")
    page.get_by_test_id("step-collect").click()
    expect(amount).to_have_value("")
    note = page.locator("[data-answer=note_of_money]")
    expect(note).to_be_hidden()
    # As a Chinese keyboard types it.
    amount.fill("￥１００。00")
    expect(note).to_be_visible()
    expect(due).to_contain_text("200.00")
    axe(page)
    page.get_by_test_id("dialog-submit").dblclick()
    expect(page.get_by_test_id("dialog-form")).to_have_count(0)
    assert received() == 10000
    # The server takes it and its answer is lost: what is sent again is not counted again, but asked about.
    page.get_by_test_id("step-collect").click()
    expect(amount).to_have_value("")
    expect(page.locator("[data-answer=received]")).to_contain_text("100.00")
    amount.fill("50")
    expect(due).to_contain_text("150.00")
    page.route(f"**/{number}/steps/collect", lambda route: (route.fetch(), route.fulfill(status=204)), times=1)
    page.get_by_test_id("dialog-submit").click()
    page.get_by_test_id("dialog-submit").click()
    expect(page.get_by_test_id("moved-meanwhile")).to_contain_text("50.00")
    expect(amount).to_have_value("50")
    assert received() == 15000
    page.get_by_test_id("dialog-submit").click()
    expect(page.get_by_test_id("dialog-form")).to_have_count(0)
    assert received() == 20000
    # More than is owed is told while one types, asked once, and taken.
    page.get_by_test_id("step-collect").click()
    expect(amount).to_have_value("")
    amount.fill("170")
    doubt = page.locator("#values-received-note [data-doubt]")
    expect(doubt).to_contain_text("70.00")
    axe(page)
    amount.fill("100")
    expect(doubt).to_have_count(0)
    amount.fill("170")
    page.get_by_test_id("dialog-submit").click()
    expect(page.get_by_test_id("doubts")).to_contain_text("70.00")
    # It is one's own form still: nothing was restored.
    expect(page.get_by_test_id("draft-restored")).to_have_count(0)
    axe(page)
    assert received() == 20000
    page.get_by_test_id("dialog-submit").click()
    expect(page.get_by_test_id("dialog-form")).to_have_count(0)
    assert received() == 37000


def test_the_back_button_leads_to_an_empty_input(enter, owed):
    number, received = owed
    page = enter("administrator")
    page.goto(f"/tickets/{number}/steps/collect")
    amount, called = page.locator("[name='values.received']"), page.locator("[data-answer=received] label")
    fee = page.locator("[name='values.fee']")
    fee.fill("90")
    expect(called).to_contain_text("90.00")
    fee.fill("300")
    amount.fill("50")
    # What is due before it, not after it.
    expect(page.locator("[data-answer=due]")).to_contain_text("250.00")
    expect(called).to_contain_text("300.00")
    page.get_by_test_id("dialog-submit").click()
    expect(page.get_by_test_id("ticket-page")).to_be_visible()
    page.go_back()
    expect(amount).to_have_value("")
    expect(page.locator("[data-answer=received]")).to_contain_text("50.00")
    page.get_by_test_id("dialog-submit").click()
    expect(amount).to_have_attribute("aria-invalid", "true")
    assert received() == 5000
