"""Another product, another customer: what came from the former goes along, what was typed stays."""

from datetime import date
from itertools import count
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from app.tickets import queries
from tests.browser import axe
from tests.desk.conftest import furnished
from tests.factories import people, tickets
from tests.tickets.records_known import household, spec

pytestmark = pytest.mark.browser
_places = count(1)


@pytest.fixture(autouse=True)
def desk(live: Any) -> Any:
    return furnished(live.app)


@pytest.fixture
def homes(desk: Any) -> Any:
    """Serial numbers: two units of one customer, and one of another; their names are new each time."""
    place = f"K{next(_places)}"
    with desk.work() as work:
        first = household(work, "青岛", f"{place}-1001", date(2026, 6, 1))
        second = people.installed_product(
            work, first.customer, people.product(work, warranty_months=12), serial=f"{place}-1002",
            installed_on=None, sold_on=date(2020, 1, 1),
        )  # fmt: skip
        other = household(work, "烟台", f"{place}-2001", None)
        return {"first": first.named, "second": second.id, "other": other.named,
                "serials": [f"{place}-{one}" for one in (1001, 1002, 2001)]}  # fmt: skip


def value(page: Page, key: str) -> Any:
    return page.locator(f"[name='values.{key}']")


def choose(page: Page, serial: str) -> None:
    if page.locator("[data-customer-clear]:visible").count():
        page.locator("[data-customer-clear]").click()
    page.get_by_test_id("customer-search").fill(serial)
    page.locator("#customer-results [role=option]").first.click()


def test_on_a_ticket_it_is_asked_with_both_values_and_stands_in_the_history(enter, desk, homes):
    with desk.work() as work:
        own = tickets.ticket(work, tickets.template(work, spec=spec()), {"brand": "铭牌"}, **homes["first"])
        number = queries.ticket(work, own).number
    page = enter("administrator")
    page.goto(f"/tickets/{number}")
    page.get_by_test_id("edit-about").click()
    form = page.get_by_test_id("dialog-form")
    form.locator(f"input[data-picks=installed_product_id][value='{homes['second']}']").check()
    form.locator("button[type=submit]").click()
    doubts = form.get_by_test_id("doubts")
    expect(doubts).to_contain_text(" → ".join(homes["serials"][:2]))
    expect(doubts).not_to_contain_text("铭牌")
    axe(page)
    form.locator("button[type=submit]").click()
    expect(form).to_have_count(0)
    expect(page.get_by_test_id("value-serial").locator("dd")).to_have_text(homes["serials"][1])
    expect(page.get_by_test_id("value-brand").locator("dd")).to_have_text("铭牌")
    expect(page.locator("#timeline")).to_contain_text(homes["serials"][0])


def test_a_new_ticket_renews_what_came_from_the_former(enter, homes):
    page = enter("administrator")
    page.goto("/tickets/new/appliance_repair")
    value(page, "model_no").fill("自己写的型号")
    choose(page, homes["serials"][0])
    expect(value(page, "serial_no")).to_have_value(homes["serials"][0])
    expect(page.locator("[name='values.warranty_status']:checked")).to_have_value("in_warranty")
    page.locator(f"input[data-picks=installed_product_id][value='{homes['second']}']").check()
    expect(value(page, "serial_no")).to_have_value(homes["serials"][1])
    expect(page.locator("[name='values.warranty_status']:checked")).to_have_value("out_of_warranty")
    # Refused, it comes back filled: what the product gave is still the product's.
    page.get_by_test_id("create-ticket").click()
    expect(page.get_by_test_id("errors")).to_be_visible()
    expect(page.locator("[data-answer=serial_no]").get_by_test_id("filled")).to_have_count(1)
    expect(page.locator("[data-answer=model_no]").get_by_test_id("filled")).to_have_count(0)
    choose(page, homes["serials"][2])
    expect(value(page, "serial_no")).to_have_value(homes["serials"][2])
    expect(value(page, "brand")).to_have_value("烟台牌")
    expect(page.locator("[name='values.warranty_status']:checked")).to_have_value("unknown")
    expect(value(page, "model_no")).to_have_value("自己写的型号")
    # Kept from before, it comes back likewise.
    page.goto("/tickets/new/appliance_repair")
    expect(page.get_by_test_id("draft-restored")).to_be_visible()
    expect(page.locator("[data-answer=serial_no]").get_by_test_id("filled")).to_have_count(1)
    page.locator("input[data-picks=installed_product_id][value='']").check()
    expect(value(page, "serial_no")).to_have_value("")
    expect(value(page, "model_no")).to_have_value("自己写的型号")
