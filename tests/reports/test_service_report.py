"""The report of a ticket as somebody may see it."""

import io
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from PIL import Image
from pypdf import PdfReader

from app.company.profile import save
from app.core.errors import NotAllowedError, NotFoundError
from app.core.permissions import Scope
from app.reports.pdf import service_report
from app.reports.pdf.content import Fact, Gallery, Grid, Report
from app.reports.pdf.pictures import picture
from app.reports.pdf.service_report import report_of, report_pdf
from app.tickets import attachments, queries, service
from app.tickets.orders import ChangeTicket, NoteOrder, OpenTicket
from tests.conftest import NOW
from tests.factories import people, tickets
from ticket_templates.spec import ChecklistItem, PrintLayout


def text(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


def drawing() -> io.BytesIO:
    data = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(data, "PNG")
    data.seek(0)
    return data


@pytest.fixture
def number(work) -> str:
    key = tickets.template(work)
    photo = attachments.upload(work, "现场.png", drawing())
    answers = {
        "fault": "不制冷 <b>x</b>",
        "fault_code": "E2",
        "detail": "有异响",
        "secret": "难缠的客户",
        "photos": [photo.id],
    }
    outcome = service.open_ticket(work, OpenTicket(key, {"customer_id": people.customer(work, "海天家电").id}, answers))
    for note in (NoteOrder("内部消息"), NoteOrder("请每月清洗", public=True)):
        service.change_ticket(work, ChangeTicket(outcome.ticket_id, note=note))
    service.change_ticket(work, ChangeTicket(outcome.ticket_id, checklist={"tested": True}))
    return outcome.number


@pytest.mark.parametrize(("locale", "words"), [
    ("zh_Hans", ["故障描述", "异响", "已试机"]), ("en", ["Fault", "异响", "Tested", "Checklist", "Page 1 of 1"]),
])  # fmt: skip
def test_the_report_says_what_the_ticket_holds(work, number, locale: str, words: list[str]):
    said = text(report_pdf(work, number, locale))
    for expected in (*words, number, "测试电器", "海天家电", "不制冷 <b>x</b>", "有异响", "请每月清洗", "现场"):
        assert expected in said, expected
    assert "内部消息" not in said


def test_fields_this_person_may_not_see_are_not_printed(work, make_work, number):
    assert "难缠的客户" in text(report_pdf(work, number, "zh_Hans"))
    clerk = make_work(tickets.actor(work, scope=Scope.ALL))
    assert "难缠的客户" not in text(report_pdf(clerk, number, "zh_Hans"))


def test_who_may_not_see_the_ticket_gets_no_report(work, make_work, number):
    with pytest.raises(NotFoundError):
        report_pdf(make_work(tickets.actor(work, "technician", scope=Scope.OWN)), number, "en")
    with pytest.raises(NotFoundError):
        report_pdf(work, "WX-0", "en")
    with pytest.raises(NotAllowedError):
        report_pdf(make_work(tickets.actor(work, without=["ticket.read"])), number, "en")


def test_a_hidden_field_is_not_printed(work, number):
    ticket = queries.ticket(work, number)
    service.change_ticket(work, ChangeTicket(ticket.id, answers={"fault_code": "E1"}))
    assert "有异响" not in text(report_pdf(work, number, "zh_Hans"))


def test_the_print_layout_decides(work):
    base = tickets.repair_spec()
    layout = PrintLayout(tickets.named("交接单", "Handover"), ("work",), photos=False, checklist=False, signature=False,
                         footer=tickets.named("热线 400", "Hotline 400"))  # fmt: skip
    key = tickets.template(work, spec=replace(base, print=layout))
    detail = queries.ticket(work, tickets.ticket(work, key, {"result": "换了泵"}))
    report = report_of(work, detail, "en", "https://example.com/x")
    assert (report.title, report.footer, report.code) == ("Handover", "Hotline 400", "https://example.com/x")
    assert [section.title for section in report.sections] == ["Work"]
    assert (report.checklist, report.signatures) == ((), ())


def parts_of(report: Report) -> list[Any]:
    return [part for section in report.sections for part in section.parts]


@pytest.mark.parametrize("photos", [True, False])
def test_photos_are_pictures_or_their_names_as_the_layout_says(work, number, photos: bool):
    spec = replace(tickets.repair_spec(), print=PrintLayout(tickets.named("单"), photos=photos))
    files = [attachments.upload(work, f"现场{place}.png", drawing()).id for place in range(2)]
    key = tickets.template(work, spec=spec)
    report = report_of(work, queries.ticket(work, tickets.ticket(work, key, {"photos": files})), "en")
    shown = [part for part in parts_of(report) if part.label == "Photos"]
    if photos:
        [gallery] = shown
        assert isinstance(gallery, Gallery)
        assert [one.caption for one in gallery.pictures] == ["现场0", "现场1"]
        assert all(picture(one.path, 100, 100) for one in gallery.pictures)
    else:
        assert shown == [Fact("Photos", "现场0.png\n现场1.png", wide=True)]


def test_only_what_is_due_or_done_is_on_the_checklist(work):
    base = tickets.repair_spec()
    when = {"field": "values.fault_code", "op": "is", "value": "E2"}
    items = (*base.checklist, ChecklistItem("silent", tickets.named("无异响", "Silent"), when=when))
    key = tickets.template(work, spec=replace(base, checklist=items))
    noisy = tickets.ticket(work, key, {"fault_code": "E2"})
    service.change_ticket(work, ChangeTicket(noisy, checklist={"silent": True}))
    listed = {"Tested": "", "Tidy": "", "Silent": "2026-11-21 16:30"}
    for code in ("E2", "E1"):
        # What was ticked stays on paper, whether it is still asked for or not.
        service.change_ticket(work, ChangeTicket(noisy, answers={"fault_code": code}))
        assert {one.label: one.done for one in report_of(work, queries.ticket(work, noisy), "en").checklist} == listed
    other = report_of(work, queries.ticket(work, tickets.ticket(work, key, {"fault_code": "E1"})), "en")
    assert [one.label for one in other.checklist] == ["Tested", "Tidy"]


def test_the_service_card_names_who_serves_without_codes_and_nothing_empty(work):
    assignee = tickets.assignee(work, tickets.account(work, "ling.chen"))
    outlet = people.outlet(work, code="SZ-NS", name="南山网点")
    key = tickets.template(work)
    bare, given = tickets.ticket(work, key), tickets.ticket(work, key, assignee_id=assignee, outlet_id=outlet.id)
    [_customer, service_card] = report_of(work, queries.ticket(work, bare), "en").cards
    assert [fact.label for fact in service_card.facts] == ["State", "Created"]
    tickets.finish(work, given)
    detail = queries.ticket(work, given)
    [_customer, service_card] = report_of(work, detail, "en").cards
    said = {fact.label: fact.value for fact in service_card.facts}
    assert set(said) == {"State", "Outlet", "Assignee", "Created", "Resolved at"}
    assert said["Outlet"] == "南山网点"
    assert said["Assignee"].startswith("师傅")
    assert detail.named("assignee_id") == f"{said['Assignee']} (ling.chen)"
    [_customer, technician] = report_of(work, detail, "en").signatures
    assert technician.name == said["Assignee"]


def test_the_phone_is_the_contacts_who_is_named(work):
    customer = people.customer(
        work, "海天家电", contacts=[{"name": "张主任"}, {"name": "李师傅"}],
        phones=[{"raw": "13800138001"}, {"raw": "13900139002"}],
    )  # fmt: skip
    for phone, contact in zip(customer.phones, customer.contacts, strict=True):
        phone.contact = contact
    work.session.flush()
    key = tickets.template(work)
    for contact, phone in zip(customer.contacts, ("138 0013 8001", "139 0013 9002"), strict=True):
        ticket_id = tickets.ticket(work, key, customer_id=customer.id, contact_id=contact.id)
        report = report_of(work, queries.ticket(work, ticket_id), "en")
        said = {fact.label: fact.value for fact in report.cards[0].facts}
        assert (said["Contact"], said["Phone"]) == (contact.name, phone)


def test_the_latest_notes_are_printed_in_their_order_and_no_more_than_fit(work, make_work, monkeypatch):
    monkeypatch.setattr(service_report, "MOST_NOTES", 3)
    monkeypatch.setattr(service_report, "_PAGE", 2)
    ticket_id = tickets.ticket(work, tickets.template(work))
    for place in range(5):
        later = make_work(now=NOW + timedelta(minutes=place))
        service.change_ticket(later, ChangeTicket(ticket_id, note=NoteOrder(f"第{place}条", public=True)))
    notes = report_of(work, queries.ticket(work, ticket_id), "en").notes
    assert [one.body for one in notes] == ["第2条", "第3条", "第4条"]


def test_without_a_signature_there_is_a_place_to_sign(work, number):
    report = report_of(work, queries.ticket(work, number), "en")
    assert [one.picture for one in report.signatures] == [None, None]


def test_a_lost_file_does_not_cost_the_report(work, number, monkeypatch: pytest.MonkeyPatch):
    def gone(*_args: Any) -> Any:
        raise NotFoundError(queries.detail.NOT_FOUND)  # type: ignore[attr-defined]

    monkeypatch.setattr(attachments, "open_file", gone)
    assert "现场" not in text(report_pdf(work, number, "en"))


@pytest.mark.packs
def test_tables_are_tables_and_long_texts_keep_their_lines(work):
    order = OpenTicket("appliance_repair", {}, {"product_category_text": "洗衣机", "fault_description": "一行\n二行"})
    ticket_id = service.open_ticket(work, order).ticket_id
    parts = [{"part_name": "排水泵", "part_no": "DP-1", "quantity": 2, "unit_price": "6.50"}]
    service.change_ticket(work, ChangeTicket(ticket_id, answers={"parts_used": parts}))
    report = report_of(work, queries.ticket(work, ticket_id), "en")
    blocks = [part for section in report.sections for part in section.parts]
    [grid] = [part for part in blocks if isinstance(part, Grid)]
    assert grid.headings == ("Part", "Part number", "Quantity", "Unit price", "Amount")
    assert grid.rows[0][:3] == ("排水泵", "DP-1", "2")
    assert grid.numeric == {2, 3, 4}
    assert "一行\n二行" in [part.value for part in blocks if isinstance(part, Fact)]


def test_the_same_ticket_gives_the_same_bytes(work, number):
    assert report_pdf(work, number, "zh_Hant") == report_pdf(work, number, "zh_Hant")


def test_the_head_is_the_companys_in_the_language_of_the_report(work, number):
    names = {"zh_Hans": "清澜电器", "en": "Qinglan"}
    values = {"names": names, "address": "科苑路15号", "phone": "400-000-6688", "tax_number": "9144"}
    logo = io.BytesIO()
    Image.new("RGB", (400, 100), "navy").save(logo, "PNG")
    logo.seek(0)
    save(work, values, seen=None, picture=logo)
    head = report_of(work, queries.ticket(work, number), "en").company
    assert (head.name, head.lines) == ("Qinglan", ("科苑路15号", "400-000-6688  ·  Tax number: 9144"))
    assert head.logo is not None
    assert "清澜电器" in text(report_pdf(work, number, "zh_Hant"))


def test_the_customer_is_masked_for_who_may_not_see_personal_data(work, make_work):
    key = tickets.template(work)
    phones = [{"raw": "13800138001"}]
    sites = [{"name": "家", "address_line": "阳光花园3栋1502"}]
    customer = people.customer(work, "王小明", phones=phones, sites=sites)
    outcome = service.open_ticket(work, OpenTicket(key, {"customer_id": customer.id}, {"fault": "不制冷"}))
    [customer_card, _service] = report_of(work, queries.ticket(work, outcome.ticket_id), "en").cards
    said = {fact.label: fact.value for fact in customer_card.facts}
    assert said == {"Name": "王小明", "Phone": "138 0013 8001", "Address": "阳光花园3栋1502"}
    blind = make_work(tickets.actor(work, without=["personal_data.read"], scope=Scope.ALL))
    [customer_card, _service] = report_of(blind, queries.ticket(blind, outcome.ticket_id), "en").cards
    said = {fact.label: fact.value for fact in customer_card.facts}
    assert said == {"Name": "王小明", "Phone": "•••• 8001", "Address": "••••"}


@pytest.mark.packs
def test_fees_are_amounts_and_their_sum_the_total(work):
    order = OpenTicket("appliance_repair", {}, {"product_category_text": "洗衣机", "fault_description": "不转"})
    ticket_id = service.open_ticket(work, order).ticket_id
    fees = {"labour_fee": "150", "travel_fee": "50", "discount": "20", "warranty_status": "out_of_warranty",
            "amount_received": "100", "payment_method": "cash"}  # fmt: skip
    service.change_ticket(work, ChangeTicket(ticket_id, answers=fees))
    report = report_of(work, queries.ticket(work, ticket_id), "en")
    facts = [part for section in report.sections for part in section.parts if isinstance(part, Fact) and part.amount]
    said = [(fact.label, fact.value, fact.total) for fact in facts]
    assert said[-4:] == [
        ("Discount", "CN¥20.00", False), ("Total due", "CN¥180.00", True), ("Received", "CN¥100.00", False),
        ("Still to collect", "CN¥80.00", True),
    ]  # fmt: skip


@pytest.mark.packs
def test_a_signature_says_who_signed_and_when(work):
    customer = people.customer(work, "王小明")
    order = OpenTicket("appliance_repair", {"customer_id": customer.id},
                       {"product_category_text": "洗衣机", "fault_description": "不转"})  # fmt: skip
    ticket_id = service.open_ticket(work, order).ticket_id
    data = io.BytesIO()
    Image.new("RGB", (200, 80), "white").save(data, "PNG")
    data.seek(0)
    file = attachments.upload(work, "signature.png", data)
    service.change_ticket(work, ChangeTicket(ticket_id, answers={"customer_signature": file.id}))
    [signature] = report_of(work, queries.ticket(work, ticket_id), "en").signatures
    assert (signature.name, signature.signed) == ("王小明", "2026-11-21 16:30")
    assert signature.picture is not None


@pytest.mark.packs
@pytest.mark.parametrize(("state", "said"), [("in_progress", ""), ("completed", "2026-11-21 16:30")])
def test_beside_the_customers_signature_stands_who_did_the_work_and_when(work, state: str, said: str):
    answers = {"product_category_text": "洗衣机", "fault_description": "不转"}
    answers["customer_signature"] = attachments.upload(work, "signature.png", drawing()).id
    columns = {"customer_id": people.customer(work).id, "assignee_id": tickets.assignee(work)}
    opened = service.open_ticket(work, OpenTicket("appliance_repair", columns, answers, state=state))
    customers, technician = report_of(work, queries.ticket(work, opened.ticket_id), "en").signatures
    assert customers.picture is not None
    assert (technician.label, technician.picture, technician.signed) == ("Technician", None, said)
    assert technician.name.startswith("师傅")
