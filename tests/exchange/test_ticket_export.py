"""The list as a file: what it says of itself, its types, and where it may not be written."""

import csv
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from sqlalchemy import select

from app.company.profile import save
from app.core.errors import DomainError, NotAllowedError
from app.core.permissions import Scope
from app.exchange.suggestions import suggested
from app.exchange.ticket_export import export_file, export_of, write_excel
from app.tickets import queries, service
from app.tickets.orders import OpenTicket
from app.tickets.queries import TicketQuery
from tests.clients import statements
from tests.factories import people, tickets
from ticket_templates import queries as templates
from ticket_templates.models import TemplateVersion, TicketTemplate


@pytest.fixture
def made(work) -> Any:
    key = tickets.template(work)
    customer = people.customer(work, "=海天家电")
    order = OpenTicket(key, {"customer_id": customer.id}, {"fault": "=1+1 不制冷"})
    service.open_ticket(work, order)
    return key, customer


def test_the_workbook_is_typed_and_says_what_it_holds(work, made, tmp_path: Path):
    key, customer = made
    save(work, {"names": {"en": "Qinglan", "zh_Hans": "清澜"}}, seen=None)
    query = TicketQuery(text="不制冷", templates=(key,), assignee="none", customer_id=customer.id)
    assert write_excel(work, export_of(work, query, all_fields=True), tmp_path / "x.xlsx") == 1
    book = openpyxl.load_workbook(tmp_path / "x.xlsx")
    sheet, about = book.worksheets
    cells = {heading.value: cell for heading, cell in zip(sheet[1], sheet[2], strict=True)}
    created = cells["创建时间"]
    assert (created.value, created.number_format) == (datetime(2026, 11, 21, 16, 30), "yyyy-mm-dd hh:mm")  # noqa: DTZ001
    assert (cells["客户"].data_type, cells["客户"].value[:5], cells["客户"].quotePrefix) == ("s", "=海天家电", True)
    assert (sheet.freeze_panes, sheet["A1"].font.b) == ("A2", True)
    said = {row[0].value: row[1].value for row in about.iter_rows(min_row=2)}
    assert said["公司"] == "清澜"
    assert "Asia/Shanghai" in said["导出时间"]
    assert said["客户"].startswith("=海天家电")
    assert cells["客户"].value == "=海天家电"
    assert said["模板"] != key
    assert list(said.values())[-1].startswith("1 ")


