"""What people type must arrive: lines of a form, drafts beside a colleague's work, a drawn signature, refusals."""

import re
from dataclasses import replace
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from app.tickets import service
from app.tickets.orders import ChangeTicket, NoteOrder
from tests.browser import DESK, PHONE, axe, fits
from tests.desk import signing
from tests.desk.conftest import furnished

pytestmark = pytest.mark.browser


@pytest.fixture(autouse=True)
def desk(live: Any) -> Any:
    return furnished(live.app)


@pytest.fixture
def clerk(live: Any) -> Any:
    client = live.app.test_client()
    client.sign_in("the.clerk")
    client.get("/lang/zh_Hans")
    return client


def drawn(page: Page, box: Locator) -> None:
    canvas = box.locator("canvas")
    canvas.scroll_into_view_if_needed()
    expect(canvas).to_be_visible()
    area = canvas.bounding_box()
    assert area
    page.mouse.move(area["x"] + 30, area["y"] + 40)
    page.mouse.down()
    for step in range(1, 6):
        page.mouse.move(area["x"] + 30 + 20 * step, area["y"] + 40 + (step % 3) * 25)
    page.mouse.up()


def test_lines_are_added_removed_saved_and_changed(enter):
    page = enter("administrator")
    page.goto("/customers/add")
    expect(page.locator("label.required[for=name]")).to_have_count(1)
    page.fill("#name", "李女士")
    phones, sites = page.get_by_test_id("lines-phones"), page.get_by_test_id("lines-sites")
    phones.locator("[data-line-add]").click()
    expect(phones.locator("[data-line]")).to_have_count(2)
    phones.locator("[data-line-remove]").first.click()
    expect(phones.locator("[data-line]")).to_have_count(1)
    expect(phones.locator("label.required")).not_to_have_count(0)
    phones.locator("[name$='-raw']").fill("13900001111")
    expect(sites.locator(".ts-wrapper")).not_to_have_count(0)
    sites.locator("[name$='-name']").fill("公司")
    sites.locator("[name$='-address_line']").fill("深南大道 1 号")
    axe(page)
    page.get_by_test_id("save").click()
    expect(page.get_by_test_id("record-form")).to_have_count(0)
    expect(page.locator("main")).to_contain_text("深南大道 1 号")
    page.goto(f"/customers/edit/{page.url.rstrip('/').rpartition('/')[2]}")
    expect(phones.locator("[name$='-raw']")).to_have_value("13900001111")
    # With a contact that is removed goes what names it, before anything is saved.
    contacts = page.get_by_test_id("lines-contacts")
    contacts.locator("[data-line-add]").click()
    contacts.locator("[data-line]").last.locator("[name$='-name']").fill("丙")
    phones.locator("[data-line-add]").click()
    phones.locator("[data-line]").last.locator("select[data-sibling]").select_option(label="丙")
    contacts.locator("[data-line]").last.locator("[data-line-remove]").click()
    expect(phones.locator("[name$='-raw']")).to_have_count(1)
    expect(phones.locator("[name$='-raw']")).to_have_value("13900001111")
    sites.locator("[name$='-address_line']").fill("深南大道 2 号")
    phones.locator("[data-line-add]").click()
    phones.locator("[name$='-raw']").last.fill("13900002222")
    page.get_by_test_id("save").click()
    expect(page.locator("main")).to_contain_text("深南大道 2 号")
    expect(page.locator("main")).to_contain_text("139 0000 2222")


def opened_editor(page: Page, number: str) -> Locator:
    page.goto(f"/tickets/{number}")
    page.get_by_test_id("edit-main").click()
    form = page.get_by_test_id("edit-form-main")
    expect(form).to_be_visible()
    return form


def saved(page: Page, form: Locator) -> None:
    form.get_by_test_id("save-main").click()
    expect(form).to_have_count(0)


def test_what_is_saved_is_no_draft_anymore(enter, desk, clerk):
    number = desk.opened(clerk)
    page = enter("clerk")
    form = opened_editor(page, number)
    form.locator("[name='values.fault']").fill("漏水")
    saved(page, form)
    # The subject follows the answer: the page and its tab are called so at once.
    expect(page.get_by_test_id("ticket-subject")).to_have_text("漏水")
    expect(page).to_have_title(re.compile(f"^{number} 漏水 · "))
    changed_elsewhere(clerk, number, "不启动")
    form = opened_editor(page, number)
    expect(form.locator("[name='values.fault']")).to_have_value("不启动")
    expect(page.get_by_test_id("draft-restored")).to_have_count(0)


def changed_elsewhere(client: Any, number: str, fault: str) -> None:
    headers = {"HX-Request": "true"}
    answer = client.post(f"/tickets/{number}/sections/main/edit", data={"values.fault": fault}, headers=headers)
    assert answer.status_code == 200


