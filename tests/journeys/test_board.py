"""The list as one works in it: changed in its rows, looked into from its numbers, moved on its board."""

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from app.core.permissions import SYSTEM
from app.tickets import queries, service
from app.tickets.orders import ChangeTicket
from tests.browser import PHONE, axe, fits
from tests.clients import CAUSE
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


#: So often a hand moves on over a column before it gives up.
MOST_MOVES = 500


def drag(page: Page, card: Locator, target: Locator) -> None:
    """Drag as a hand does: slowly, no card that still glides back, and let go once the card is seen in the column."""
    expect(card).not_to_have_attribute("style", re.compile("transition"))
    number = card.get_attribute("data-number")
    start, end = card.bounding_box(), target.locator("[data-board-cards]").bounding_box()
    assert start
    assert end
    page.mouse.move(start["x"] + 90, start["y"] + 25)
    page.mouse.down()
    page.mouse.move(start["x"] + 100, start["y"] + 32, steps=3)
    page.mouse.move(end["x"] + 60, end["y"] + 30, steps=8)
    seen, moved = target.locator(f"[data-number='{number}']"), 0
    while not seen.count():
        moved += 1
        assert moved < MOST_MOVES, "the card never came into the column"
        page.mouse.move(end["x"] + 60 + moved % 5, end["y"] + 30 + moved % 7)
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
    # As narrow as a column gets, the card holds all of its head.
    card, menu = (row(page, number), row(page, number).get_by_test_id("card-menu"))
    page.set_viewport_size({"width": 900, "height": 800})
    assert menu.evaluate("one => one.getBoundingClientRect().right") <= card.evaluate(
        "one => one.getBoundingClientRect().right"
    )
    page.set_viewport_size({"width": 1440, "height": 900})
    # A column with few cards is as high as the fullest: a card is dropped anywhere in it.
    heights = page.locator(".ticket-board-column").evaluate_all("all => all.map((one) => one.offsetHeight)")
    assert len(set(heights)) == 1
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


def test_a_card_somebody_else_moved_stands_where_it_is_now(live, enter, desk, number):
    page = enter("clerk")
    page.goto(f"/tickets/?layout=board&template={desk.small}")
    # The steps are known from here on; what another person does next is not.
    drag(page, row(page, number), column(page, "closed"))
    expect(column(page, "closed").locator("[data-board-why]")).to_contain_text(number)
    with live.app.extensions["gongdan"].transactions.unit_of_work(SYSTEM, CAUSE) as work:
        service.change_ticket(work, ChangeTicket(queries.ticket(work, number).id, transition="start"))
    drag(page, row(page, number), column(page, "working"))
    expect(column(page, "working").locator("[data-board-why]")).to_contain_text("处理中")
    expect(column(page, "working").locator(f"[data-number='{number}']")).to_be_visible()
    with live.app.extensions["gongdan"].transactions.unit_of_work(SYSTEM, CAUSE) as work:
        one = queries.ticket(work, number).id
        service.change_ticket(work, ChangeTicket(one, transition="finish", answers={"result": "好"}))
    # No step leads on to it from where it is now: that is not what happened.
    drag(page, row(page, number), column(page, "done"))
    why = column(page, "done").locator("[data-board-why]")
    expect(why).to_contain_text("已完成")
    expect(why).not_to_contain_text("步骤")
    expect(column(page, "done").locator(f"[data-number='{number}']")).to_be_visible()


def test_what_was_refused_after_its_box_was_closed_is_said(enter, number):
    page = enter("clerk")
    held: list[Route] = []
    page.route("**/quick?*", lambda route: held.append(route) if route.request.method == "POST" else route.continue_())
    page.goto(f"/tickets/?q={number}")
    row(page, number).locator(".col-priority").click()
    page.get_by_test_id("quick-priority-1").dblclick()
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("quick-box")).to_be_hidden()
    (sent,) = held
    sent.fulfill(status=409, json={"detail": "somebody was faster"})
    expect(page.locator(".gd-toast", has_text="somebody was faster")).to_contain_text(number)


def test_who_could_not_be_asked_for_is_not_said_to_be_nobody(enter, number):
    page = enter("clerk")
    page.goto(f"/tickets/?q={number}")
    row(page, number).locator(".col-assignee").click()
    page.route("**/assignees*", lambda route: route.fulfill(status=409, json={"detail": "later"}))
    people = page.locator("[data-quick-people]")
    before = people.inner_text()
    with page.expect_response("**/assignees*"):
        page.locator("[data-quick-find]").fill("nobody")
    page.locator("[data-quick-find]").press("End")
    expect(people).to_have_text(before, use_inner_text=True)


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
