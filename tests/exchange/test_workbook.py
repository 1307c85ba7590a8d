import io
import resource
import tracemalloc
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import openpyxl
import pytest
from openpyxl.utils.escape import unescape

from app.core.errors import DomainError
from app.exchange import workbook
from app.exchange.workbook import DAY, INSTANT, Column, cell, sheet_names, unique_labels, write_workbook

FORMULAS = ["=1+1", "+8613800000000", "-SUM(A1)", "@cmd", "\tx", "\rx", '=HYPERLINK("http://x")', "{=1}"]


def written(columns: list[Column], rows: Any, **more: Any) -> openpyxl.Workbook:
    target = io.BytesIO()
    write_workbook(target, columns, rows, **{"sheet": "Tickets", "locale": "en"} | more)
    return openpyxl.load_workbook(target)


def test_cells_keep_their_types_and_formats():
    columns = [Column("t"), Column("d", DAY), Column("i", INSTANT), Column("m", "0.00"), Column("n", "0"), Column("b")]
    row = ["文字 😀", date(2026, 11, 21), datetime(2026, 11, 21, 16, 30), Decimal("1234.50"), 7, True]  # noqa: DTZ001
    sheet = written(columns, [row])["Tickets"]
    cells = next(iter(sheet.iter_rows(min_row=2)))
    assert [one.value for one in cells] == ["文字 😀", datetime(2026, 11, 21), row[2], 1234.5, 7, True]  # noqa: DTZ001
    assert [one.number_format for one in cells] == ["General", DAY, INSTANT, "0.00", "0", "General"]
    assert [one.value for one in sheet[1]] == ["t", "d", "i", "m", "n", "b"]
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == "A1:F2"
    assert sheet["A1"].font.bold
    assert sheet.column_dimensions["A"].width == pytest.approx(16, abs=1)


def test_times_of_day_and_lengths_of_time_are_numbers_that_show_as_such():
    columns = [Column("t", "hh:mm"), Column("l", "[h]:mm")]
    sheet = written(columns, [[time(16, 30), timedelta(hours=30, minutes=5)]])["Tickets"]
    cells = sheet[2]
    assert [(one.value, one.number_format, one.data_type) for one in cells] == [
        (time(16, 30), "hh:mm", "d"), (timedelta(hours=30, minutes=5), "[h]:mm", "d"),
    ]  # fmt: skip


def test_a_column_whose_first_cells_are_dates_is_one_of_dates():
    noon, day = datetime(2026, 11, 21, 12), date(2026, 11, 21)  # noqa: DTZ001
    rows = [[None, day, day, "text", day], [day, noon, day, day, "later"], [day, day, day, noon, noon]]
    sheet = written([Column(name) for name in "abcde"], rows)["Tickets"]
    assert [cell.number_format for cell in sheet[4]] == [DAY, INSTANT, DAY, "General", "General"]
    assert [cell.value for cell in sheet["B"][1:]] == [datetime(2026, 11, 21), noon, datetime(2026, 11, 21)]  # noqa: DTZ001
    assert [cell.value for cell in sheet["D"][1:]] == ["text", "2026-11-21", "2026-11-21 12:00"]
    assert [cell.value for cell in sheet["E"][1:]] == ["2026-11-21", "later", "2026-11-21 12:00"]


def test_a_date_never_takes_the_time_from_the_instants_below_it():
    noon, day = datetime(2026, 11, 21, 12), date(2026, 11, 21)  # noqa: DTZ001
    sheet = written([Column("a", INSTANT), Column("b", DAY)], [[day, noon], [noon, day]])["Tickets"]
    assert [cell.value for cell in sheet["A"][1:]] == [datetime(2026, 11, 21), noon]  # noqa: DTZ001
    assert [cell.value for cell in sheet["B"][1:]] == ["2026-11-21 12:00", datetime(2026, 11, 21)]  # noqa: DTZ001


@pytest.mark.parametrize("text", FORMULAS)
def test_a_text_is_never_a_formula(text: str):
    one = written([Column("t")], [[text]])["Tickets"]["A2"]
    assert one.data_type == "s"
    assert one.value.replace("_x000D_", "\r") == text
    assert one.quotePrefix


def test_what_excel_cannot_hold_stays_exact_as_text():
    assert cell(10**15) == "1000000000000000"
    assert cell(Decimal("12345678901234.567")) == "12345678901234.567"
    assert cell(Decimal("1E+30")) == Decimal("1E+30")
    assert cell(date(1, 1, 1)) == "0001-01-01"
    assert cell(date(9999, 12, 31)) == date(9999, 12, 31)
    assert cell(time(8, 30)) == "08:30"
    assert cell("\ud800x") == "?x"
    with pytest.raises(ValueError, match="naive"):
        cell(datetime.fromisoformat("2026-11-21T08:00:00+00:00"))
    with pytest.raises(TypeError):
        cell([1])


