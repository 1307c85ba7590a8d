"""The list as a file: what it says of itself, its types, and where it may not be written."""

import csv
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from app.company.profile import save
from app.core.errors import DomainError, NotAllowedError
from app.exchange.ticket_export import export_file, export_of, write_excel
from app.tickets import service
from app.tickets.orders import OpenTicket
from app.tickets.queries import TicketQuery
from tests.factories import people, tickets


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
    assert write_excel(work, export_of(work, query), tmp_path / "x.xlsx") == 1
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
    assert said["模板"] != key
    assert list(said.values())[-1].startswith("1 ")


def test_csv_begins_with_a_mark_and_defuses_formulas(work, made, tmp_path: Path):
    assert export_file(work, tmp_path / "x.csv") == 1
    assert (tmp_path / "x.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    heading, row = csv.reader((tmp_path / "x.csv").read_text("utf-8-sig").splitlines())
    cells = dict(zip(heading, row, strict=True))
    assert cells["客户"].startswith("'=海天家电")
    assert cells["创建时间"] == "2026-11-21 16:30"


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