def moved_elsewhere(desk: Any, number: str) -> None:
    """Take a ticket to its end."""
    at = desk.ticket(number)["id"]
    with desk.work() as work:
        service.change_ticket(work, ChangeTicket(at, transition="start"))
        service.change_ticket(
            work, ChangeTicket(at, answers={"result": "好了"}, transition="finish", checklist={"tested": True})
        )
        service.change_ticket(work, ChangeTicket(at, transition="close"))


def test_a_draft_never_overwrites_what_somebody_saved_meanwhile(enter, desk, clerk):
    number = desk.opened(clerk)
    page = enter("clerk")
    form = opened_editor(page, number)
    form.locator("[name='values.fault']").fill("漏水")
    changed_elsewhere(clerk, number, "不启动")
    form = opened_editor(page, number)
    expect(page.get_by_test_id("draft-restored")).to_contain_text("他人修改")
    expect(form.locator("[name='values.fault']")).to_have_value("漏水")
    form.get_by_test_id("save-main").click()
    expect(page.get_by_test_id("conflict")).to_contain_text("不启动")
    assert desk.ticket(number)["values"]["fault"] == "不启动"
    form.locator("[name='values.quantity']").fill("2")
    form = opened_editor(page, number)
    form.get_by_test_id("save-main").click()
    expect(page.get_by_test_id("conflict")).to_contain_text("不启动")
    page.locator("[name='keep.fault'][value=theirs]").check()
    saved(page, form)
    assert desk.ticket(number)["values"]["fault"] == "不启动"
    # Moved on by another meanwhile, it is said by whom, and the head behind is as it is by now.
    form = opened_editor(page, number)
    form.locator("[name='values.fault']").fill("又漏水")
    moved_elsewhere(desk, number)
    form.get_by_test_id("save-main").click()
    expect(page.get_by_test_id("passed").get_by_test_id("moved-by")).to_be_visible()
    expect(page.get_by_test_id("ticket-state")).to_have_text("已关闭")
    expect(form.locator("[name='values.fault']")).to_have_value("又漏水")
    expect(form.get_by_test_id("save-main")).to_have_count(0)


DRAFTS = "Object.keys(sessionStorage).filter((name) => name.startsWith('gongdan.draft:'))"


def test_a_saved_note_is_no_draft_anymore(enter, desk, clerk):
    number = desk.opened(clerk)
    page = enter("clerk")
    page.goto(f"/tickets/{number}")
    for count in (1, 2):
        page.fill("#note-body", f"第 {count} 次回电")
        page.get_by_test_id("note-form").get_by_role("checkbox").check()
        expect(page.locator("#note-box.is-public")).to_have_count(1)
        page.get_by_test_id("add-note").click()
        expect(page.get_by_test_id("entry-note")).to_have_count(count)
        expect(page.locator("#note-body")).to_have_value("")
    page.reload()
    expect(page.locator("#note-body")).to_have_value("")
    assert page.evaluate(DRAFTS) == []


def test_a_dialog_keeps_its_draft_until_it_is_done(enter, desk, clerk):
    number = desk.opened(clerk)
    page = enter("administrator")
    page.goto(f"/tickets/{number}")
    page.get_by_test_id("step-start").click()
    page.get_by_test_id("step-wait").click()
    page.get_by_test_id("dialog-submit").click()
    expect(page.get_by_test_id("errors")).to_be_visible()
    page.fill("#dialog-note", "压缩机缺货")
    page.goto(f"/tickets/{number}")
    page.get_by_test_id("step-wait").click()
    expect(page.get_by_test_id("draft-restored")).to_be_visible()
    expect(page.locator("#dialog-note")).to_have_value("压缩机缺货")
    page.get_by_test_id("dialog-submit").click()
    expect(page.get_by_test_id("ticket-state")).to_contain_text("待配件")
    assert page.evaluate(DRAFTS) == []


def test_who_cancels_begins_anew_and_may_take_it_back(enter, desk, clerk):
    number = desk.opened(clerk)
    page = enter("administrator")
    page.goto(f"/tickets/{number}")
    page.get_by_test_id("step-start").click()
    page.get_by_test_id("step-wait").click()
    page.fill("#dialog-note", "点错了")
    page.get_by_test_id("dialog-form").get_by_role("button", name="取消").click()
    expect(page.get_by_test_id("dialog-form")).to_be_hidden()
    assert page.evaluate(DRAFTS) == []
    page.get_by_test_id("step-wait").click()
    expect(page.locator("#dialog-note")).to_have_value("")
    expect(page.get_by_test_id("draft-restored")).to_have_count(0)
    # A form of a page of its own is left: the page that follows gives it back.
    page.goto(f"/tickets/new/{desk.small}")
    page.fill("[name='values.fault']", "打错了电话的人")
    page.locator("[data-cancel]").click()
    page.get_by_test_id("take-back").click()
    expect(page.locator("[name='values.fault']")).to_have_value("打错了电话的人")
    page.locator("[data-cancel]").click()
    expect(page.get_by_test_id("take-back")).to_be_visible()
    page.goto(f"/tickets/new/{desk.small}")
    expect(page.locator("[name='values.fault']")).to_have_value("")


