"""A clerk finds that two tickets are one: linked, merged with a preview, and taken apart again, in Chromium."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser import axe
from tests.desk.conftest import furnished

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


def choose(page: Page, select: str, text: str) -> None:
    """Choose the one ticket a remote select finds."""
    page.locator(f"#{select}-ts-control").fill(text)
    page.locator(f"#{select}-ts-dropdown [role=option]", has_text=text).first.click()


def test_two_tickets_are_linked_merged_and_taken_apart(enter, desk):
    page = enter("administrator")
    first, second = made(page, desk.small, "空调不制冷"), made(page, desk.small, "空调还是不制冷")
    page.locator("#link-kind").select_option("duplicates")
    choose(page, "link-other", first)
    page.get_by_test_id("link-add").click()
    expect(page.get_by_test_id("link-duplicates")).to_contain_text(first)
    page.get_by_test_id("merge").click()
    choose(page, "merge-other", first)
    expect(page.get_by_test_id("merge-preview")).to_contain_text(first)
    page.locator("input[type=radio][name=keep][value=other]").click()
    expect(page.get_by_test_id("merge-submit")).to_contain_text(first)
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
