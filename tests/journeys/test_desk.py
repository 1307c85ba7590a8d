"""The main job as a clerk and a technician do it, in Chromium, in Chinese: from the report to the closed ticket."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser import DESK, PHONE, axe, axe_in_both_themes, fits
from tests.desk.conftest import furnished
from tests.desk.filling import picture

pytestmark = pytest.mark.browser
LIES_ON_TOP = """(one) => {
  const { x, bottom, width } = one.getBoundingClientRect();
  return one.contains(document.elementFromPoint(x + width / 2, bottom - 4));
}"""


@pytest.fixture(autouse=True)
def desk(live: Any) -> Any:
    return furnished(live.app)


def test_from_the_report_to_the_closed_ticket(enter, desk):
    page = enter("administrator")
    page.goto("/tickets/new")
    axe(page)
    page.fill("[data-card-search]", "没有这种")
    expect(page.locator("[data-no-card]")).to_be_visible()
    page.fill("[data-card-search]", "家电维修")
    expect(page.get_by_test_id("template-installation")).to_be_hidden()
    page.get_by_test_id("template-appliance_repair").click()
    find_customer(page, "13800138001")
    page.fill("[name='values.product_category_text']", "空调")
    page.fill("[name='values.fault_description']", "开机十分钟后不制冷")
    conditional_field(page)
    axe(page)
    page.get_by_test_id("create-ticket").click()
    expect(page.get_by_test_id("ticket-page")).to_be_visible()
    number = page.get_by_test_id("ticket-number").inner_text()
    axe(page)
    assign(page)
    note_with_photo(page)
    computed_fee(page)
    page.goto(f"/tickets/?q={number}")
    expect(page.get_by_test_id("ticket-row")).to_have_count(1)
    expect(page.get_by_test_id("ticket-row")).to_contain_text(number)
    axe(page)


def find_customer(page: Page, text: str) -> None:
    page.get_by_test_id("customer-search").fill(text)
    page.locator("#customer-results [role=option]").first.click()
    expect(page.get_by_test_id("customer-panel")).to_contain_text("王小明")
    expect(page.get_by_test_id("customer-chosen")).to_have_text("王小明")
    page.locator("input[data-picks=installed_product_id]").first.check()


def conditional_field(page: Page) -> None:
    """An appointment is asked for only where somebody goes."""
    appointment = page.locator("[data-answer=appointment_at]")
    expect(appointment).to_be_visible()
    page.locator("[name='values.service_mode']:not([value=on_site], [value=''])").first.press("Space")
    expect(appointment).to_be_hidden()
    page.locator("[name='values.service_mode'][value=on_site]").press("Space")
    expect(appointment).to_be_visible()


def assign(page: Page) -> None:
    page.get_by_test_id("step-assign").click()
    dialog = page.get_by_test_id("dialog-form")
    # The list of people is at hand, and covers nothing before somebody asks for it.
    expect(dialog.locator(".ts-control input").first).to_be_focused()
    page.wait_for_load_state("networkidle")
    expect(page.locator(".ts-dropdown:visible")).to_have_count(0)
    page.get_by_test_id("dialog-submit").click()
    expect(dialog.get_by_test_id("errors")).to_be_focused()
    axe(page)
    dialog.locator(".ts-control").first.click()
    page.keyboard.type("technician")
    technician = page.locator(".ts-dropdown .option", has_text="technician").first
    expect(technician).to_be_visible()
    # The dialog's scrolling body cuts nothing off.
    assert page.locator(".ts-dropdown:visible").evaluate(LIES_ON_TOP)
    technician.click()
    page.get_by_test_id("dialog-submit").click()
    expect(page.get_by_test_id("ticket-assignee")).to_contain_text("technician")


def note_with_photo(page: Page) -> None:
    page.locator("#note-body").press_sequentially("@the.tech")
    expect(page.locator("#note-people [role=option]")).to_have_count(1)
    page.fill("#note-body", "已联系客户，**明天**上门")
    page.set_input_files("#files", {"name": "铭牌.png", "mimeType": "image/png", "buffer": picture()})
    expect(page.locator("#note-box .gd-files img")).to_be_visible()
    page.get_by_test_id("add-note").press("Enter")
    entry = page.get_by_test_id("entry-note")
    expect(entry.locator("strong", has_text="明天")).to_be_visible()
    expect(entry.locator("img")).to_be_visible()
    expect(page.locator("#note-body")).to_have_value("")
    # Whoever works with the keyboard goes on where he was, not at the top of the page.
    expect(page.get_by_test_id("add-note")).to_be_focused()


def computed_fee(page: Page) -> None:
    page.get_by_test_id(re.compile(r"^edit-(?!about)")).nth(3).click()
    form = page.get_by_test_id(re.compile("^edit-form-"))
    form.locator("[name='values.labour_fee']").fill("120.50")
    expect(form.locator("output").last).to_contain_text("120.50")
    axe(page)
    form.get_by_test_id(re.compile("^save-")).click()
    expect(form).to_have_count(0)
    expect(page.get_by_test_id("ticket-page")).to_contain_text("120.50")
    expect(page.get_by_test_id("timeline")).to_contain_text("120.50")


def test_closing_takes_the_checklist(enter, desk, live):
    client = live.app.test_client()
    client.sign_in("the.clerk")
    number = desk.opened(client)
    page = enter("clerk")
    page.goto(f"/tickets/{number}")
    page.get_by_test_id("step-start").click()
    expect(page.get_by_test_id("ticket-state")).to_contain_text("处理中")
    page.get_by_test_id("step-finish").click()
    page.fill("[name='values.result']", "更换电容，试机正常")
    axe(page)
    page.get_by_test_id("dialog-submit").click()
    expect(page.get_by_test_id("ticket-state")).to_contain_text("已完成")
    page.get_by_test_id("step-close").click()
    page.get_by_test_id("dialog-submit").click()
    expect(page.get_by_test_id("errors")).to_be_visible()
    page.locator("#check-tested").check()
    page.get_by_test_id("dialog-submit").click()
    expect(page.get_by_test_id("ticket-state")).to_contain_text("已关闭")
    expect(page.get_by_test_id("closed-reopen")).to_be_disabled()
    axe(page)
    page.goto(f"/tickets/?q={number}")
    expect(page.get_by_test_id("ticket-row")).to_contain_text("已关闭")


def test_a_step_is_taken_with_the_keyboard_alone(enter, desk, live):
    client = live.app.test_client()
    client.sign_in("the.clerk")
    number = desk.opened(client)
    page = enter("clerk")
    page.goto(f"/tickets/{number}")
    page.emulate_media(media="print")
    expect(page.get_by_test_id("step-start")).to_be_hidden()
    page.emulate_media(media="screen")
    page.get_by_test_id("step-start").press("Enter")
    expect(page.get_by_test_id("ticket-state")).to_contain_text("处理中")
    finish = page.get_by_test_id("step-finish")
    finish.press("Space")
    result = page.locator("[name='values.result']")
    expect(result).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("dialog-form")).to_be_hidden()
    expect(finish).to_be_focused()
    finish.press("Enter")
    expect(result).to_be_focused()
    page.keyboard.type("更换电容，试机正常")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_test_id("ticket-state")).to_contain_text("已完成")


def test_what_was_typed_survives_leaving_the_page(enter):
    page = enter("clerk")
    page.goto("/tickets/new/complaint")
    area = page.locator("form[data-ticket-form] textarea:visible").first
    area.fill("客户投诉师傅迟到两小时")
    page.goto("/tickets/")
    page.goto("/tickets/new/complaint")
    expect(page.get_by_test_id("draft-restored")).to_be_visible()
    expect(page.locator("form[data-ticket-form] textarea:visible").first).to_have_value("客户投诉师傅迟到两小时")
    expect(page.get_by_test_id("customer-search")).not_to_be_focused()
    axe(page)


def test_keys_of_the_list(enter, desk, live):
    client = live.app.test_client()
    client.sign_in("the.clerk")
    number = desk.opened(client)
    page = enter("clerk")
    page.goto("/tickets/")
    page.keyboard.press("j")
    expect(page.locator("tr.is-current")).to_have_count(1)
    page.keyboard.press("x")
    expect(page.locator("[data-selected-count]")).to_contain_text("1")
    ticked = page.locator("tr.is-ticked").get_attribute("data-number")
    expect(page.locator("[data-export-label]")).to_contain_text("1")
    assert f"only={ticked}" in (page.get_by_test_id("export-csv").get_attribute("href") or "")
    page.keyboard.press("/")
    page.keyboard.type("jxo")
    expect(page.locator("[data-list-search]")).to_have_value("jxo")
    page.get_by_test_id("columns").click()
    expect(page.get_by_test_id("column-chooser")).to_be_visible()
    axe(page)
    page.goto(f"/tickets/?q={number}")
    page.keyboard.press("j")
    page.keyboard.press("o")
    expect(page.get_by_test_id("ticket-number")).to_have_text(number)


@pytest.mark.parametrize("look", [PHONE], indirect=True, ids=str)
def test_on_a_phone(enter, desk, live):
    client = live.app.test_client()
    client.sign_in("the.clerk")
    number = desk.opened(client, customer_id=desk.ids["customer"], assignee_id=desk.ids["user"])
    page = enter("technician")
    page.goto("/tickets/")
    # One markup for desk and phone: a row is a card, all of which is the link, and still a row to who cannot see.
    row = page.get_by_role("table").get_by_role("row").filter(has_text=number)
    assert row.get_by_role("cell").count() >= 6
    assert row.get_by_role("link", name=number).is_visible()
    assert row.locator(".prio-word").is_visible()
    fits(page)
    axe_in_both_themes(page)
    row.click(position={"x": 200, "y": row.bounding_box()["height"] - 5})
    page.wait_for_url(f"**/tickets/{number}")
    fits(page)
    axe_in_both_themes(page)
    page.get_by_test_id("step-start").click()
    expect(page.get_by_test_id("ticket-state")).to_contain_text("处理中")
    page.get_by_test_id("step-finish").click()
    expect(page.get_by_test_id("dialog-form")).to_be_visible()
    fits(page)
    axe_in_both_themes(page)
    page.fill("[name='values.result']", "更换电容，试机正常")
    page.get_by_test_id("dialog-submit").click()
    expect(page.get_by_test_id("ticket-state")).to_contain_text("已完成")
    # What is closed, and why, is folded away: the ticket comes first.
    closed = page.get_by_test_id("closed-steps")
    expect(closed.locator("li").first).to_be_hidden()
    closed.locator("summary").click()
    expect(closed.locator("li").first).to_be_visible()
    fits(page)
    axe_in_both_themes(page)


@pytest.mark.parametrize("look", [PHONE, DESK], indirect=True, ids=str)
def test_the_form_of_a_new_ticket_fits_and_begins_with_the_customer(enter, look):
    page = enter("clerk")
    page.goto("/tickets/new/appliance_repair")
    # A keyboard that comes up by itself would hide half of a phone.
    begins = expect(page.get_by_test_id("customer-search"))
    begins.to_be_focused() if look == DESK else begins.not_to_be_focused()
    assert page.evaluate("scrollY") == 0
    fits(page)
    axe(page)
