"""The report of a ticket as somebody may see it."""

import io
from dataclasses import replace
from typing import Any

import pytest
from PIL import Image
from pypdf import PdfReader

from app.company.profile import save
from app.core.errors import NotAllowedError, NotFoundError
from app.core.permissions import Scope
from app.reports.pdf.content import Fact, Grid
from app.reports.pdf.service_report import report_of, report_pdf
from app.tickets import attachments, queries, service
from app.tickets.orders import ChangeTicket, NoteOrder, OpenTicket
from tests.factories import people, tickets
from ticket_templates.spec import PrintLayout


def text(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


@pytest.fixture
def number(work) -> str:
    key = tickets.template(work)
    data = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(data, "PNG")
    data.seek(0)
    photo = attachments.upload(work, "现场.png", data)
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
