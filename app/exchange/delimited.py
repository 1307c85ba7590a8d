"""CSV out: UTF-8 with a byte order mark, so that Excel reads Chinese right, and safe to open in a spreadsheet.

A *text* that a spreadsheet would take for a formula (it begins with ``= + - @``, their full-width forms, TAB, CR or
LF) gets an apostrophe in front; numbers, dates and ordinary texts stay as they are. `unescaped` takes that
apostrophe off again, and our reader does, so a file goes out and comes back unchanged.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time
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
    """Return ``value`` as text: dates as ISO, numbers without grouping, yes and no as TRUE and FALSE."""
    if isinstance(value, str):
        return escaped(value)
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, datetime):
        return value.isoformat(" ", "minutes")
    if isinstance(value, (date, time)):
        return value.isoformat()
    if isinstance(value, (int, Decimal)):
        return format(value, "f") if isinstance(value, Decimal) else str(value)
    raise TypeError(f"no cell can hold a {type(value).__name__}")


def escaped(text: str) -> str:
    """Return ``text`` with an apostrophe in front where a spreadsheet would calculate it."""
    return "'" + text if text.startswith(FORMULA_STARTS) else text


def unescaped(text: str) -> str:
    """Return ``text`` without the apostrophe `escaped` put in front of it."""
    return text[1:] if text.startswith("'") and text[1:].startswith(FORMULA_STARTS) else text


def _drained(buffer: io.StringIO) -> bytes:
    piece = buffer.getvalue().encode("utf-8", "replace")
    buffer.seek(0)
    buffer.truncate()
    return piece