@pytest.mark.parametrize("text", ["x" * 40_000, "字" * 40_000, "😀" * 20_000, "x" * 32_767])
def test_a_text_longer_than_a_cell_is_cut_visibly(text: str):
    value = written([Column("t")], [[text]])["Tickets"]["A2"].value
    assert len(value.encode("utf-16-le")) // 2 <= workbook.LONGEST_TEXT
    assert value == text or value.endswith("…")


def test_control_characters_and_markup_survive():
    values = ["<b>&amp;</b>", "a\nb", "_x0041_", "\u202eRTL", "zero\u200bwidth"]
    sheet = written([Column("t")], [[value] for value in values])["Tickets"]
    assert [unescape(row[0]) for row in sheet.iter_rows(min_row=2, values_only=True)] == values
    assert written([Column("t")], [["a\x00b\x0b"]])["Tickets"]["A2"].value is not None


def test_rows_past_a_sheet_go_to_the_next(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(workbook, "SHEET_ROWS", 10)
    book = written([Column("n", "0")], ([n] for n in range(25)), expected_rows=25)
    assert book.sheetnames == ["Tickets", "Tickets 2", "Tickets 3", "Parameters"]
    assert [book[name].max_row for name in book.sheetnames[:3]] == [11, 11, 6]
    assert [book[name]["A1"].value for name in book.sheetnames[:3]] == ["n"] * 3
    with pytest.raises(DomainError, match="grew"):
        written([Column("n")], ([n] for n in range(25)), expected_rows=12)


def test_the_last_sheet_tells_filter_and_count():
    book = written([Column("n")], [[1], [2]], about=[("State", "=open"), ("By", "王")], expected_rows=2)
    assert list(book["Parameters"].values) == [
        ("Parameter", "Value"), ("State", "=open"), ("By", "王"), ("Rows", "2 of 2"),
    ]  # fmt: skip


def test_an_empty_table_still_has_its_headings():
    book = written([Column("a"), Column("b")], [])
    assert list(book["Tickets"].values) == [("a", "b")]


def test_headings_and_sheet_names_are_made_fit():
    assert unique_labels(["故障", "故障", "", "", "X", "x"]) == ["故障", "故障 (2)", "–", "– (2)", "X", "x (2)"]
    assert sheet_names("a/b:c*[d]?" + "e" * 40, 1) == ["a b c  d  eeeeeeeeeeeeeee"]
    assert sheet_names("'", 2) == ["Sheet", "Sheet 2"]
    assert sheet_names("Parameters", 1, reserved="Parameters") == ["Parameters 1"]
    book = written([Column("n"), Column("n")], [[1, 2]])
    assert list(book["Tickets"].values) == [("n", "n (2)"), (1, 2)]


def test_memory_stays_flat(tmp_path: Path):
    def rows(count: int) -> Iterator[list[Any]]:
        return ([n, f"客户 {n}", Decimal(n)] for n in range(count))

    peaks = []
    for count in (2_000, 20_000):
        tracemalloc.start()
        write_workbook(tmp_path / "x.xlsx", [Column("a"), Column("b"), Column("c")], rows(count), sheet="x")
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] * 1.5 + 100_000


def test_an_error_in_the_rows_comes_through(tmp_path: Path):
    def rows() -> Iterator[list[int]]:
        yield [1]
        raise LookupError("gone")

    with pytest.raises(LookupError, match="gone"):
        write_workbook(tmp_path / "x.xlsx", [Column("a")], rows(), sheet="x")


def test_the_file_is_a_plain_workbook(tmp_path: Path):
    write_workbook(tmp_path / "x.xlsx", [Column("a")], [["=1"]], sheet="x")
    names = ZipFile(tmp_path / "x.xlsx").namelist()
    assert not [name for name in names if "vba" in name.lower() or "external" in name.lower()]
    assert b"<f>" not in ZipFile(tmp_path / "x.xlsx").read("xl/worksheets/sheet1.xml")


def test_a_writer_that_finds_no_room_for_its_own_files_says_so_and_ends_nothing():
    """Left alone it panics, and a panic passes every `except Exception` between it and the end of the process."""
    rows = ([f"文字 {number}" * 4, "x" * 40] for number in range(30_000))
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, before[1]))
    try:
        with pytest.raises(OSError, match="xml file"):
            write_workbook(io.BytesIO(), [Column("a"), Column("b")], rows, sheet="Tickets")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_what_goes_wrong_with_the_rows_is_told_as_it_is(monkeypatch):
    def broken():
        yield ["a"]
        raise LookupError("no such row")

    monkeypatch.setattr(workbook, "_SAMPLE", 1)
    with pytest.raises(LookupError, match="no such row"):
        write_workbook(io.BytesIO(), [Column("a")], broken(), sheet="Tickets")
