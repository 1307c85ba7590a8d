"""The session ends, or its token changes, in the middle of a form: what was typed is there after signing in."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import delete

from app.core.permissions import SYSTEM
from app.people.security_models import AccountSession
from tests.clients import CAUSE, PASSWORD
from tests.databases import full_disk
from tests.desk.conftest import furnished

pytestmark = pytest.mark.browser

FAULT = "[name='values.fault']"


@pytest.fixture(autouse=True)
def desk(live: Any) -> Any:
    return furnished(live.app)


@pytest.fixture
def end_sessions(live):
    """What ends every session, as time does."""

    def end() -> None:
        with live.app.extensions["gongdan"].transactions.unit_of_work(SYSTEM, CAUSE) as work:
            work.session.execute(delete(AccountSession))

    return end


def sign_in(page: Page) -> None:
    page.get_by_test_id("field-username").fill("the.administrator")
    page.get_by_test_id("field-password").fill(PASSWORD)
    page.get_by_test_id("sign-in").click()


def test_a_new_ticket_waits_for_its_writer(enter, desk, end_sessions):
    page = enter("administrator")
    page.goto(f"/tickets/new/{desk.small}")
    page.fill(FAULT, "写到一半，会话到期")
    end_sessions()
    page.get_by_test_id("create-ticket").click()
    sign_in(page)
    expect(page.get_by_test_id("draft-restored")).to_be_visible()
    expect(page.locator(FAULT)).to_have_value("写到一半，会话到期")
    page.get_by_test_id("create-ticket").click()
    expect(page.get_by_test_id("ticket-page")).to_contain_text("写到一半，会话到期")


def test_a_note_waits_for_its_writer(enter, desk, live, end_sessions):
    client = live.app.test_client()
    client.sign_in("the.clerk")
    number = desk.opened(client)
    page = enter("administrator")
    page.goto(f"/tickets/{number}")
    page.fill("#note-body", "客户改约周六")
    end_sessions()
    page.get_by_test_id("add-note").click()
    sign_in(page)
    expect(page.get_by_test_id("ticket-number")).to_have_text(number)
    expect(page.locator("#note-body")).to_have_value("客户改约周六")


def test_a_section_opens_again_for_its_writer(enter, desk, live, end_sessions):
    client = live.app.test_client()
    client.sign_in("the.clerk")
    number = desk.opened(client)
    page = enter("administrator")
    page.goto(f"/tickets/{number}")
    page.get_by_test_id("edit-main").click()
    page.fill(FAULT, "改到一半，会话到期")
    end_sessions()
    page.get_by_test_id("save-main").click()
    expect(page.get_by_test_id("session-ended")).to_be_visible()
    expect(page.get_by_test_id("text-kept")).to_be_visible()
    sign_in(page)
    expect(page.get_by_test_id("draft-restored")).to_be_in_viewport()
    expect(page.locator(FAULT)).to_have_value("改到一半，会话到期")
    # Only once: whoever leaves the text and comes back finds the page as it always is.
    page.goto(f"/tickets/{number}")
    expect(page.get_by_test_id("edit-main")).to_be_visible()


@pytest.mark.parametrize("gone", ["session", "cookie"])
def test_a_customer_with_lines_waits_for_its_writer(enter, end_sessions, gone):
    page = enter("administrator")
    page.goto("/customers/add")
    page.fill("[name=name]", "海天酒店")
    kept = {"session": "02188889999", "cookie": "02188889998"}[gone]
    page.fill("[name=phones-0-raw]", "13911112222")
    page.locator("[data-lines=phones] [data-line-add]").click()
    page.locator("[name^=phones-][name$=-raw]").last.fill(kept)
    page.locator("[data-line]", has=page.locator("[name=phones-0-raw]")).locator("[data-line-remove]").click()
    end_sessions() if gone == "session" else page.context.clear_cookies()
    page.get_by_test_id("save").click()
    sign_in(page)
    expect(page.locator("[name=name]")).to_have_value("海天酒店")
    expect(page.locator("[name^=phones-][name$=-raw]")).to_have_count(1)
    expect(page.locator("[name^=phones-][name$=-raw]")).to_have_value(kept)
    page.get_by_test_id("save").click()
    expect(page.get_by_role("heading", name="海天酒店").first).to_be_visible()
    page.goto("/customers/add")
    expect(page.locator("[name=name]")).to_have_value("")


def test_a_token_of_another_session_leads_back_to_the_form(enter, desk, end_sessions):
    page = enter("administrator")
    page.goto(f"/tickets/new/{desk.small}")
    # What the page asks by itself of what was typed is asked before, not with the old token.
    with page.expect_response(lambda one: one.url.endswith("/similar") and "TABS" in (one.request.post_data or "")):
        page.fill(FAULT, "两个标签页 TABS")
    end_sessions()
    other = page.context.new_page()
    other.goto("/")
    sign_in(other)
    expect(other.get_by_test_id("account")).to_be_visible()
    page.get_by_test_id("create-ticket").click()
    page.get_by_test_id("back-to-form").click()
    expect(page.locator(FAULT)).to_have_value("两个标签页 TABS")


def test_a_full_disk_takes_nothing_of_what_was_typed(enter, live):
    page, typed = enter("administrator"), "开机十分钟后不制冷。" * 180
    area = page.locator("[name='values.fault_description']")
    page.goto("/tickets/new/appliance_repair")
    page.fill("[name='values.product_category_text']", "空调")
    area.fill(typed)
    with full_disk(live.app.extensions["gongdan"].engine):
        page.get_by_test_id("create-ticket").click()
        expect(page.get_by_test_id("error-507")).to_contain_text("磁盘已满")
    page.get_by_test_id("back-to-form").click()
    expect(area).to_have_value(typed)
    page.get_by_test_id("create-ticket").click()
    expect(page.get_by_test_id("ticket-page")).to_contain_text(typed[:60])


def test_who_signs_out_leaves_nothing_behind(enter):
    page = enter("administrator")
    page.goto("/tickets/new/complaint")
    page.locator("form[data-ticket-form] textarea:visible").first.fill("只有我该看到")
    page.goto("/")
    assert page.evaluate("Object.keys(sessionStorage).some((name) => name.includes('draft'))")
    page.get_by_test_id("account").click()
    page.get_by_test_id("sign-out").click()
    expect(page.get_by_test_id("login")).to_be_visible()
    assert page.evaluate("Object.keys(sessionStorage).filter((name) => name.includes('draft'))") == []
