"""A condition is built by keyboard, understood before it is applied, kept in the address, and mended where it broke."""

import json
import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser import PHONE, axe, fits
from tests.desk.conftest import furnished

pytestmark = pytest.mark.browser


@pytest.fixture(autouse=True)
def desk(live: Any) -> Any:
    return furnished(live.app)


def leaf(page: Page, place: int):
    return page.get_by_test_id("condition-leaf").nth(place)


def pick(page: Page, place: int, typed: str) -> None:
    """Choose in the picker that has the focus: type once its list is open, wait for the one that fits, take it."""
    expect(page.locator(".ts-dropdown .option").filter(visible=True).first).to_be_visible()
    page.keyboard.type(typed)
    expect(page.locator(".ts-dropdown .option.active", has_text=typed)).to_be_visible()
    page.keyboard.press("Enter")
    expect(leaf(page, place).locator(".ts-control .item", has_text=typed)).to_be_visible()


def test_a_condition_is_built_applied_and_changed(enter, desk):
    page = enter("clerk")
    page.goto("/tickets/")
    page.get_by_test_id("build-condition").click()
    # The first line waits for its field.
    expect(leaf(page, 0).locator(".ts-control input")).to_be_focused()
    pick(page, 0, "优先级")
    leaf(page, 0).locator(".ts-control").nth(1).click()
    pick(page, 0, "低")
    expect(page.get_by_test_id("condition-said")).to_contain_text("优先级为“低”之一")
    page.get_by_test_id("add-group").click()
    expect(leaf(page, 1).locator(".ts-control input")).to_be_focused()
    pick(page, 1, "创建时间")
    axe(page)
    # What is not complete is not applied.
    page.get_by_test_id("apply-condition").click()
    expect(leaf(page, 1)).to_contain_text("请把这个条件填完整")
    leaf(page, 1).get_by_label("“创建时间”的值").fill("2")
    expect(page.get_by_test_id("condition-said")).to_contain_text("张工单")
    page.get_by_test_id("apply-condition").click()
    expect(page.get_by_test_id("condition")).to_contain_text("优先级为“低”之一")
    assert "where=" in page.url
    page.get_by_test_id("build-condition").click()
    expect(leaf(page, 1)).to_contain_text("创建时间")
    leaf(page, 1).get_by_role("button", name="删除这个条件").click()
    expect(page.get_by_test_id("condition-leaf")).to_have_count(1)


def test_enter_at_once_takes_what_was_typed(enter, desk):
    page = enter("clerk")
    page.goto("/tickets/")
    page.get_by_test_id("build-condition").click()
    chosen = leaf(page, 0).locator(".ts-control .item")
    expect(page.locator(".ts-dropdown .option").filter(visible=True).first).to_be_visible()
    page.keyboard.type("优先级")
    page.keyboard.press("Enter")
    assert chosen.inner_text().startswith("优先级")
    leaf(page, 0).locator(".ts-control").nth(1).click()
    page.keyboard.type("低")
    page.keyboard.press("Enter")
    assert [one.split("\n")[0] for one in chosen.all_inner_texts()][1:] == ["低"]


def test_a_length_of_time_is_built_with_its_unit(enter, desk):
    page = enter("clerk")
    page.goto("/tickets/")
    page.get_by_test_id("build-condition").click()
    pick(page, 0, "已建立")
    leaf(page, 0).get_by_label("“已建立”的值").fill("3")
    expect(page.get_by_test_id("condition-said")).to_contain_text("已建立不小于“3天”")
    leaf(page, 0).get_by_label("单位").select_option("h")
    expect(page.get_by_test_id("condition-said")).to_contain_text("已建立不小于“3小时”")
    leaf(page, 0).get_by_label("“已建立”的值").fill("1.5")
    expect(page.get_by_test_id("condition-said")).to_contain_text("已建立不小于“90分钟”")
    page.get_by_test_id("apply-condition").click()
    expect(page.get_by_test_id("condition")).to_contain_text("已建立不小于“90分钟”")
    assert json.loads(parse_qs(urlsplit(page.url).query)["where"][0])["all"][0]["value"] == 90
    # What stands in an address is shown in its unit.
    between = {"field": "due_minutes", "op": "is_between", "value": [-2880, 240]}
    page.goto(f"/tickets/?where={json.dumps({'all': [between]})}")
    page.get_by_test_id("build-condition").click()
    counts, units = leaf(page, 0).locator("[type=number]"), leaf(page, 0).get_by_label("单位")
    assert [counts.nth(end).input_value() for end in (0, 1)] == ["-2", "4"]
    assert [units.nth(end).input_value() for end in (0, 1)] == ["d", "h"]
    axe(page)


@pytest.mark.parametrize("look", [PHONE], indirect=True)
def test_a_broken_condition_is_mended_at_its_place_on_a_phone(enter, desk):
    page = enter("clerk")
    page.goto('/tickets/?where={"all":[{"field":"state","op":"is","value":"nowhere"}]}')
    expect(page.get_by_test_id("condition-broken")).to_contain_text("没有选项")
    expect(page.get_by_test_id("ticket-row")).to_have_count(0)
    page.get_by_test_id("build-condition").click()
    expect(leaf(page, 0)).to_contain_text("没有选项")
    fits(page)
    axe(page)
    leaf(page, 0).get_by_role("button", name="删除这个条件").click()
    page.get_by_test_id("apply-condition").click()
    expect(page).to_have_url(re.compile(r"/tickets/\??$"))
    # Groups in groups, with what is widest in the innermost.
    between = {"field": "created_at", "op": "is_between", "value": [{"now": "-3d"}, "2099-11-22T00:00:00Z"]}
    page.goto(f"/tickets/?where={json.dumps({'all': [{'any': [{'none': [{'any': [between]}]}]}]})}")
    page.get_by_test_id("build-condition").click()
    expect(leaf(page, 0)).to_contain_text("介于")
    builder = page.locator("[data-condition-builder]")
    assert builder.evaluate("box => box.scrollWidth - box.clientWidth") == 0


def test_a_builder_stands_whatever_its_address_says_and_is_applied_without_being_heard(enter, desk):
    page = enter("clerk")
    page.route("**/tickets/conditions/check", lambda route: route.fulfill(status=409, json={"detail": "later"}))
    group = [
        {"field": "created_at", "op": "is_after", "value": "never"},
        {"field": "state", "op": "is_any_of", "value": 1},
    ]
    page.goto(f"/tickets/?where={json.dumps({'all': [None, {'any': group}]})}")
    page.get_by_test_id("build-condition").click()
    expect(page.get_by_test_id("condition-leaf")).to_have_count(3)
    # A group taken away leaves the keyboard where the next one is made.
    page.get_by_role("button", name="删除这组条件").click()
    expect(page.get_by_test_id("condition-leaf")).to_have_count(1)
    expect(page.get_by_test_id("add-condition")).to_be_focused()
    leaf(page, 0).locator(".ts-control").click()
    pick(page, 0, "优先级")
    leaf(page, 0).locator(".ts-control").nth(1).click()
    pick(page, 0, "低")
    expect(page.get_by_test_id("condition-said")).to_have_text("later")
    page.get_by_test_id("apply-condition").click()
    expect(page.get_by_test_id("condition")).to_contain_text("优先级为“低”之一")
