"""CSV out: UTF-8 with a byte order mark, so that Excel reads Chinese right, and safe to open in a spreadsheet.

A *text* that a spreadsheet would take for a formula (it begins with ``= + - @``, their full-width forms, TAB, CR or
LF) gets an apostrophe in front; numbers, dates and ordinary texts stay as they are. `unescaped` takes that
apostrophe off again, and our reader does. A text that begins with apostrophes and such a sign gets one more, so a file
goes out and comes back unchanged.
"""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final

from app.exchange.workbook import unique_labels

FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_BOM: Final = b"\xef\xbb\xbf"
#: Rows encoded at once: large enough to be fast, small enough to stream.
_BATCH: Final = 500


def csv_stream(labels: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    """Yield the file piece by piece; memory does not grow with the rows."""
    yield _BOM
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow([escaped(label) for label in unique_labels(labels)])
    pending = 1
    for row in rows:
        writer.writerow([csv_cell(value) for value in row])
        pending += 1
        if pending >= _BATCH:
            yield _drained(buffer)
            pending = 0
    if pending:
        yield _drained(buffer)


def csv_cell(value: Any) -> str:
    """Return ``value`` as text: dates and times as ISO, lengths as hours and minutes, plain numbers, TRUE and FALSE."""
    if value is None:
        return ""
    for kind, written in _WRITTEN:
        if isinstance(value, kind):
            return written(value)
    raise TypeError(f"no cell can hold a {type(value).__name__}")


def escaped(text: str) -> str:
    """Return ``text`` with an apostrophe in front where a spreadsheet would calculate it, or a reader take one off."""
    return "'" + text if _is_formula(text) else text


def unescaped(text: str) -> str:
    """Return ``text`` without the apostrophe `escaped` put in front of it."""
    return text[1:] if text.startswith("'") and _is_formula(text) else text


def _is_formula(text: str) -> bool:
    return text.lstrip("'").startswith(FORMULA_STARTS)


def _moment(value: datetime) -> str:
    return value.isoformat(" ", "seconds" if value.second else "minutes")


def _length(value: timedelta) -> str:
    hours, minutes = divmod(round(value.total_seconds() / 60), 60)
    return f"{hours}:{minutes:02}"


#: What is written how; of classes that are each other's, the narrower first.
_WRITTEN: Final[Sequence[tuple[type, Callable[[Any], str]]]] = (
    (str, escaped),
    (bool, lambda value: "TRUE" if value else "FALSE"),
    (datetime, _moment),
    (date, date.isoformat),
    (time, lambda value: value.isoformat("seconds" if value.second else "minutes")),
    (timedelta, _length),
    (Decimal, lambda value: format(value, "f")),
    (int, str),
)


def _drained(buffer: io.StringIO) -> bytes:
    piece = buffer.getvalue().encode("utf-8", "replace")
    buffer.seek(0)
    buffer.truncate()
    return piece
