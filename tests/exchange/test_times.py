"""Times, lengths and days through a workbook and back: typed cells out, the same answers in, days without an hour."""

import io
from datetime import date, datetime, time, timedelta

import openpyxl
import pytest

from app.exchange.reader import SourceRow
from app.exchange.reader.table import day_or_more
from app.exchange.results import write_outcomes
from app.exchange.workbook import INSTANT, Column, write_workbook
from tests.factories.field_types import bound, context
from views.imports.columns import _written


@pytest.mark.parametrize(("name", "value"), [("time", "08:05"), ("duration", 45), ("duration", 1805)])
def test_what_a_workbook_shows_of_a_time_comes_back_as_it_was(name, value):
    ftype, target = bound(name), io.BytesIO()
    write_workbook(target, [Column("x", ftype.excel_format)], [[ftype.to_excel(value, context())]], sheet="s")
    cell = openpyxl.load_workbook(target)["s"]["A2"]
    assert cell.data_type == "d"
    assert ftype.from_excel(cell.value, context()) == value


def test_instants_of_fields_look_like_those_of_the_ticket():
    assert bound("datetime").excel_format == INSTANT


def test_a_day_of_a_spreadsheet_is_no_instant_at_midnight():
    assert day_or_more(datetime(2026, 10, 2)) == date(2026, 10, 2)  # noqa: DTZ001
    assert _written(day_or_more(datetime(2026, 10, 2))) == "2026-10-02"  # noqa: DTZ001
    assert _written(day_or_more(datetime(2026, 10, 2, 8, 30))) == "2026-10-02 08:30"  # noqa: DTZ001
    assert [_written(one) for one in (None, "x", timedelta(minutes=90), time(8, 5))] == ["", "x", "1:30", "08:05:00"]


class Two:
    """A table of two rows."""

    headings = ("日期",)

    def rows(self):
        yield from (SourceRow(number, (datetime(2026, 10, number),)) for number in (1, 2))  # noqa: DTZ001


def test_the_workbook_of_what_became_of_rows_shows_days():
    target = io.BytesIO()
    write_outcomes(target, Two(), {}, locale="en")
    assert openpyxl.load_workbook(target)["Rows"]["A2"].number_format == "yyyy-mm-dd"
