"""A clerk finds that two tickets are one: linked, merged with a preview, and taken apart again, in Chromium."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from app.tickets import service
from app.tickets.orders import ChangeTicket
from tests.browser import axe
from tests.desk.conftest import furnished
from tests.factories import people

pytestmark = pytest.mark.browser


@pytest.fixture(autouse=True)
def desk(live: Any) -> Any:
    return furnished(live.app)


def made(page: Page, template: str, fault: str) -> str:
    page.goto(f"/tickets/new/{template}")
    page.fill("[name='values.fault']", fault)
    page.get_by_test_id("create-ticket").click()
    expect(page.get_by_test_id("ticket-page")).to_be_visible()
    return page.get_by_test_id("ticket-number").inner_text()


def given_to_a_customer(desk: Any, number: str) -> str:
    """Name a customer on a ticket; the outlet that looks after him."""
    at = desk.ticket(number)["id"]
    with desk.work() as work:
        outlet = people.outlet(work)
        customer = people.customer(work, outlet_id=outlet.id)
        service.change_ticket(work, ChangeTicket(at, fields={"customer_id": customer.id}))
        return str(outlet.name)


def choose(page: Page, select: str, text: str) -> None:
    """Choose the one ticket a remote select finds."""
    page.locator(f"#{select}-ts-control").fill(text)
    page.locator(f"#{select}-ts-dropdown [role=option]", has_text=text).first.click()


def test_two_tickets_are_linked_merged_and_taken_apart(enter, desk):
    page = enter("administrator")
    first, second = made(page, desk.small, "空调不制冷"), made(page, desk.small, "空调还是不制冷")
    outlet = given_to_a_customer(desk, second)
    page.locator("#link-kind").select_option("duplicates")
    choose(page, "link-other", first)
    page.get_by_test_id("link-add").click()
    expect(page.get_by_test_id("link-duplicates")).to_contain_text(first)
    page.get_by_test_id("merge").click()
    choose(page, "merge-other", first)
    expect(page.get_by_test_id("merge-preview")).to_contain_text(first)
    page.locator("input[type=radio][name=keep][value=other]").click()
    expect(page.get_by_test_id("merge-submit")).to_contain_text(first)
    # The outlet comes with the customer, and not without.
    expect(page.get_by_test_id("merge-brings")).to_contain_text(outlet)
    page.locator("input[name=fill][value=customer_id]").uncheck()
    expect(page.get_by_test_id("merge-brings")).to_have_count(0)
    page.locator("input[name=fill][value=customer_id]").check()
    expect(page.get_by_test_id("merge-brings")).to_contain_text(outlet)
    axe(page)
    page.get_by_test_id("merge-submit").click()
    expect(page.get_by_test_id("ticket-number")).to_have_text(first)
    expect(page.get_by_test_id("entry-absorbed")).to_contain_text(second)
    page.goto(f"/tickets/{second}")
    expect(page.get_by_test_id("merged")).to_contain_text(first)
    axe(page)
    page.get_by_test_id("unmerge").click()
    expect(page.get_by_test_id("merged")).to_have_count(0)
    expect(page.get_by_test_id("next-steps")).to_be_visible()
