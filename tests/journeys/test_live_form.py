"""A form that fills and counts for the one who types, and never types over them."""

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser import PHONE, axe
from tests.desk.conftest import furnished
from tests.desk.test_live_values import make_unit

pytestmark = pytest.mark.browser


@pytest.fixture(autouse=True)
def desk(live: Any) -> Any:
    return furnished(live.app)


@pytest.fixture
def fees(enter: Any, desk: Any) -> tuple[Page, Locator]:
    """A repair's page, and the form of its fees open on it."""
    client = desk.app.test_client()
    client.sign_in("the.administrator")
    number = desk.opened(client, "appliance_repair", **{"values.warranty_status": "out_of_warranty"})
    page = enter("administrator")
    page.goto(f"/tickets/{number}")
    page.get_by_test_id("edit-fees").click()
    return page, page.get_by_test_id("edit-form-fees")


def value(page: Page, key: str) -> Any:
    return page.locator(f"[name='values.{key}']")


def test_what_is_known_fills_in_and_can_be_undone(enter, desk):
    make_unit(desk, "LIVE7001")
    page = enter("administrator")
    page.goto("/tickets/new/appliance_repair")
    value(page, "model_no").fill("自己写的型号")
    page.get_by_test_id("customer-search").fill("LIVE7001")
    page.locator("#customer-results [role=option]").first.click()
    expect(value(page, "serial_no")).to_have_value("LIVE7001")
    expect(value(page, "brand")).to_have_value("海尔")
    expect(value(page, "model_no")).to_have_value("自己写的型号")
    expect(page.get_by_test_id("filled")).to_have_count(2)
    axe(page)
    brand = page.locator("[data-answer=brand]")
    brand.get_by_test_id("filled").get_by_role("button").click()
    expect(value(page, "brand")).to_have_value("")
    value(page, "serial_no").press("End")
    value(page, "serial_no").press_sequentially("X")
    expect(page.get_by_test_id("filled")).to_have_count(0)
    # Another answer than what is known has that said beside it, until it is the same.
    serial = page.locator("[data-answer=serial_no]").get_by_test_id("known-else")
    expect(serial).to_have_text(re.compile(".+: LIVE7001$"))
    expect(page.locator("[data-answer=model_no]").get_by_test_id("known-else")).to_have_count(1)
    axe(page)
    value(page, "serial_no").press("Backspace")
    expect(serial).to_have_count(0)
    value(page, "serial_no").press_sequentially("X")
    page.locator("input[data-picks=installed_product_id][value='']").check()
    expect(value(page, "serial_no")).to_have_value("LIVE7001X")
    expect(serial).to_have_count(0)


def test_rows_and_totals_follow_the_typing(fees):
    page, form = fees
    form.locator("[data-add-row]").click()
    row = form.locator("tbody tr").first
    # As a Chinese keyboard types them.
    row.locator("[name$='-quantity']").fill("３")
    price = row.locator("[name$='-unit_price']")
    price.press_sequentially("12.5")
    expect(row.locator("output")).to_have_text("¥37.50")
    expect(price).to_be_focused()
    expect(form.locator("[data-answer=total_fee] output")).to_have_text("¥37.50")
    value(page, "labour_fee").fill("１００")
    expect(form.locator("[data-answer=total_fee] output")).to_have_text("¥137.50")


def test_a_message_stays_until_its_field_is_changed(enter, desk):
    page = enter("administrator")
    page.goto("/tickets/new/inspection")
    value(page, "serial_no").fill("机身")
    page.get_by_test_id("create-ticket").click()
    summary = page.get_by_test_id("errors")
    lines = summary.locator("li")
    expect(lines).not_to_have_count(0)
    before = lines.count()
    box = page.locator("[data-answer=serial_no]")
    expect(box.locator("[data-error]")).to_have_count(1)
    value(page, "serial_no").fill("SN1")
    expect(box.locator("[data-error]")).to_have_count(0)
    expect(value(page, "serial_no")).not_to_have_attribute("aria-invalid", "true")
    expect(lines).to_have_count(before - 1)
    # What was not given is still not given after a blank.
    value(page, "product_category_text").fill(" ")
    expect(lines).to_have_count(before - 1)
    value(page, "product_category_text").fill("空调")
    value(page, "inspection_kind").select_option(index=1)
    expect(lines).to_have_count(before - 3)


@pytest.mark.parametrize("look", [PHONE], indirect=True)
def test_what_is_said_of_a_cell_goes_with_its_change(fees):
    page, form = fees
    rows = form.locator("tbody tr")
    for place in range(3):
        form.locator("[data-add-row]").click()
        expect(rows).to_have_count(place + 1)
    rows.nth(0).locator("[name$='-quantity']").fill("0")
    rows.nth(2).locator("[name$='-quantity']").fill("2")
    form.locator("button[type=submit]").first.click()
    lines = page.get_by_test_id("errors").locator("li")
    expect(lines).to_have_count(3)  # name and quantity of the first row, name of the third
    axe(page)
    lines.nth(1).get_by_role("link").click()
    quantity = rows.nth(0).locator("[name$='-quantity']")
    expect(quantity).to_be_focused()
    quantity.fill("1")
    expect(quantity).not_to_have_attribute("aria-invalid", "true")
    expect(lines).to_have_count(2)
    expect(rows.nth(0).locator("[data-error]")).to_have_count(1)
    # A row of nothing, and one that is taken away, have nothing left to put right.
    rows.nth(2).locator("[name$='-quantity']").fill("")
    expect(lines).to_have_count(1)
    rows.nth(0).locator("[data-remove-row]").click()
    expect(page.get_by_test_id("errors")).to_have_count(0)


def test_what_saving_empties_is_said_at_the_answer_and_comes_back_with_it(fees):
    page, form = fees
    value(page, "labour_fee").fill("300")
    page.get_by_test_id("save-fees").click()
    expect(form).to_have_count(0)
    page.get_by_test_id("edit-product").click()
    warranty = page.locator("[data-answer=warranty_status]")
    warranty.locator("[value=in_warranty]").check()
    doubt = warranty.locator("[data-doubt]")
    expect(doubt).to_contain_text("¥300.00")
    axe(page)
    warranty.locator("[value=out_of_warranty]").check()
    expect(doubt).to_have_count(0)
    page.get_by_test_id("save-product").click()
    expect(page.get_by_test_id("edit-form-product")).to_have_count(0)
    expect(page.get_by_test_id("value-labour_fee")).to_contain_text("¥300.00")
