"""A cell Excel itself cannot read costs its row, with its place and reason; the other rows of the file go on."""

import io
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from app.core.permissions import SYSTEM
from app.core.work import Cause
from app.exchange import import_jobs, spool
from app.exchange.mapping import ImportMapping, mapping_from_json
from app.exchange.reader import Unreadable, open_table
from app.exchange.ticket_import import import_file, import_rows, make_outlets, planned
from tests.exchange.test_reader import SHEET, book, rewritten
from tests.factories import tickets

HEADINGS = ("no", "when", "site", "problem", "count")
COLUMNS = {
    "external_id": "no",
    "created_at": "when",
    "outlet": {"column": "site", "create": True},
    "answers.fault": "problem",
    "answers.quantity": "count",
}
#: Cells in the place of one column, and what is said about each.
BAD = {
    "when": ('<c t="d"><v>soon</v></c>', "when: Cell Sheet!B{row} should hold a date and holds “soon”."),
    "site": ('<c t="e"><v>#N/A</v></c>', "site: Cell Sheet!C{row} holds the error #N/A."),
    "problem": ('<c t="s"><v>9</v></c>', "problem: Cell Sheet!D{row} refers to text 9, which is not in the workbook."),
    "count": ("<c><v>1E400</v></c>", "count: Cell Sheet!E{row} should hold a number and holds “1E400”."),
    "no": ('<c t="b"><v>x</v></c>', "no: Cell Sheet!A{row} should hold TRUE or FALSE and holds “x”."),
}
GOOD = {
    "no": "<c><v>{row}</v></c>",
    "when": '<c t="d"><v>2026-07-01</v></c>',
    "site": '<c t="inlineStr"><is><t>Cardiff</t></is></c>',
    "problem": '<c t="inlineStr"><is><t>does not turn</t></is></c>',
    "count": "<c><v>2</v></c>",
}
EXPECTED = {row: BAD[heading][1].format(row=row) for row, heading in zip(range(2, 12, 2), BAD, strict=True)}


@pytest.fixture
def workbook(tmp_path: Path) -> Path:
    """A file of ten rows, of which each second one holds a bad cell."""
    rows = ["".join(f'<c t="inlineStr"><is><t>{heading}</t></is></c>' for heading in HEADINGS)]
    for bad in BAD:
        for spoilt in ({bad: BAD[bad][0]}, {}):
            cells = GOOD | spoilt
            rows.append("".join(cells[heading].format(row=len(rows) + 1) for heading in HEADINGS))
    data = "".join(f"<row>{row}</row>" for row in rows).encode()
    path = tmp_path / "bad.xlsx"
    path.write_bytes(rewritten(book([["a"]]), xl__worksheets__sheet1_xml=SHEET % data))
    return path


def mapping(**changes: Any) -> ImportMapping:
    return mapping_from_json({"source": "s", "columns": COLUMNS | changes})


def test_only_the_rows_of_bad_cells_are_refused(fresh_transactions, workbook):
    with fresh_transactions.unit_of_work(SYSTEM, Cause("import")) as work:
        key = tickets.template(work, "repair")
    report = import_file(fresh_transactions, SYSTEM, workbook, key, mapping())
    assert {one.number: one.reason for one in report.refusals} == EXPECTED
    assert (report.imported, report.refused) == (5, 5)


def test_an_upload_keeps_them_to_the_result(work, workbook):
    table = spool.store(work, "bad.xlsx", io.BytesIO(workbook.read_bytes()))
    plan = planned(work, tickets.template(work, "repair"), mapping(), table.headings, "s")
    [rows] = [table.chunk(0)]
    assert make_outlets(work, plan, rows) == 1
    results = import_rows(work, plan, rows)
    assert {one.number: one.reason for one in results if one.status == "refused"} == EXPECTED
    job_id = import_jobs.submit(work, table, plan)
    written = io.BytesIO()
    import_jobs.write_job_result(work, job_id, written)
    sheet = openpyxl.load_workbook(written).active
    assert [sheet.cell(4, 3).value, sheet.cell(8, 5).value] == ["#N/A", "1E400"]


def test_a_mapping_may_say_what_stands_for_an_error(work, workbook):
    table = spool.store(work, "bad.xlsx", io.BytesIO(workbook.read_bytes()))
    site = {"column": "site", "create": True, "values": {"#N/A": None}}
    plan = planned(work, tickets.template(work, "repair"), mapping(outlet=site), table.headings, "s")
    make_outlets(work, plan, table.chunk(0))
    refused = [one.number for one in import_rows(work, plan, table.chunk(0)) if one.status == "refused"]
    assert refused == [2, *range(6, 12, 2)]


def test_a_formula_nobody_worked_out_is_told_with_its_place(work):
    """Programs write formulas without results; an empty cell in their place would be a loss without a word."""

    def prepare(sheet: Any) -> None:
        sheet["A2"], sheet["B2"], sheet["C2"] = "=1+1", "a", "=HYPERLINK(1)"
        sheet["B3"] = "b"

    table = spool.store(work, "x.xlsx", io.BytesIO(book([["count", "problem", "skipped"]], prepare)))
    columns = {"answers.quantity": "count", "answers.fault": "problem"}
    plan = planned(work, tickets.template(work), mapping_from_json({"columns": columns}), table.headings, "s")
    told = [one.reason for one in import_rows(work, plan, table.chunk(0))]
    assert told == [
        "count: Cell Sheet!A2 holds a formula without its result. Open the file in Excel and save it.",
        "",
    ]
    assert [str(cell) for cell in table.chunk(0)[0].cells] == ["=1+1", "a", "=HYPERLINK(1)"]


def test_an_empty_text_is_a_result(tmp_path):
    cell = '<row><c t="inlineStr"><is><t>n</t></is></c></row><row><c t="str"><f>""</f><v></v></c><c><v>1</v></c></row>'
    path = tmp_path / "x.xlsx"
    path.write_bytes(rewritten(book([["a"]]), xl__worksheets__sheet1_xml=SHEET % cell.encode()))
    assert [row.overlong for row in open_table(path).rows()] == [True]


def test_a_length_of_time_survives_the_upload(work):
    def prepare(sheet: Any) -> None:
        sheet["A2"], sheet["A3"] = 1.25, -1
        sheet["A2"].number_format = sheet["A3"].number_format = "[h]:mm"

    table = spool.store(work, "x.xlsx", io.BytesIO(book([["a"]], prepare)))
    (first,), (second,) = (row.cells for row in table.rows())
    assert (str(first), second) == ("1 day, 6:00:00", Unreadable("serial", "Sheet!A3", "-1"))
    job_id = import_jobs.submit(
        work, table, planned(work, tickets.template(work), mapping_from_json(
            {"columns": {"answers.fault": "a"}}), table.headings, "s"),
    )  # fmt: skip
    written = io.BytesIO()
    import_jobs.write_job_result(work, job_id, written)
    assert openpyxl.load_workbook(written).active["A2"].value == "30:00"
