import io
import time
from collections.abc import Callable
from datetime import date, datetime, timedelta
from datetime import time as clock
from decimal import Decimal
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import openpyxl
import pytest
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont

from app.core.errors import DomainError
from app.exchange.delimited import csv_stream
from app.exchange.reader import Unreadable, archive, open_table, spreadsheet
from app.exchange.reader import delimited as csv_reader
from app.exchange.workbook import DAY, Column, write_workbook


@pytest.fixture
def save(tmp_path: Path) -> Callable[[bytes], Path]:
    def write(content: bytes) -> Path:
        path = tmp_path / "file"
        path.write_bytes(content)
        return path

    return write


def cells(path: Path) -> list[tuple[Any, ...]]:
    return [row.cells for row in open_table(path).rows()]


def code(path: Path) -> str:
    with pytest.raises(DomainError) as caught:
        cells(path)
    return caught.value.refusals[0].code


def rewritten(book: bytes, **parts: bytes) -> bytes:
    """Return the archive with parts replaced or added; ``__`` in a name stands for a slash."""
    target = io.BytesIO()
    new = {
        name.replace("__", "/").replace("_xml", ".xml").replace("_bin", ".bin"): data for name, data in parts.items()
    }
    with ZipFile(io.BytesIO(book)) as old, ZipFile(target, "w", ZIP_DEFLATED) as out:
        for entry in old.infolist():
            if entry.filename not in new:
                out.writestr(entry.filename, old.read(entry))
        for name, data in new.items():
            out.writestr(name, data)
    return target.getvalue()


def book(rows: list[list[Any]], prepare: Callable[[Any], None] = id) -> bytes:
    workbook = openpyxl.Workbook()
    for row in rows:
        workbook.active.append(row)
    prepare(workbook.active)
    target = io.BytesIO()
    workbook.save(target)
    return target.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_csv_in_every_encoding(save: Any, encoding: str, delimiter: str):
    text = f'编号{delimiter}"故,障"\r\n1{delimiter}"不转; 有声\r\n音"\r\n\r\n2{delimiter}\r\n'
    table = open_table(save(text.encode(encoding)))
    assert table.headings == ("编号", "故,障")
    assert [(row.number, row.cells) for row in table.rows()] == [(2, ("1", "不转; 有声\r\n音")), (4, ("2", None))]


def test_what_we_write_reads_back(save: Any, tmp_path: Path):
    rows = [["=1+1", date(2026, 11, 21), 5, "字"], ["-x", None, Decimal("1.5"), "'quoted"]]
    assert cells(save(b"".join(csv_stream(["a", "b", "c", "d"], rows)))) == [
        ("=1+1", "2026-11-21", "5", "字"), ("-x", None, "1.5", "'quoted"),
    ]  # fmt: skip
    write_workbook(
        tmp_path / "x.xlsx", [Column("a"), Column("b", DAY), Column("c", "0.0"), Column("d")], rows, sheet="s"
    )
    assert cells(tmp_path / "x.xlsx") == [
        ("=1+1", datetime(2026, 11, 21), 5, "字"), ("-x", None, Decimal("1.5"), "'quoted"),  # noqa: DTZ001
    ]  # fmt: skip


