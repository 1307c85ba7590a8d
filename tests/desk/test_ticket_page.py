"""What stands on a ticket's page beside its fields: customer, related tickets, timeline, watchers, closed steps."""

import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from app.assets.models import InstalledProduct
from app.assets.records import INSTALLED_PRODUCT
from app.core.records import service as records
from app.people.records import CUSTOMER
from app.tickets.models import Ticket, TicketEvent
from app.tickets.queries.usage import templates_used
from tests.clients import make_account
from tests.desk.filling import upload
from tests.factories import people
from tests.factories.tickets import field_spec, named, repair_spec, template
from tests.reports.qr_reading import cells_of, text_of
from ticket_templates.spec import FieldUse, Section

ENTRY = re.compile(r'data-testid="entry-(\w+)"')


def part(html: str, name: str) -> str:
    """The element with a test id, up to the end of its section."""
    return html.split(f'data-testid="{name}"', 1)[1].split("</section>", 1)[0]


@pytest.fixture
def customer(desk) -> dict[str, int]:
    """A customer of its own with a phone, a site and two units."""
    with desk.work() as work:
        made = records.create(
            work, CUSTOMER,
            {"kind": "company", "name": "望海酒店", "active": True, "phones": [{"raw": "13711112222"}],
             "sites": [{"name": "一号楼", "address_line": "滨海大道 8 号"}]},
        )  # fmt: skip
        units = [people.installed_product(work, made) for _ in range(2)]
        return {"customer_id": made.id, "unit": units[0].id, "other": units[1].id, "serial": units[0].serial}


def test_all_that_is_known_of_the_customer_stands_beside(desk, clerk, client_as, customer):
    earlier = desk.opened(clerk, customer_id=customer["customer_id"], **{"values.fault": "去年漏水"})
    number = desk.opened(clerk, customer_id=customer["customer_id"], installed_product_id=customer["unit"])
    beside = clerk.get(f"/tickets/{number}").text.split('data-testid="customer-panel"', 1)[1]
    known_of_all = ("望海酒店", 'href="tel:13711112222"', "137 1111 2222", "滨海大道 8 号", "去年漏水", "This ticket")
    for known in (*known_of_all, customer["serial"], earlier):
        assert known in beside, known
    panel = clerk.get(f"/tickets/customer-panel?customer_id={customer['customer_id']}").text
    for known in ("望海酒店", customer["serial"], earlier, number, "一号楼"):
        assert known in panel, known
    masked = client_as("finance").get(f"/tickets/{number}").text
    assert "13711112222" not in masked.replace(" ", "")
    assert "滨海大道" not in masked


def test_a_unit_that_was_replaced_is_not_offered(desk, clerk, customer):
    ask = f"/tickets/customer-panel?customer_id={customer['customer_id']}"
    with desk.work() as work:
        instead = work.session.get_one(InstalledProduct, customer["other"]).serial
    before = clerk.get(ask).text
    assert (customer["serial"] in before, instead in before) == (True, True)
    with desk.work() as work:
        records.change(work, INSTALLED_PRODUCT, customer["unit"], {"replaced_by_id": customer["other"]})
    panel = clerk.get(ask).text
    assert (customer["serial"] in panel, instead in panel) == (False, True)
    # Nor chosen, whoever names it: a search by its serial, a link, what was typed before.
    named = f"{ask}&installed_product_id={customer['unit']}"
    for address in (f"{ask}&serial={customer['serial']}", named, f"{named}&serial={customer['serial'].lower()}"):
        assert 'data-installed-product-id=""' in clerk.get(address).text, address
    link = f"customer_id={customer['customer_id']}&installed_product_id={customer['unit']}"
    (input_of_it,) = re.findall(
        r'<input[^>]*name="installed_product_id"[^>]*>', clerk.get(f"/tickets/new/{desk.small}?{link}").text
    )
    assert f'value="{customer["unit"]}"' not in input_of_it


def test_what_is_overdue_is_said_and_what_is_not_is_only_due(desk, clerk):
    number = desk.opened(clerk)
    for year, late in ((2199, False), (2026, True)):
        with desk.work() as work:
            work.session.scalars(select(Ticket).where(Ticket.number == number)).one().due_at = datetime(
                year, 3, 1, tzinfo=UTC
            )
        page = clerk.get(f"/tickets/{number}").text
        assert ("Overdue since" in page) == late
        assert re.findall(r'<dt>This step is due</dt><dd class="([^"]*)"', page) == ["text-danger" if late else ""]
        preview = clerk.get(f"/tickets/{number}/preview").text
        assert (f'datetime="{year}-03-01' in preview, "text-danger" in preview) == (True, late)