def taken(desk, ticket_id, *steps, **answers):
    """Take these steps; handed in is with ``answers``."""
    with desk.work() as work:
        for step in steps:
            ticks = {"tested": True} if step == "hand_in" else {}
            order = ChangeTicket(ticket_id, transition=step, note=NoteOrder("重签"), checklist=ticks)
            service.change_ticket(work, replace(order, answers=answers if step == "hand_in" else {}))


@pytest.mark.parametrize("look", [PHONE], indirect=True, ids=str)
def test_what_was_sent_back_is_begun_anew(enter, desk, clerk):
    with desk.work() as work:
        key = signing.template(work)
    number = desk.opened(clerk, key)
    ticket_id = desk.ticket(number)["id"]
    given = {"result": "修好了", "quantity": 3}

    def fill(quantity):
        page.fill("[name='values.result']", "换了压缩机")
        page.fill("[name='values.quantity']", quantity)
        page.locator("[name='check.tested']").check()

    def send():
        drawn(page, page.get_by_test_id("field-values.signature"))
        page.get_by_test_id("dialog-submit").click()
        expect(page.get_by_test_id("ticket-state")).to_contain_text("待配件")
        assert page.evaluate(DRAFTS) == []

    taken(desk, ticket_id, "start")
    page = enter("administrator")
    page.goto(f"/tickets/{number}/steps/hand_in")
    fill("2")
    drawn(page, page.get_by_test_id("field-values.signature"))
    page.get_by_test_id("field-values.signature").get_by_role("button", name="保留签名").click()
    expect(page.locator("[name='values.signature']")).not_to_have_value("")
    # The form is left, and what was signed for is changed.
    page.goto(f"/tickets/{number}")
    with desk.work() as work:
        service.change_ticket(work, ChangeTicket(ticket_id, answers={"quantity": 3}))
    page.goto(f"/tickets/{number}/steps/hand_in")
    expect(page.locator("[name='values.result']")).to_have_value("换了压缩机")
    expect(page.locator("[name='values.signature']")).to_have_value("")
    fill("3")
    send()
    signature = desk.ticket(number)["values"]["signature"]
    taken(desk, ticket_id, "rework")
    page.goto(f"/tickets/{number}")
    page.get_by_test_id("step-hand_in").click()
    fill("5")
    # The dialog is left, and what was typed is of the time before another review.
    page.goto(f"/tickets/{number}")
    taken(desk, ticket_id, "hand_in", "rework", signature=signature, **given)
    page.get_by_test_id("step-hand_in").click()
    bar = page.get_by_test_id("draft-restored")
    expect(bar).to_contain_text("他人修改")
    expect(page.locator("[name='values.quantity']")).to_have_value("5")
    expect(page.locator("[name='values.result']")).to_have_value("")
    expect(page.locator("[name='check.tested']")).not_to_be_checked()
    # Nothing lies over the button that begins afresh.
    bar.get_by_role("button").click(trial=True)
    fill("5")
    drawn(page, page.get_by_test_id("field-values.signature"))
    page.get_by_test_id("dialog-submit").click()
    # Nothing is asked of what was emptied and is given anew.
    expect(page.get_by_test_id("ticket-state")).to_contain_text("待配件")
    assert desk.ticket(number)["values"]["signature"] != signature


@pytest.mark.parametrize("look", [PHONE, DESK], indirect=True, ids=str)
def test_a_drawn_signature_is_saved_with_the_form(enter, desk, clerk):
    wish = {"customer_id": desk.ids["customer"], "values.customer_signature": ""}
    number = desk.opened(clerk, "installation", **wish)
    page = enter("administrator")
    page.goto(f"/tickets/{number}")
    page.get_by_test_id("edit-confirmation").click()
    box = page.get_by_test_id("field-values.customer_signature")
    drawn(page, box)
    page.get_by_test_id("save-confirmation").click()
    expect(page.get_by_test_id("edit-form-confirmation")).to_have_count(0)
    expect(page.get_by_test_id("value-customer_signature").locator("img")).to_be_visible()
    assert desk.ticket(number)["values"]["customer_signature"]


