"""A form that comes back by the back button does not make a second ticket unasked."""

import pytest
from playwright.sync_api import expect

from tests.desk.conftest import furnished

pytestmark = pytest.mark.browser


def _made(page):
    """Return the number of the ticket that was made, once its page has noted that the form was taken."""
    number = page.get_by_test_id("ticket-number").inner_text()
    page.wait_for_load_state()
    return number


def test_the_back_button_makes_no_second_ticket_unasked(enter, live):
    desk = furnished(live.app)
    page = enter("clerk")
    page.goto(f"/tickets/new/{desk.small}")
    page.fill("[name='values.fault']", "只该有一张")
    page.get_by_test_id("create-ticket").dblclick()
    first = _made(page)
    page.go_back()
    page.fill("[name='values.fault']", "只该有一张")
    page.get_by_test_id("create-ticket").click()
    expect(page.get_by_test_id("confirm")).to_be_visible()
    page.keyboard.press("Escape")
    page.goto("/tickets/?q=只该有一张")
    expect(page.get_by_test_id("ticket-row")).to_have_count(1)
    expect(page.get_by_test_id("ticket-row")).to_contain_text(first)


def test_who_wants_another_ticket_gets_one(enter, live):
    desk = furnished(live.app)
    page = enter("clerk")
    page.goto(f"/tickets/new/{desk.small}")
    page.fill("[name='values.fault']", "同一家的第一台")
    page.get_by_test_id("create-ticket").click()
    first = _made(page)
    page.go_back()
    page.fill("[name='values.fault']", "同一家的第二台")
    page.get_by_test_id("create-ticket").click()
    page.get_by_test_id("confirm-yes").click()
    expect(page.get_by_test_id("ticket-page")).to_contain_text("同一家的第二台")
    expect(page.get_by_test_id("ticket-number")).not_to_have_text(first)


def test_of_a_form_on_its_way_nothing_is_asked(enter, live):
    desk = furnished(live.app)
    page, asked = enter("clerk"), []
    page.clock.install()
    page.goto(f"/tickets/new/{desk.small}")
    page.fill("[name='values.fault']", "答得慢的服务器")
    with page.expect_response("**/tickets/similar"):
        page.clock.run_for(1000)
    # A server that takes its time: the form is sent, and nothing comes.
    page.evaluate("() => addEventListener('submit', (event) => event.preventDefault())")
    page.on("request", lambda one: asked.append(one.url))
    page.get_by_test_id("create-ticket").click()
    # The click ended the change of the last input, which is asked about a moment later.
    page.clock.run_for(1000)
    expect(page.get_by_test_id("create-ticket")).to_be_disabled()
    assert asked == []
