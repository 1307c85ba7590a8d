"""Tags are chosen with a finger: on the form of a new ticket, and on its page."""

from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser import PHONE, axe, fits
from tests.desk.conftest import furnished

pytestmark = pytest.mark.browser


@pytest.fixture(autouse=True)
def desk(live: Any) -> Any:
    return furnished(live.app)


def choose(page: Page, picker: Locator, *words: str) -> None:
    """Type tags into a picker, one after the other, and take what is offered."""
    box = picker.locator("xpath=following-sibling::div[contains(@class, 'ts-wrapper')]")
    box.locator(".ts-control").tap()
    for word in words:
        page.keyboard.type(word)
        offered = box.locator(".ts-dropdown .option", has_text=word)
        expect(offered).to_be_visible()
        width = page.viewport_size["width"] if page.viewport_size else 0
        place = offered.bounding_box()
        assert place
        assert place["x"] >= 0
        assert place["x"] + place["width"] <= width
        offered.tap()
        expect(box.locator(".item", has_text=word)).to_be_visible()
        # What is typed next is another word.
        expect(box.locator("input")).to_have_value("")
    page.keyboard.press("Tab")
    expect(box.locator(".ts-dropdown")).to_be_hidden()
    fits(page)


@pytest.mark.parametrize("look", [PHONE], indirect=True, ids=str)
def test_tags_are_chosen_on_a_phone(enter, desk):
    page = enter("clerk")
    page.goto(f"/tickets/new/{desk.small}")
    page.fill("[name='values.fault']", "不制冷")
    choose(page, page.get_by_test_id("new-tags"), "手机上新加", "第二个词")
    axe(page)
    page.get_by_test_id("create-ticket").tap()
    expect(page.get_by_test_id("tag-list")).to_contain_text("第二个词")
    tags = page.get_by_test_id("tags")
    tags.locator("summary").tap()
    choose(page, page.get_by_test_id("tags-chosen"), "页面上加")
    tags.get_by_test_id("save-tags").tap()
    expect(page.get_by_test_id("tag-list")).to_contain_text("页面上加")
    fits(page)