def test_a_photo_is_shown_once(desk, clerk):
    answered, noted = (upload(clerk).json["id"] for _ in range(2))
    number = desk.opened(clerk, **{"values.photos": str(answered)})
    page = clerk.get(f"/tickets/{number}").text
    assert f"/files/{answered}" in part(page, "value-photos")
    assert 'data-testid="attachments"' not in page
    clerk.post(f"/tickets/{number}/notes", data={"body": "旧件", "files": str(noted)})
    page = clerk.get(f"/tickets/{number}").text
    assert f"/files/{noted}" in part(page, "attachments")
    assert f"/files/{answered}" not in part(page, "attachments")
    assert 'href="#note-box"' in page


def test_earlier_tickets_of_the_same_unit_are_marked(desk, clerk, customer):
    of_unit = {"customer_id": customer["customer_id"], "installed_product_id": customer["unit"]}
    earlier, number = desk.opened(clerk, **of_unit), desk.opened(clerk, **of_unit)
    beside = clerk.get(f"/tickets/{number}").text.split('data-testid="customer-panel"', 1)[1]
    assert "Same product" in beside.split(earlier, 1)[1].split("</div>", 1)[0]


def test_tickets_of_the_unit_under_its_former_owner_are_shown(desk, clerk, customer):
    with desk.work() as work:
        former = records.create(work, CUSTOMER, {"kind": "person", "name": "前任机主", "active": True})
        unit = work.session.get(InstalledProduct, customer["unit"])
        unit.customer_id = former.id
        former_id = former.id
    earlier = desk.opened(clerk, customer_id=former_id, installed_product_id=customer["unit"])
    with desk.work() as work:
        work.session.get(InstalledProduct, customer["unit"]).customer_id = customer["customer_id"]
    number = desk.opened(clerk, customer_id=customer["customer_id"], installed_product_id=customer["unit"])
    beside = clerk.get(f"/tickets/{number}").text.split('data-testid="customer-panel"', 1)[1]
    assert "Same product" in beside.split(earlier, 1)[1].split("</div>", 1)[0]
    assert "1 open of 1 tickets" in beside


def test_the_timeline_is_narrowed(desk, clerk):
    number = desk.opened(clerk)
    clerk.post(f"/tickets/{number}/notes", data={"body": "只给同事看"})
    clerk.post(f"/tickets/{number}/notes", data={"body": "客户也看得到", "public": "1"})
    clerk.post(f"/tickets/{number}/steps/start", data={"version": "1"})
    seen = {
        kind: ENTRY.findall(clerk.get(f"/tickets/{number}/timeline?kind={kind}").text)
        for kind in ("", "note", "change", "nonsense")
    }
    assert len(seen["note"]) == 2
    assert len(seen["change"]) >= 1
    assert sorted(seen[""]) == sorted(seen["note"] + seen["change"]) == sorted(seen["nonsense"])
    notes = clerk.get(f"/tickets/{number}/timeline?kind=note").text
    assert notes.index("客户也看得到") < notes.index("只给同事看")
    assert re.findall(r">(Public|Internal)<", notes) == ["Public", "Internal"]


def test_earlier_entries_are_a_page_away(desk, clerk):
    number = desk.opened(clerk)
    for place in range(23):
        clerk.post(f"/tickets/{number}/notes", data={"body": f"第{place}条"})
    first = clerk.get(f"/tickets/{number}/timeline").text
    more = re.search(r'hx-get="([^"]+before=[^"]+)"', first)[1].replace("&amp;", "&")
    second = clerk.get(more).text
    assert len(ENTRY.findall(first)) == 20
    assert len(ENTRY.findall(first) + ENTRY.findall(second)) == 24
    assert "第0条" in second
    assert "第22条" in first


def test_who_is_mentioned_or_added_watches(desk, clerk):
    named = make_account(desk.app, "page.mentioned", "clerk", name="韩梅")
    added = make_account(desk.app, "page.added", "clerk", name="李雷")
    number = desk.opened(clerk)
    clerk.post(f"/tickets/{number}/notes", data={"body": "@page.mentioned 请跟进"})
    clerk.post(f"/tickets/{number}/watch", data={"user_id": str(added), "on": "1"})
    watchers = part(clerk.get(f"/tickets/{number}").text, "watchers")
    assert "韩梅" in watchers
    assert "李雷" in watchers
    clerk.post(f"/tickets/{number}/watch", data={"user_id": str(named), "on": ""})
    assert "韩梅" not in part(clerk.get(f"/tickets/{number}").text, "watchers")


def test_a_transfer_says_who_from_whom_and_why(desk, clerk):
    number = desk.opened(clerk)
    data = {"version": "1", "assignee_id": str(desk.ids["user"]), "team_id": str(desk.ids["team"]), "note": "缺冷媒证"}
    assert clerk.post(f"/tickets/{number}/transfer", data=data).status_code == 303
    timeline = clerk.get(f"/tickets/{number}/timeline").text
    assert "一组" in timeline
    assert "缺冷媒证" in timeline
    assert "Internal" in timeline
    ticket = desk.ticket(number)
    assert (ticket["assignee_id"], ticket["team_id"]) == (desk.ids["user"], desk.ids["team"])
    with desk.work() as work:
        kinds = work.session.scalars(select(TicketEvent.kind).where(TicketEvent.ticket_id == ticket["id"])).all()
    assert "transferred" in kinds


