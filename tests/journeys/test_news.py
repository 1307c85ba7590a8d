"""Who watches a ticket finds in the bell what somebody else wrote there, until it is opened."""

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from app.core.permissions import SYSTEM
from app.people.access_tables import ACCOUNT
from app.tickets import service
from app.tickets.models import Ticket
from tests.browser import DESK, PHONE, axe, fits
from tests.clients import CAUSE
from tests.desk.conftest import furnished

pytestmark = pytest.mark.browser


@pytest.fixture(autouse=True)
def desk(live):
    return furnished(live.app)


@pytest.fixture
def clerk(live):
    client = live.app.test_client()
    client.enter("the.clerk")
    return client


@pytest.mark.parametrize("look", [DESK, PHONE], ids=str, indirect=True)
def test_a_note_on_a_watched_ticket_is_told_until_it_is_opened(enter, live, desk, clerk, look):
    number = desk.opened(clerk)
    page = enter("administrator")
    page.goto("/tickets/notices")
    if page.get_by_test_id("read-all").count():
        page.get_by_test_id("read-all").click()
    bell = page.get_by_test_id("notices")
    expect(bell.locator(".gd-count")).to_have_count(0)
    watch_as(live, "the.administrator", number)
    assert clerk.post(f"/tickets/{number}/notes", data={"body": "客户改约周六上午"}).status_code == 303
    page.goto("/")
    expect(bell.locator(".gd-count")).to_have_text("1")
    bell.click()
    news = page.get_by_test_id("notice")
    expect(news).to_have_count(1)
    expect(news).to_contain_text("写了备注")
    expect(news).to_contain_text("客户改约周六上午")
    axe(page)
    fits(page)
    news.click()
    expect(page.get_by_test_id("timeline")).to_contain_text("客户改约周六上午")
    expect(bell.locator(".gd-count")).to_have_count(0)


def watch_as(live, username, number):
    with live.app.extensions["gongdan"].transactions.unit_of_work(SYSTEM, CAUSE) as work:
        user_id = work.session.scalar(select(ACCOUNT.c.id).where(ACCOUNT.c.username == username))
        ticket_id = work.session.scalar(select(Ticket.id).where(Ticket.number == number))
        service.watch(work, ticket_id, user_id=user_id)
