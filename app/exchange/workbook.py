"""Excel workbooks out: the fastest bounded-memory writer behind one small door.

A text is always stored as text, whatever it begins with, and its cell carries the quote prefix, so that editing it
in Excel does not turn it into a formula either. What Excel cannot hold exactly is written as text rather than
changed: numbers of more than 15 digits, dates before 1900. A text longer than a cell is cut, visibly.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import chain, islice
from pathlib import Path
from types import NoneType
from typing import Any, BinaryIO, Final

from rustpy_xlsxwriter import Format, write_worksheets

from app.core.errors import DomainError
from app.core.i18n import DEFAULT_LOCALE, _

#: Rows of data on one sheet; its first row is the header.
SHEET_ROWS: Final = 1_048_575
LONGEST_TEXT: Final = 32_767
CUT: Final = " …"
#: Doubles, which is what Excel counts in, hold this many digits exactly.
EXACT_DIGITS: Final = 15
FIRST_YEAR: Final = 1900
#: Where the writer's own panics come from. They are no `Exception`, so that one would end a whole process.
_PANICS: Final = "pyo3_runtime"
#: Rows whose values tell whether a column is one of dates.
_SAMPLE: Final = 200

GENERAL: Final = "General"
INSTANT: Final = "yyyy-mm-dd hh:mm"
DAY: Final = "yyyy-mm-dd"

HEADER: Final = "#E9EEF5"


class Conversions(dict[type, Callable[[Any], Any]]):
    """How each type becomes a cell; a type that is not named becomes what its base becomes."""

    def __missing__(self, kind: type) -> Callable[[Any], Any]:
        convert = next((made for base, made in [*self.items()] if issubclass(kind, base)), None)
        if convert is None:
            raise TypeError(f"no cell can hold a {kind.__name__}")
        self[kind] = convert
        return convert


_FORBIDDEN: Final = str.maketrans(dict.fromkeys("[]:*?/\\", " "))


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: its heading, the Excel number format of its cells, and its width in characters."""

    label: str
    format: str = GENERAL
    width: float = 16