def test_csv_begins_with_a_mark_and_defuses_formulas(work, made, tmp_path: Path):
    assert export_file(work, tmp_path / "x.csv") == 1
    assert (tmp_path / "x.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    heading, row = csv.reader((tmp_path / "x.csv").read_text("utf-8-sig").splitlines())
    cells = dict(zip(heading, row, strict=True))
    assert cells["客户"].startswith("'=海天家电")
    assert cells["创建时间"] == "2026-11-21 16:30"


@pytest.mark.parametrize(
    ("seconds", "hours"), [(2520, "0.70"), (17, "0.00"), (18, "0.01"), (90 * 3600 + 1800, "90.50")]
)
def test_how_long_it_took_is_hours_to_two_decimals(work, make_work, tmp_path: Path, seconds: int, hours: str):
    key = tickets.template(work)
    tickets.ticket(work, key)
    later = replace(make_work(tickets.actor(work)), now=work.now + timedelta(seconds=seconds))
    export_file(later, tmp_path / "x.csv", templates=[key])
    assert rows_of(tmp_path / "x.csv")[0]["历时（小时）"] == hours
    export_file(later, tmp_path / "x.xlsx", templates=[key])
    heading, row = openpyxl.load_workbook(tmp_path / "x.xlsx").worksheets[0].iter_rows()
    (cell,) = [one for name, one in zip(heading, row, strict=True) if name.value == "历时（小时）"]
    assert (cell.value, cell.data_type, cell.number_format) == (float(hours), "n", "0.00")


def test_a_file_is_whole_or_not_there(work, made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    for name, code in (("x.txt", "file_name"), ("no/folder.xlsx", "unwritable"), ("no/folder.csv", "unwritable")):
        with pytest.raises(DomainError) as error:
            export_file(work, tmp_path / name)
        assert error.value.refusals[0].code == code

    def broken(*_args: Any) -> Any:
        yield b"half"
        raise DomainError("no")

    (tmp_path / "x.csv").write_text("before")
    monkeypatch.setattr("app.exchange.ticket_export.csv_pieces", broken)
    with pytest.raises(DomainError):
        export_file(work, tmp_path / "x.csv")
    assert [(one.name, one.read_text()) for one in tmp_path.iterdir()] == [("x.csv", "before")]


def test_who_may_not_export_gets_nothing(work, make_work, made, tmp_path: Path):
    with pytest.raises(NotAllowedError):
        export_file(make_work(tickets.actor(work, without=["ticket.export"])), tmp_path / "x.csv")


@pytest.fixture
def reader(work, make_work) -> Any:
    """Somebody who reads English: the words of the code."""
    return make_work(replace(tickets.actor(work), locale="en"))


def rows_of(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(path.read_text("utf-8-sig").splitlines()))


def test_all_fields_of_several_templates_are_those_that_a_ticket_answers(work, made):
    tickets.ticket(work, tickets.template(work), {"fault": "漏水", "quantity": 2})
    both = {one.field for one in export_of(work, TicketQuery(), all_fields=True).columns}
    assert both == {None, "fault", "quantity"}
    assert queries.answered(work, TicketQuery(text="漏水")) == {"fault", "quantity"}
    assert queries.answered(work, TicketQuery(text="没有")) == set()


def test_all_fields_of_one_template_stand_in_its_order_answered_or_not(work, make_work, made):
    key, _customer = made
    tickets.ticket(work, tickets.template(work), {"fault": "漏水", "quantity": 2})
    every = ["fault", "fault_code", "quantity", "phone", "photos", "detail", "secret", "result"]

    def fields(work: Any, query: TicketQuery) -> list[str]:
        return [one.field for one in export_of(work, query, all_fields=True).columns if one.field]

    assert fields(work, TicketQuery(templates=(key,))) == every
    # A month without a ticket has the sheet of the others; so has what only the tickets say to be of one template.
    assert fields(work, TicketQuery(templates=(key,), text="没有")) == every
    assert fields(work, TicketQuery(text="不制冷")) == every
    clerk = make_work(tickets.actor(work))
    assert fields(clerk, TicketQuery(templates=(key,))) == [one for one in every if one != "secret"]


def test_a_field_the_template_had_before_stands_behind_those_it_has(work, made):
    key, _customer = made
    tickets.ticket(work, key, {"fault": "漏水", "quantity": 2})
    spec = tickets.repair_spec()
    first, *others = spec.sections
    first = replace(first, fields=tuple(one for one in first.fields if one.field not in {"quantity", "phone"}))
    spec = replace(spec, sections=(first, *others))
    row = work.session.scalars(select(TicketTemplate).where(TicketTemplate.key == key)).one()
    row.versions.append(
        TemplateVersion(
            number=2, spec=spec.as_json(), checksum=spec.checksum(), published_at=work.now, created_at=work.now
        )
    )
    work.session.flush()
    columns = export_of(work, TicketQuery(templates=(key,)), all_fields=True).columns
    assert [one.field for one in columns if one.field] == [
        "fault", "fault_code", "photos", "detail", "secret", "result", "quantity",
    ]  # fmt: skip


def test_names_stand_alone_and_codes_before_them(reader, made, tmp_path: Path):
    _key, customer = made
    export_file(reader, tmp_path / "x.csv")
    row = rows_of(tmp_path / "x.csv")[0]
    assert (row["Customer code"], row["Customer"]) == (customer.code, "'=海天家电")
    heading = list(row)
    assert heading.index("Customer code") + 1 == heading.index("Customer")
    assert {"Progress", "Age (hours)"} < set(heading)
    assert "Category" not in heading
    assert len(heading) == len(set(heading))


def test_a_code_with_brackets_is_a_code(reader, tmp_path: Path):
    work = reader
    customer = people.customer(work, "海天 (深圳)")
    unit = people.installed_product(work, customer, people.product(work, "空调 (柜)"), serial="SN (2)")
    key = tickets.template(work)
    tickets.ticket(work, key, customer_id=customer.id, installed_product_id=unit.id)
    export_file(work, tmp_path / "x.csv", templates=[key])
    (row,) = rows_of(tmp_path / "x.csv")
    assert (row["Customer code"], row["Customer"]) == (customer.code, "海天 (深圳)")
    assert (row["Serial number of the installed product"], row["Installed product"]) == ("SN (2)", "空调 (柜)")
    assert (row["Team code"], row["Team"]) == ("", "")


def test_the_versions_of_a_file_are_those_of_its_own_tickets(work, make_work, made):
    key, _customer = made
    tickets.ticket(work, other := tickets.template(work), {"fault": "漏水", "quantity": 2})
    used = {one: queries.versions_used(work, TicketQuery(templates=(one,))) for one in (key, other)}
    assert [len(one) for one in used.values()] == [1, 1]
    assert queries.versions_used(work, TicketQuery()) >= used[key] | used[other]
    nobody = make_work(tickets.actor(work, "technician", scope=Scope.OWN))
    assert queries.versions_used(nobody, TicketQuery()) == set()
    # A column that is chosen stays, though no ticket of the file answers it.
    nothing = TicketQuery(templates=(key,), categories=("closed",), columns=("number", "values.quantity"))
    assert [one.name for one in export_of(work, nothing).columns] == ["number", "values.quantity"]
    with statements(work.session.get_bind().engine) as seen:
        export_of(work, TicketQuery())
    assert not [one for one in seen if "version_id" in one and "DISTINCT" in one]


def test_phone_and_address_are_masked_without_the_right(work, make_work, reader, tmp_path: Path):
    phones = [{"raw": "0755-88880001"}, {"raw": "13800138000"}]
    customer = people.customer(work, phones=phones, sites=[{"name": "家", "address_line": "科苑路 1 号"}])
    key = tickets.template(work)
    tickets.ticket(work, key, customer_id=customer.id, site_id=customer.sites[0].id)
    masked = make_work(replace(tickets.actor(work, without=["personal_data.read"]), locale="en"))
    for who, phone, address in ((reader, "0755 8888 0001", "科苑路 1 号"), (masked, "•••• 0001", "••••")):
        export_file(who, tmp_path / "x.csv", templates=[key])
        (row,) = rows_of(tmp_path / "x.csv")
        assert (row["Phone of the customer"], row["Address of the site"]) == (phone, address)


def test_an_exported_file_is_imported_by_its_codes(reader, made):
    key, _customer = made
    headings = [one.label_in("en") for one in export_of(reader, TicketQuery(), all_fields=True).columns]
    suggestions = suggested(headings, templates.published_version(reader, key), reader.actor)
    found = {one.target: heading for heading, one in suggestions.items()}
    wanted = {
        "customer": "Customer code", "outlet": "Outlet code", "team": "Team code", "subject": "Subject",
        "assignee": "User name of the assignee", "customer_phone": "Phone of the customer", "state": "State",
        "installed_product": "Serial number of the installed product",
    }  # fmt: skip
    assert wanted.items() <= found.items()
    assert {"answers.fault"} <= found.keys()


def test_two_fields_of_one_name_say_which_template_they_are_of(work, reader, made):
    spec = tickets.repair_spec()
    fields = {**spec.fields, "trouble": replace(spec.fields["fault"], key="trouble")}
    del fields["fault"]
    sections = tuple(
        replace(
            part, fields=tuple(replace(one, field="trouble") if one.field == "fault" else one for one in part.fields)
        )
        for part in spec.sections
    )
    other = tickets.template(work, spec=replace(spec, fields=fields, sections=sections, subject="{trouble}"))
    service.open_ticket(work, OpenTicket(other, {}, {"trouble": "漏水"}))
    labels = [one.label_in("en") for one in export_of(reader, TicketQuery(), all_fields=True).columns]
    assert len(labels) == len(set(labels))
