"""Keys and ticks of the list: a range with Shift, and keys that who does not want them switches off."""

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.desk.conftest import furnished

pytestmark = pytest.mark.browser


@pytest.fixture
def page(live: Any, enter: Any) -> Any:
    """The list, with tickets in it."""
    desk = furnished(live.app)
    client = live.app.test_client()
    client.sign_in("the.clerk")
    for _number in range(4):
        desk.opened(client)
    page = enter("clerk")
    page.goto("/tickets/")
    return page


def test_shift_ticks_a_range(page):
    boxes = page.locator("input[data-row-select]")
    boxes.nth(0).check()
    boxes.nth(3).click(modifiers=["Shift"])
    expect(page.locator("[data-selected-count]")).to_contain_text("4")
    assert [boxes.nth(place).is_checked() for place in range(4)] == [True] * 4
    # From the last one touched, in either direction, and off as well as on.
    boxes.nth(1).click(modifiers=["Shift"])
    assert [boxes.nth(place).is_checked() for place in range(4)] == [True, False, False, False]


def test_keys_are_switched_off_and_on(page):
    current = page.locator("tr.is-current")
    switch = page.locator("#keys-dialog [data-keys-off]")

    def turn() -> None:
        page.locator("[data-keys-help]").click()
        switch.click()
        page.locator("#keys-dialog .btn-close").click()
        expect(page.locator("#keys-dialog")).to_be_hidden()

    turn()
    page.keyboard.press("j")
    expect(current).to_have_count(0)
    # So it stays.
    page.reload()
    page.keyboard.press("j")
    expect(current).to_have_count(0)
    turn()
    page.keyboard.press("j")
    expect(current).to_have_count(1)
