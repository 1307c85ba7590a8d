import csv
import io
from datetime import date, datetime, time, timedelta
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.exchange.delimited import csv_cell, csv_stream, escaped, unescaped


def read_back(pieces: list[bytes]) -> list[list[str]]:
    text = b"".join(pieces).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline="")))


def test_the_file_begins_with_a_mark_and_reads_back():
    pieces = list(csv_stream(["编号", "说明", "说明"], [[1, 'a "b", c\nd', None], [Decimal("1.50"), "-x", True]]))
    assert pieces[0] == b"\xef\xbb\xbf"
    assert read_back(pieces) == [
        ["编号", "说明", "说明 (2)"],
        ["1", 'a "b", c\nd', ""],
        ["1.50", "'-x", "TRUE"],
    ]


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@x", "\tx", "\rx", "\nx", "＝1", "＠x"])
def test_formulas_are_defused(text: str):
    assert csv_cell(text) == "'" + text


@pytest.mark.parametrize(("value", "text"), [
    (-5, "-5"), (Decimal("-1E+2"), "-100"), (date(1, 1, 1), "0001-01-01"), (time(8, 5), "08:05"),
    (time(8, 5, 7), "08:05:07"),
    (timedelta(hours=30, minutes=5), "30:05"), (datetime(2026, 11, 21, 16, 30, 5), "2026-11-21 16:30:05"),  # noqa: DTZ001
    (datetime(2026, 11, 21, 16, 30), "2026-11-21 16:30"), (False, "FALSE"), ("'a", "'a"), ("", ""),  # noqa: DTZ001
])  # fmt: skip
def test_values(value: object, text: str):
    assert csv_cell(value) == text


@given(st.text())
@example("'=1+1")
@example("''-5")
def test_what_goes_out_comes_back(text: str):
    assert unescaped(escaped(text)) == text


def test_what_another_program_defused_is_read_without_its_apostrophe():
    assert [unescaped(text) for text in ("'-5", "'a", "'", "-5")] == ["-5", "'a", "'", "-5"]


def test_a_large_file_streams():
    pieces = csv_stream(["n"], ([n] for n in range(10**9)))
    assert sum(len(next(pieces)) for _ in range(4)) < 10_000