HIDDEN_AT_FIRST = """(box) => {
  const place = document.createElement('div');
  const copy = box.cloneNode(true);
  delete copy.dataset.drawn;
  place.hidden = true;
  place.append(copy);
  box.closest('form').parentNode.append(place);
  window.gongdan.attach(place);
  copy.dataset.testid = 'late';
  return new Promise((done) => setTimeout(() => { place.hidden = false; done(); }, 50));
}"""


def test_a_signature_in_what_shows_later_is_drawn_and_kept(enter, desk, clerk):
    wish = {"customer_id": desk.ids["customer"], "values.customer_signature": ""}
    page = enter("administrator")
    page.goto(f"/tickets/{desk.opened(clerk, 'installation', **wish)}")
    page.get_by_test_id("edit-confirmation").click()
    box = page.get_by_test_id("field-values.customer_signature")
    expect(box.locator("canvas")).to_be_visible()
    # As a dialog does whose content is there before it shows.
    box.evaluate(HIDDEN_AT_FIRST)
    late = page.get_by_test_id("late")
    drawn(page, late)
    late.locator("[data-keep]").click()
    expect(late.locator("img")).to_be_visible()
    assert late.locator("img").evaluate("(one) => one.decode().then(() => one.naturalWidth)") > 0


def test_refusals_are_said_without_scripts(desk, clerk):
    number = desk.opened(clerk)
    tick = clerk.post(f"/tickets/{number}/checklist", data={"item": "nothing", "done": "1"}, follow_redirects=True)
    assert 'class="alert alert-danger' in tick.text
    watch = clerk.post(f"/tickets/{number}/watch", data={"user_id": "", "on": "1"}, follow_redirects=True)
    assert 'class="alert alert-danger' in watch.text


def test_an_empty_note_is_named_and_a_copied_link_is_said(enter, desk, clerk):
    number = desk.opened(clerk)
    page = enter("clerk")
    page.goto(f"/tickets/{number}")
    page.get_by_test_id("add-note").click()
    line = page.get_by_test_id("errors").locator("li")
    expect(line.get_by_role("link")).to_have_text(re.compile("^备注："))
    axe(page)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    # A page over plain HTTP has no clipboard, and copies all the same.
    for without in ("", "Object.defineProperty(navigator, 'clipboard', {value: undefined})"):
        page.evaluate(f"() => {{ window.kept ||= navigator.clipboard; {without} }}")
        page.evaluate("kept.writeText('')")
        page.locator("[data-copied]").evaluate("said => { said.textContent = ''; }")
        page.locator("[data-copy]").click()
        expect(page.locator("[data-copied]")).to_have_text("链接已复制。")
        assert page.evaluate("kept.readText()") == page.url


def test_buttons_of_selects_speak_the_readers_language(enter):
    page = enter("administrator")
    page.goto("/tickets/new/complaint")
    expect(page.locator(".clear-button").first).to_have_attribute("title", "清除")


@pytest.mark.parametrize("look", [PHONE], indirect=True, ids=str)
def test_home_says_when_work_is_due_on_a_phone(enter, desk, clerk):
    desk.opened(clerk)
    page = enter("administrator")
    page.goto("/")
    expect(page.locator(".ticket-brief time").first).to_be_visible()
    fits(page)


def test_a_field_for_photos_refuses_a_document_as_it_is_sent(enter):
    page = enter("administrator")
    page.goto("/tickets/new/appliance_repair")
    box = page.locator('form[data-ticket-form] [data-files][data-accept="image"]').first
    paper = {"name": "b.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7\n%%EOF"}
    box.locator("input[type=file]").first.set_input_files([paper])
    expect(box.locator("li.is-bad [role=alert]")).to_have_text("“b.pdf”不是照片。此字段只接受照片。")


def test_refused_files_are_named_before_the_form_leaves_without_them(enter):
    page = enter("administrator")
    page.goto("/tickets/new/complaint")
    box = page.locator("form[data-ticket-form] [data-files]").first
    bad = {"name": "病毒.exe", "mimeType": "application/octet-stream", "buffer": b"MZ\x90\x00\x03\x00\x00\x00"}
    box.locator("input[type=file]").first.set_input_files([bad])
    expect(box.locator("li.is-bad")).to_be_visible()
    page.get_by_test_id("create-ticket").click()
    expect(page.get_by_test_id("confirm")).to_contain_text("病毒.exe")
    page.get_by_test_id("confirm").get_by_role("button").first.click()
    expect(box.locator("li.is-bad")).to_be_visible()
    page.get_by_test_id("create-ticket").click()
    page.get_by_test_id("confirm-yes").click()
    expect(page.get_by_test_id("errors")).to_be_visible()
