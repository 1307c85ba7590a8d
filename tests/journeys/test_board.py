"""The list as one works in it: changed in its rows, looked into from its numbers, moved on its board."""

from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser import PHONE, axe, fits
from tests.desk.conftest import furnished

pytestmark = pytest.mark.browser


@pytest.fixture(autouse=True)
def desk(live: Any) -> Any:
    return furnished(live.app)


@pytest.fixture
def number(live: Any, desk: Any) -> str:
    client = live.app.test_client()
    client.sign_in("the.clerk")
    opened: str = desk.opened(client)
    return opened


def row(page: Page, number: str) -> Locator:
    return page.locator(f"[data-ticket][data-number='{number}']")


def column(page: Page, value: str) -> Locator:
    return page.locator(f"[data-column='{value}']")


def drag(page: Page, card: Locator, target: Locator) -> None:
    """Drag slowly, as a hand does: the library follows the pointer."""
    start, end = card.bounding_box(), target.locator("[data-board-cards]").bounding_box()
    assert start
    assert end
    page.mouse.move(start["x"] + 90, start["y"] + 25)
    page.mouse.down()
    page.mouse.move(start["x"] + 100, start["y"] + 32, steps=3)
    page.mouse.move(end["x"] + 60, end["y"] + 30, steps=8)
    page.mouse.move(end["x"] + 62, end["y"] + 32, steps=2)
    page.mouse.up()


def test_a_row_is_changed_where_it_stands(enter, number):
    page = enter("clerk")
    page.goto(f"/tickets/?q={number}")
    page.keyboard.press("j")
    page.keyboard.press("e")
    box = page.get_by_test_id("quick-box")
    expect(box).to_be_visible()
    axe(page)
    page.get_by_test_id("quick-step-start").press("Enter")
    expect(box).to_be_hidden()
    expect(row(page, number).locator(".col-state")).to_contain_text("处理中")
    expect(row(page, number).locator("[data-row-link]")).to_be_focused()
    row(page, number).locator(".col-priority").click()
    page.get_by_test_id("quick-priority-1").click()
    expect(row(page, number).locator(".col-priority .tone-red")).to_be_visible()
    page.get_by_test_id("undo").click()
    expect(row(page, number).locator(".col-priority .tone-red")).to_have_count(0)
    # A step that asks opens its dialog over the list, and the list stays.
    row(page, number).locator(".col-state").click()
    page.get_by_test_id("quick-step-finish").click()
    page.fill("[name='values.result']", "更换电容")
    page.get_by_test_id("dialog-submit").click()
    expect(row(page, number).locator(".col-state")).to_contain_text("已完成")
    expect(page.get_by_test_id("dialog-form")).to_be_hidden()
    assert "/tickets/?" in page.url
    page.mouse.move(5, 5)
    row(page, number).locator(".ticket-number").hover()
    expect(page.get_by_test_id("preview")).to_contain_text("已完成")
    axe(page)
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("preview")).to_be_hidden()


def test_a_card_is_dragged_where_a_step_leads(enter, desk, number):
    page = enter("clerk")
    page.goto(f"/tickets/?layout=board&template={desk.small}")
    axe(page)
    drag(page, row(page, number), column(page, "working"))
    expect(column(page, "working").locator(f"[data-number='{number}']")).to_have_attribute("data-state", "working")
    # Nothing leads there: the card goes back, and the column says so.
    drag(page, row(page, number), column(page, "closed"))
    expect(column(page, "closed").locator("[data-board-why]")).to_contain_text(number)
    expect(column(page, "working").locator(f"[data-number='{number}']")).to_be_visible()
    # A step that asks: called off, the card is where it was; taken, it is in the next column.
    drag(page, row(page, number), column(page, "done"))
    page.get_by_test_id("dialog-form").locator(".btn-close").click()
    expect(page.get_by_test_id("dialog-form")).to_be_hidden()
    expect(column(page, "working").locator(f"[data-number='{number}']")).to_be_visible()
    row(page, number).locator("[data-row-link]").focus()
    page.keyboard.press("e")
    page.get_by_test_id("quick-step-finish").press("Enter")
    page.fill("[name='values.result']", "更换电容")
    page.get_by_test_id("dialog-submit").click()
    expect(column(page, "done").locator(f"[data-number='{number}']")).to_be_visible()


@pytest.mark.parametrize("look", [PHONE], indirect=True, ids=str)
def test_on_a_phone_a_column_is_a_tab(enter, desk, number):
    page = enter("clerk")
    page.goto(f"/tickets/?layout=board&template={desk.small}")
    fits(page)
    expect(row(page, number)).to_be_visible()
    row(page, number).get_by_test_id("card-menu").tap()
    fits(page)
    page.get_by_test_id("quick-step-start").tap()
    expect(row(page, number)).to_be_hidden()
    page.locator("[data-board-tab='working']").tap()
    expect(row(page, number)).to_be_visible()