@pytest.mark.parametrize(("content", "expected"), [
    (b"", "empty"),
    (b"\xef\xbb\xbf", "no_headings"),
    (b"\r\n \r\n,,\r\n", "no_headings"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1", "not_a_table"),
    (b"%PDF-1.7", "not_a_table"),
    (b"\x89PNG\r\n", "not_a_table"),
    (b"PK\x03\x04 not a zip", "broken"),
    (b"<html><table><tr><td>a</td></tr></table>", "not_a_table"),
    (b"a,b\n1,\x00\n", "not_a_table"),
    (b"a,b\n\xff\xff\xff,1\n", "encoding"),
    (b"a,b, A \n1,2,3\n", "repeated_heading"),
    (b'a,b\n"1,2\n' + b"x" * 140_000, "broken"),
    (("x," * 600 + "y").encode(), "too_wide"),
    (b"\xff\xfea", "encoding"),
])  # fmt: skip
def test_a_file_that_is_no_table_is_refused_clearly(save: Any, content: bytes, expected: str):
    assert code(save(content)) == expected


def test_a_row_with_too_many_cells_is_told(save: Any):
    rows = list(open_table(save(b"a,b\n1,2,,\n1,2,3\n1\n")).rows())
    assert [(row.cells, row.overlong) for row in rows] == [
        (("1", "2"), False),
        (("1", "2"), True),
        (("1", None), False),
    ]


def test_too_many_rows(save: Any, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(csv_reader, "MOST_ROWS", 3)
    assert code(save(b"a\n1\n2\n3\n4\n")) == "too_long"


def test_cells_of_a_workbook(save: Any):
    moment = datetime(2026, 11, 21, 16, 30)  # noqa: DTZ001
    rows = [
        [None],
        ["a", None, "c", "d", "e"],
        [1, 2.5, moment, True, "  "],
        [],
        [1e18, "_x0041_", date(2026, 1, 2), "=A1", "#N/A"],
    ]
    table = open_table(save(book(rows)))
    assert table.headings == ("a", "[B]", "c", "d", "e")
    assert [(row.number, row.cells) for row in table.rows()] == [
        (3, (1, Decimal("2.5"), moment, True, None)),
        (
            5,
            (
                10**18,
                "A",
                datetime(2026, 1, 2),  # noqa: DTZ001
                Unreadable("formula", "Sheet!D5", "=A1"),
                Unreadable("error", "Sheet!E5", "#N/A"),
            ),
        ),
    ]


def test_every_kind_of_cell_reads_as_openpyxl_reads_it(save: Any):
    def prepare(sheet: Any) -> None:
        sheet["A4"], sheet["B4"] = 43000, 43000.5
        sheet["A4"].number_format, sheet["B4"].number_format = "[h]:mm", 'yyyy"年"m"月"'
        sheet.parent.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904

    rich = CellRichText("a ", TextBlock(InlineFont(b=True), "bold"), " c")
    rows = [
        ["a", "b", "c", "d", "e"],
        [datetime(2026, 1, 1, 3, 4, 5), date(2024, 2, 29), clock(3, 4), timedelta(hours=30), rich],  # noqa: DTZ001
        ["x\ny", "<&> é中", False, 1e-7, -3],
    ]
    content = book(rows, prepare)
    theirs = list(openpyxl.load_workbook(io.BytesIO(content), data_only=True).active.iter_rows(values_only=True))
    ours = [row.cells for row in open_table(save(content)).rows()]
    assert [[str(one) for one in row] for row in ours[:2]] == [
        [str(Decimal(repr(one)) if isinstance(one, float) else one) for one in row] for row in theirs[1:3]
    ]
    assert ours[2] == theirs[3]


def test_a_date_out_of_range_is_an_error_in_the_cell(save: Any):
    def prepare(sheet: Any) -> None:
        sheet["A2"].number_format = "yyyy-mm-dd"

    for number in (3e9, -1, -0.5, 1e300, 2958466):
        [(cell,)] = cells(save(book([["a"], [number]], prepare)))
        assert str(cell.why) == f"Cell Sheet!A2 is shown as a date, and {cell.text} is not the number of a day."
        assert float(cell.text) == number


def test_a_text_keeps_what_looks_escaped_and_loses_its_reading_aid(save: Any):
    original = book([["a"]])
    with ZipFile(io.BytesIO(original)) as archive:
        types = archive.read("[Content_Types].xml")
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    part = f'<Override PartName="/xl/sharedStrings.xml" ContentType="{kind}"/></Types>'.encode()
    texts = "<si><t>n</t></si><si><r><t>東</t></r><r><t>京</t></r><rPh sb='0' eb='2'><t>とう</t></rPh></si>"
    texts = f"<sst xmlns='{NAMESPACE}'>{texts}<si><t>_x005F_x0041_</t></si></sst>"
    row = b'<row r="%d"><c t="s"><v>%d</v></c></row>'
    sheet = SHEET % b"".join(row % (one + 1, one) for one in range(3))
    parts = {"xl__sharedStrings_xml": texts.encode(), "xl__worksheets__sheet1_xml": sheet,
             "[Content_Types]_xml": types.replace(b"</Types>", part)}  # fmt: skip
    assert cells(save(rewritten(original, **parts))) == [("東京",), ("_x0041_",)]


def test_a_cell_without_a_place_follows_the_last_and_none_lies_beyond_the_last_column(save: Any):
    row = b'<row><c t="inlineStr"><is><t>a</t></is></c><c r="C1" t="str"><v>c</v></c><c t="str"><v>d</v></c></row>'
    data = row + b"<row><c><v>1</v></c><c/><c><v>3</v></c></row>"
    assert cells(save(rewritten(book([["a"]]), xl__worksheets__sheet1_xml=SHEET % data))) == [(1, None, 3, None)]
    for place in (b"XFE2", b"ZZZZ2", b"a2", b"2"):
        data = row + b'<row r="2"><c r="%s"><v>1</v></c></row>' % place
        assert code(save(rewritten(book([["a"]]), xl__worksheets__sheet1_xml=SHEET % data))) == "broken"


def test_a_merged_cell_counts_for_each_row(save: Any):
    def merge(sheet: Any) -> None:
        sheet.merge_cells("A2:A4")
        sheet.merge_cells("B3:C3")

    data = book([["who", "x", "y"], ["王", 1, 2], [None, 3, None], [None, 5, 6], ["李", 7, 8]], merge)
    assert cells(save(data)) == [("王", 1, 2), ("王", 3, 3), ("王", 5, 6), ("李", 7, 8)]


def test_the_first_visible_sheet_is_read(save: Any):
    workbook = openpyxl.Workbook()
    workbook.active.title = "hidden"
    workbook.active.sheet_state = "hidden"
    workbook.create_sheet("data").append(["a"])
    target = io.BytesIO()
    workbook.save(target)
    table = open_table(save(target.getvalue()))
    assert (table.sheet, table.headings) == ("data", ("a",))


NAMESPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
SHEET = f'<worksheet xmlns="{NAMESPACE}"><sheetData>%s</sheetData></worksheet>'.encode()


@pytest.mark.parametrize(("part", "data", "expected"), [
    ("xl__vbaProject_bin", b"x", "macros"),
    ("xl__embeddings__oleObject1_bin", b"x", "embedded"),
    ("xl__externalLinks__externalLink1_xml", b"<x/>", "external"),
    ("xl__worksheets__sheet1_xml", b'<!DOCTYPE x [<!ENTITY a "b">]>' + SHEET % b"", "broken"),
    ("xl__worksheets__sheet1_xml", "<!DOCTYPE x>".encode("utf-16"), "broken"),
    ("xl__worksheets__sheet1_xml", b"<worksheet><sheetData><row>", "broken"),
    ("xl__worksheets__sheet1_xml", SHEET % (b" " * 40_000_000), "bomb"),
    ("xl__workbook_xml", b"<x/>", "no_sheet"),
    ("_Content_Types__xml", b"", None),
])  # fmt: skip
def test_dangerous_workbooks(save: Any, part: str, data: bytes, expected: str | None):
    path = save(rewritten(book([["a"], [1]]), **{part: data}))
    if expected:
        assert code(path) == expected


def test_macros_are_told_by_their_content_type(save: Any):
    original = book([["a"]])
    with ZipFile(io.BytesIO(original)) as archive:
        types = archive.read("[Content_Types].xml").replace(b"spreadsheetml.sheet.main", b"sheet.macroEnabled.main")
    target = io.BytesIO()
    with ZipFile(io.BytesIO(original)) as old, ZipFile(target, "w") as new:
        for entry in old.infolist():
            new.writestr(entry.filename, types if entry.filename.startswith("[") else old.read(entry))
    assert code(save(target.getvalue())) == "macros"


def test_an_archive_that_is_no_workbook(save: Any):
    target = io.BytesIO()
    with ZipFile(target, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", "<x/>")
    assert code(save(target.getvalue())) == "not_a_table"
    assert code(save(book([["a"]])[:-40])) == "broken"
    assert code(save(book([]))) == "no_headings"


@pytest.mark.parametrize("limit", ["MOST_SHARED", "MOST_BYTES", "MOST_ENTRIES"])
def test_what_is_too_large_unpacked_is_not_opened(save: Any, monkeypatch: pytest.MonkeyPatch, limit: str):
    path = save(rewritten(book([["a"]]), xl__sharedStrings_xml=b"<sst/>"))
    monkeypatch.setattr(archive, limit, 5)
    assert code(path) == "too_large"


def test_a_workbook_with_a_password_says_so(save: Any):
    content = bytearray(book([["a"], [1]]))
    # The flag of the archive's first entry, in its directory.
    content[content.index(b"PK\x01\x02") + 8] |= 1
    assert code(save(bytes(content))) == "encrypted"


@pytest.mark.parametrize("part", ["xl__worksheets__sheet1_xml", "docProps__core_xml", "_rels__.rels", "custom_xml"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le"])
def test_no_parser_sees_a_document_type(save: Any, part: str, encoding: str):
    """It is refused in any part before one is parsed, whatever stands behind the check."""
    head = '<?xml version="1.0"?><!DoctYpe x [<!ENTITY a "b">]><x/>'.encode(encoding)
    with pytest.raises(DomainError) as caught:
        archive.check_archive(save(rewritten(book([["a"], [1]]), **{part: head})))
    assert caught.value.refusals[0].code == "broken"


def test_a_cell_of_a_hidden_entity_never_expands(save: Any):
    bomb = (
        b'<?xml version="1.0"?>' + b"<!-- " + b"x" * 70_000 + b' --><!DOCTYPE w [<!ENTITY a "aaaa">]>' + SHEET % b"&a;"
    )
    assert code(save(rewritten(book([["a"]]), xl__worksheets__sheet1_xml=bomb))) == "broken"


UNCALCULATED = "holds a formula without its result. Open the file in Excel and save it."


@pytest.mark.parametrize(("cell", "why"), [
    ("<c><v>1E400</v></c>", "Cell Sheet!A2 should hold a number and holds “1E400”."),
    ("<c><v>NaN</v></c>", "Cell Sheet!A2 should hold a number and holds “NaN”."),
    ("<c><v>-INF</v></c>", "Cell Sheet!A2 should hold a number and holds “-INF”."),
    (f"<c><v>{'9' * 5000}</v></c>", f"Cell Sheet!A2 should hold a number and holds “{'9' * 40}…”."),
    (f"<c><v>{'9' * 400}</v></c>", f"Cell Sheet!A2 should hold a number and holds “{'9' * 40}…”."),
    ('<c t="b"><v>maybe</v></c>', "Cell Sheet!A2 should hold TRUE or FALSE and holds “maybe”."),
    ('<c t="b"><v>2</v></c>', "Cell Sheet!A2 should hold TRUE or FALSE and holds “2”."),
    ('<c t="d"><v>next week</v></c>', "Cell Sheet!A2 should hold a date and holds “next week”."),
    ('<c t="d"><v>2026-02-30</v></c>', "Cell Sheet!A2 should hold a date and holds “2026-02-30”."),
    ('<c t="d"><v>2026-02-03 or so</v></c>', "Cell Sheet!A2 should hold a date and holds “2026-02-03 or so”."),
    ('<c t="e"><v>#REF!</v></c>', "Cell Sheet!A2 holds the error #REF!."),
    ('<c t="s"><v>7</v></c>', "Cell Sheet!A2 refers to text 7, which is not in the workbook."),
    ('<c t="s"><v>-1</v></c>', "Cell Sheet!A2 refers to text -1, which is not in the workbook."),
    ('<c t="s"><v>x</v></c>', "Cell Sheet!A2 refers to text x, which is not in the workbook."),
    ("<c><f>1+1</f><v></v></c>", f"Cell Sheet!A2 {UNCALCULATED}"),
    ("<c><f>1+1</f></c>", f"Cell Sheet!A2 {UNCALCULATED}"),
    ('<c t="n"><f t="shared" si="0"/><v/></c>', f"Cell Sheet!A2 {UNCALCULATED}"),
])  # fmt: skip
def test_a_cell_that_does_not_hold_what_it_says_is_unreadable_alone(save: Any, cell: str, why: str):
    row = b'<row r="1"><c r="A1" t="inlineStr"><is><t>n</t></is></c></row>'
    rows = row + b'<row r="2">%s</row><row r="3"><c><v>5</v></c></row>' % cell.encode()
    [(read,), rest] = cells(save(rewritten(book([["a"]]), xl__worksheets__sheet1_xml=SHEET % rows)))
    assert (str(read.why), rest) == (why, (5,))


@pytest.mark.parametrize(("cell", "read"), [
    ('<c t="b"><v>true</v></c>', True),
    ('<c t="b"><v>0</v></c>', False),
    ('<c t="d"><v>2026-02-03</v></c>', date(2026, 2, 3)),
    ('<c t="d"><v>2026-02-03T04:05:06Z</v></c>', datetime(2026, 2, 3, 4, 5, 6)),  # noqa: DTZ001
    ('<c t="d"><v>T04:05</v></c>', clock(4, 5)),
    ('<c t="inlineStr"><is><r><t>a </t></r><r><t>b</t></r></is></c>', "a b"),
    ('<c t="inlineStr"><is><t>1E400</t></is></c>', "1E400"),
    ('<c t="str"><v>#N/A</v></c>', "#N/A"),
    ("<c><f>1+1</f><v>2</v></c>", 2),
    ('<c t="str"><f>A1&amp;"x"</f><v>nx</v></c>', "nx"),
    ("<c><v>1E300</v></c>", int(1e300)),
])  # fmt: skip
def test_what_a_cell_says_it_holds_is_read(save: Any, cell: str, read: object):
    rows = f'<row><c t="inlineStr"><is><t>n</t></is></c></row><row>{cell}</row>'.encode()
    assert cells(save(rewritten(book([["a"]]), xl__worksheets__sheet1_xml=SHEET % rows))) == [(read,)]


def test_a_book_that_counts_from_1904_keeps_its_days(save: Any):
    def prepare(sheet: Any) -> None:
        sheet.parent.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
        sheet["A4"] = -1
        sheet["A4"].number_format = "yyyy-mm-dd"

    days = [["a"], [date(2026, 11, 21)], [datetime(1904, 1, 2, 12)], [None]]  # noqa: DTZ001
    *read, (last,) = cells(save(book(days, prepare)))
    assert read == [(datetime(2026, 11, 21),), (datetime(1904, 1, 2, 12),)]  # noqa: DTZ001
    assert last.place == "Sheet!A4"


@pytest.mark.parametrize(("row", "place"), [
    (b'<row r="%s"><c><v>1</v></c></row>', b"99999999"),
    (b"<row spans='1:1' r = '%s'><c><v>1</v></c></row>", b"1048577"),
    (b'<row r="%s"/>', b"9" * 30),
])  # fmt: skip
def test_a_row_beyond_the_last_is_refused_at_once(save: Any, row: bytes, place: bytes):
    first = b'<row r="1"><c r="A1" t="inlineStr"><is><t>n</t></is></c></row>'
    path = save(rewritten(book([["a"]]), xl__worksheets__sheet1_xml=SHEET % (first + row % place)))
    started = time.process_time()
    with pytest.raises(DomainError, match="beyond 1048576"):
        cells(path)
    assert time.process_time() - started < 2


def test_rows_are_counted_where_their_numbers_cannot_be_read_beforehand(save: Any, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(spreadsheet, "LAST_ROW", 1000)
    row = b'<row r="1"><c r="A1" t="inlineStr"><is><t>n</t></is></c></row><row spans="%s" r="1001"/>' % (b"1" * 300)
    data = (b'<?xml version="1.0" encoding="UTF-16"?>' + SHEET % row).decode().encode("utf-16")
    assert code(save(rewritten(book([["a"]]), xl__worksheets__sheet1_xml=data))) == "too_long"


@pytest.mark.parametrize("rows", [
    b'<row r="1048576"><c r="A1048576"><v>1</v></c></row>',
    b"".join(b'<row r="%d"/>' % n for n in range(2, 200_000)),
])  # fmt: skip
def test_a_million_empty_rows_are_cheap(save: Any, rows: bytes):
    head = b'<dimension ref="A1:XFD1048576"/>'
    sheet = SHEET.replace(b"<sheetData>", head + b"<sheetData>")
    first = b'<row r="1"><c r="A1" t="inlineStr"><is><t>n</t></is></c></row>'
    content = rewritten(book([["a"]]), xl__worksheets__sheet1_xml=sheet % (first + rows))
    started = time.process_time()
    assert len(cells(save(content))) <= 1
    assert time.process_time() - started < 20
