"""A clerk keeps a list as a view: columns by drag, beside the menu with its count, changed and brought back."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser import DESK, PHONE, axe, axe_in_both_themes, fits
from tests.desk.conftest import furnished

pytestmark = pytest.mark.browser


@pytest.fixture(autouse=True)
def desk(live: Any) -> Any:
    return furnished(live.app)


def headings(page: Page) -> list[str]:
    return page.locator("thead th").all_inner_texts()[1:4]


def drag(page: Page, what: str, onto: str) -> None:
    """Take a column by its grip to the place of another."""
    grip = page.locator("[data-column]", has_text=what).first.locator("[data-grip]")
    target = page.locator("[data-column]", has_text=onto).first.locator("[data-grip]")
    begin, end = grip.bounding_box(), target.bounding_box()
    assert begin
    assert end
    page.mouse.move(begin["x"] + 5, begin["y"] + 5)
    page.mouse.down()
    for step in range(1, 6):
        page.mouse.move(end["x"] + 5, begin["y"] + 5 + (end["y"] - begin["y"]) * step / 5)
    page.mouse.up()


def test_a_list_becomes_a_view_and_is_changed_and_brought_back(enter, desk):
    page = enter("administrator")
    page.goto("/tickets/?category=new&sort=created")
    page.get_by_test_id("columns").click()
    expect(page.get_by_test_id("column-chooser")).to_be_visible()
    drag(page, "主题", "编号")
    expect(page.locator("[data-announce]")).to_contain_text("主题")
    page.locator("#columns-dialog button[type=submit]").click()
    page.get_by_test_id("save-view-as").click()
    expect(page.get_by_test_id("view-form")).to_be_visible()
    axe(page)
    # Without a name it is not kept, and the dialog says so.
    page.get_by_test_id("save-view").click()
    expect(page.get_by_test_id("view-form").locator("[data-problems]")).to_be_visible()
    page.fill("#view-content [name=name]", "新来的")
    page.get_by_test_id("save-view").click()
    expect(page.locator("h1")).to_have_text("新来的")
    beside = page.get_by_test_id("side-views").get_by_role("link", name="新来的")
    expect(beside.get_by_test_id("view-count")).to_be_visible()
    axe(page)
    page.locator("#list-category").select_option("")
    expect(page.get_by_test_id("view-changed")).to_be_visible()
    page.get_by_test_id("reset-view").click()
    expect(page.get_by_test_id("view-changed")).to_have_count(0)
    expect(page.locator("#list-category")).to_have_value("new")
    page.locator("#list-group").select_option("state")
    page.get_by_test_id("keep-view").click()
    expect(page.get_by_test_id("view-changed")).to_have_count(0)
    axe(page)
    page.goto("/tickets/views/")
    expect(page.get_by_test_id("view-row")).to_contain_text("新来的")
    axe(page)


@pytest.mark.parametrize("look", [PHONE], indirect=True)
def test_views_on_a_phone(enter, desk):
    page = enter("clerk")
    page.goto("/tickets/?category=active&group=template")
    fits(page)
    axe(page)
    page.get_by_test_id("save-view-as").scroll_into_view_if_needed()
    page.get_by_test_id("save-view-as").click()
    page.fill("#view-content [name=name]", "按模板")
    page.get_by_test_id("save-view").click()
    expect(page.locator("h1")).to_have_text("按模板")
    page.goto("/tickets/views/")
    fits(page)
    axe(page)


@pytest.mark.parametrize("look", [DESK, PHONE], indirect=True, ids=str)
def test_what_narrows_is_seen_and_taken_off(enter, desk, look):
    page = enter("clerk")
    page.goto("/tickets/?template=appliance_repair&priority=2")
    mine = page.get_by_test_id("quick-filter").filter(has_text="我的")
    expect(mine).to_have_attribute("aria-pressed", "false")
    mine.focus()
    page.keyboard.press("Space")
    expect(mine).to_have_attribute("aria-pressed", "true")
    chips = page.get_by_test_id("chips")
    for name, said in {
        "template": "模板 家电维修",
        "priority": "优先级 高",
        "assignee": "我的",
        "category": "进度 未完成",
    }.items():
        expect(chips.get_by_test_id(f"chip-{name}")).to_contain_text(said)
        expect(chips.get_by_test_id(f"chip-{name}")).to_be_in_viewport(ratio=1)
    expect(page.get_by_text("没有符合条件的工单")).to_be_visible()
    fits(page)
    axe_in_both_themes(page)
    chips.get_by_test_id("chip-priority").click()
    expect(chips.get_by_test_id("chip-priority")).to_have_count(0)
    expect(chips.get_by_test_id("chip-template")).to_be_visible()
    page.go_back()
    expect(chips.get_by_test_id("chip-priority")).to_be_visible()
    page.get_by_test_id("clear-filters").click()
    expect(chips).to_have_count(0)