def write_workbook(
    target: Path | BinaryIO,
    columns: Sequence[Column],
    rows: Iterable[Sequence[Any]],
    *,
    sheet: str,
    about: Iterable[tuple[str, str]] = (),
    expected_rows: int = 0,
    locale: str = DEFAULT_LOCALE,
) -> int:
    """Write ``rows`` (one value a column, in order) and a last sheet that says what they are; return how many.

    ``about`` are lines of that last sheet: the filter, who, when. ``expected_rows`` tells how many sheets to lay
    out: rows past a sheet's end go to the next one. Memory does not grow with the rows, so pass a generator.
    A column without a format whose first cells are dates is a column of dates.
    """
    headings = unique_labels([column.label for column in columns])
    waiting = iter(rows)
    sample = list(islice(waiting, _SAMPLE))
    columns = [_typed(column, [row[place] for row in sample]) for place, column in enumerate(columns)]
    source = _Counted(chain(sample, waiting))
    last = _("Parameters").in_(locale)
    names = sheet_names(sheet, expected_rows // SHEET_ROWS + 1, reserved=last)
    cells = list(zip(headings, map(_conversions, columns), strict=True))
    sheets: list[tuple[str, Iterable[dict[str, Any]]]] = [
        (name, _records(cells, source, empty_row=index == 0)) for index, name in enumerate(names)
    ]
    sheets.append((last, _about(about, source, expected_rows, locale)))
    formats = {name: dict(zip(headings, map(_format, columns), strict=True)) for name in names}
    widths: dict[str, Any] = {name: [column.width for column in columns] for name in names}
    with _told_by_the_writer():
        write_worksheets(
            sheets,
            str(target) if isinstance(target, Path) else target,
            freeze_panes={"general": {"row": 1, "col": 0}},
            header_format=dict.fromkeys((*names, last), _header()),
            column_formats=formats, column_widths=widths | {last: [28, 80]}, autofilter=dict.fromkeys(names, True),
        )  # fmt: skip
    if next(source, None) is not None:
        raise DomainError(_("The list grew while it was exported. Export it again."), code="grew")
    return source.count


@contextmanager
def _told_by_the_writer() -> Iterator[None]:
    """Make an OSError of what the writer says when it cannot write: of its scratch files, it panics."""
    try:
        yield
    except BaseException as error:
        if type(error).__module__ == _PANICS or (type(error) is RuntimeError and "Temporary file" in str(error)):
            raise OSError(str(error)) from error
        raise


def cell(value: Any) -> Any:
    """Return ``value`` as Excel can hold it without changing its meaning."""
    return _CELLS[type(value)](value)


def hours(value: timedelta) -> str:
    """Return a length of time as a spreadsheet shows it, however many days it is: 30:00, 0:00:15."""
    minutes, seconds = divmod(round(value.total_seconds()), 60)
    return f"{minutes // 60}:{minutes % 60:02}" + (f":{seconds:02}" if seconds else "")


def unique_labels(labels: Sequence[str]) -> list[str]:
    """Return the headings with repeated ones told apart: ``Fault``, ``Fault (2)``."""
    seen: set[str] = set()
    unique = []
    for label in labels:
        name, number = label or "–", 1
        while name.casefold() in seen:
            number += 1
            name = f"{label or '–'} ({number})"
        seen.add(name.casefold())
        unique.append(name)
    return unique


def sheet_names(name: str, count: int, *, reserved: str = "") -> list[str]:
    """Return ``count`` names Excel accepts: short, without brackets, slashes and the like, no apostrophe at an end."""
    clean = _text(name).translate(_FORBIDDEN).strip(" '")[:25] or "Sheet"
    if clean.casefold() in {reserved.casefold(), "history"}:
        clean += " 1"
    return [clean if number == 1 else f"{clean} {number}" for number in range(1, count + 1)]


class _Counted(Iterator[Sequence[Any]]):
    """The rows, and how many of them were taken."""

    def __init__(self, rows: Iterator[Sequence[Any]]) -> None:
        self.rows = rows
        self.count = 0

    def __next__(self) -> Sequence[Any]:
        row = next(self.rows)
        self.count += 1
        return row


def _records(
    cells: Sequence[tuple[str, Conversions]], source: _Counted, *, empty_row: bool
) -> Iterator[dict[str, Any]]:
    """Yield one sheet's rows; a table without rows still shows its headings."""
    written = False
    for row in islice(source, SHEET_ROWS):
        written = True
        yield {heading: known[type(value)](value) for (heading, known), value in zip(cells, row, strict=True)}
    if not written and empty_row:
        yield {heading: None for heading, _known in cells}


def _typed(column: Column, sample: Iterable[Any]) -> Column:
    """Return the column with the format of its first cells, where it has none and they are dates."""
    kinds = {type(value) for value in sample if value is not None}
    if column.format != GENERAL or not kinds or not kinds <= {date, datetime}:
        return column
    return replace(column, format=INSTANT if datetime in kinds else DAY)


def _conversions(column: Column) -> Conversions:
    """Return how the values of a column become cells: the writer gives all dates of a column one type."""
    if column.format == GENERAL:
        return Conversions(_CELLS | {datetime: _written, date: date.isoformat})
    if "h" in column.format:
        timed = {date: lambda value: _instant(datetime.combine(value, time())), time: _share, timedelta: _length}
        return Conversions(_CELLS | timed)
    return Conversions(_CELLS | {datetime: _written})


def _share(value: time) -> float:
    """Return a time of day as spreadsheets count it: its share of a day."""
    return _length(timedelta(hours=value.hour, minutes=value.minute, seconds=value.second))


def _length(value: timedelta) -> float:
    return value / timedelta(days=1)


def _written(value: datetime) -> str:
    return value.isoformat(" ", "minutes")


def _about(about: Iterable[tuple[str, str]], source: _Counted, expected: int, locale: str) -> Iterator[dict[str, Any]]:
    """Yield the lines of the last sheet; it is written when the rows are, so it knows how many they were."""
    name, value = _("Parameter").in_(locale), _("Value").in_(locale)
    for key, text in about:
        yield {name: _text(key), value: _text(text)}
    rows = _("%(written)s of %(total)s", written=source.count, total=max(expected, source.count))
    yield {name: _("Rows").in_(locale), value: rows.in_(locale)}


def _header() -> Format:
    return Format().set_bold().set_background_color(HEADER).set_border_bottom("thin")


def _format(column: Column) -> Format:
    if column.format == GENERAL:
        return Format().set_quote_prefix()
    return Format().set_num_format(column.format)


def _text(value: str) -> str:
    """Return a text that fits a cell: lone surrogates are no text, and a cell ends at 32,767 UTF-16 units."""
    if len(value) <= LONGEST_TEXT // 2 and _is_whole(value):
        return value
    units = value.encode("utf-16-le", "replace")
    if len(units) <= LONGEST_TEXT * 2:
        return units.decode("utf-16-le")
    return units[: (LONGEST_TEXT - len(CUT)) * 2].decode("utf-16-le", "ignore") + CUT


def _is_whole(value: str) -> bool:
    if value.isascii():
        return True
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _whole(value: int) -> Any:
    return value if abs(value) < 10**EXACT_DIGITS else str(value)


def _decimal(value: Decimal) -> Any:
    exact = value.is_finite() and len(value.as_tuple().digits) <= EXACT_DIGITS
    return value if exact else str(value)


def _instant(value: datetime) -> Any:
    if value.tzinfo is not None:
        raise ValueError("a cell shows local time: give a naive datetime in the company's zone")
    return value if value.year >= FIRST_YEAR else value.isoformat(" ", "minutes")


def _day(value: date) -> Any:
    return value if value.year >= FIRST_YEAR else value.isoformat()


#: How each type becomes a cell; a subclass stands before its base.
_CELLS: Final = Conversions(
    {
        str: _text,
        NoneType: lambda value: value,
        bool: lambda value: value,
        int: _whole,
        Decimal: _decimal,
        datetime: _instant,
        date: _day,
        time: lambda value: value.isoformat("minutes"),
        timedelta: hours,
    }
)