def test_a_closed_step_says_why(desk, clerk, client_as):
    number = desk.opened(clerk, assignee_id=desk.ids["user"])
    html = clerk.get(f"/tickets/{number}").text
    assert 'data-testid="step-start"' in html
    assert 'data-testid="step-finish"' not in html
    for step in ("start", "finish"):
        clerk.post(f"/tickets/{number}/steps/{step}", data={"version": "9", "values.result": "好了"})
    technician = client_as("technician")
    technician.get("/lang/en")
    html = technician.get(f"/tickets/{number}").text
    why = re.search(r'id="why-reopen">([^<]+)<', html)[1]
    assert 'data-testid="step-reopen"' not in html
    assert "Dispatcher" in why


def test_the_templates_used_most_come_first(desk, clerk):
    def behind() -> int:
        """How many tickets network faults lack to be used more often than complaints."""
        with desk.work() as work:
            used = templates_used(work)
        return used.get("complaint", 0) + 1 - used.get("it_fault", 0)

    def cards() -> list[str]:
        return re.findall(r'data-testid="template-(\w+)"', clerk.get("/tickets/new").text)

    for _ in range(1 - behind() + 1):
        desk.opened(clerk, "complaint", customer_id=desk.ids["customer"])
    assert cards().index("complaint") < cards().index("it_fault")
    for _ in range(behind()):
        desk.opened(clerk, "it_fault", customer_id=desk.ids["customer"])
    assert cards().index("it_fault") < cards().index("complaint")


def test_an_auditor_leaves_no_trace(desk, clerk, client_as):
    number = desk.opened(clerk)
    auditor = client_as("auditor")
    page = auditor.get(f"/tickets/{number}").text
    assert 'data-testid="watchers"' in page
    assert 'data-testid="watch"' not in page
    assert auditor.post(f"/tickets/{number}/watch", data={"on": "1"}).status_code == 403
    assert 'data-testid="watch"' in clerk.get(f"/tickets/{number}").text


def test_a_step_that_asks_for_nothing_is_one_press(desk, clerk):
    number = desk.opened(clerk)
    page = clerk.get(f"/tickets/{number}").text
    form = re.search(rf'<form method="post" action="/tickets/{number}/steps/start".*?</form>', page, re.DOTALL)
    assert form
    sent = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form[0]))
    assert clerk.post(f"/tickets/{number}/steps/start", data=sent).status_code == 303
    # Finishing asks for the result: a dialog.
    assert f'hx-get="/tickets/{number}/steps/finish"' in clerk.get(f"/tickets/{number}").text


def test_a_step_opened_as_a_page_is_an_ordinary_form(desk, clerk):
    number = desk.opened(clerk)
    desk_form = re.compile(r'<form [^>]*data-testid="dialog-form"[^>]*>')
    for part in ("steps/start", "transfer", "about"):
        url = f"/tickets/{number}/{part}"
        assert "hx-" not in desk_form.search(clerk.get(url).text)[0]
        assert f'hx-post="{url}"' in desk_form.search(clerk.get(url, headers={"HX-Request": "true"}).text)[0]


def test_the_code_on_the_report_leads_to_the_ticket(desk, clerk):
    number = desk.opened(clerk)
    address = text_of(cells_of(clerk.get(f"/tickets/{number}/report.pdf").data))
    assert address == f"http://localhost/tickets/{number}"


def test_a_known_site_is_not_asked_for_again(desk, boss):
    about = {"customer_id": desk.ids["customer"], "site_id": desk.ids["site"]}
    assign = f"/tickets/{desk.opened(boss, 'appliance_repair', **about)}/steps/assign"
    assert 'data-testid="new-site"' not in boss.get(assign).text
    typed = {"version": "1", **about, "assignee_id": "", "new_site.address": "福田路 9 号"}
    assert 'value="福田路 9 号"' in boss.post(assign, data=typed).text


def test_a_section_of_hidden_fields_alone_stands_nowhere(desk, boss):
    spec = repair_spec()
    fields = {**spec.fields, "courier": field_spec("courier", "text", "快递公司")}
    asked = FieldUse("courier", visible_when={"field": "values.fault", "op": "is", "value": "寄回"})
    sections = (*spec.sections, Section("shipment", named("退回物流", "Return shipment"), (asked,)))
    with desk.work() as work:
        key = template(work, spec=replace(spec, fields=fields, sections=sections))
    form = boss.get(f"/tickets/new/{key}").text
    assert re.findall(r'data-section="(\w+)"[^>]*?( hidden)?>', form) == [("main", ""), ("shipment", " hidden")]
    number, other = (desk.opened(boss, key, **{"values.fault": fault}) for fault in ("漏水", "寄回"))
    assert "section-shipment" not in boss.get(f"/tickets/{number}").text
    page = boss.get(f"/tickets/{other}").text
    assert 'id="section-shipment"' in page
    assert f"/tickets/{other}/sections/shipment/edit" in page
