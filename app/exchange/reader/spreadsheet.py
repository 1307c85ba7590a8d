"""The first visible sheet of an .xlsx workbook, streamed by openpyxl after the archive was checked."""

import re
import warnings
import zlib
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from math import isfinite
from pathlib import Path
from typing import Any, Final
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile, ZipFile

from defusedxml import DefusedXmlException
from openpyxl import DEFUSEDXML, load_workbook
from openpyxl.utils import range_boundaries
from openpyxl.utils.escape import unescape
from openpyxl.utils.exceptions import InvalidFileException

from app.core.errors import DomainError
from app.core.i18n import _
from app.exchange.reader.archive import broken, check_archive
from app.exchange.reader.table import MOST_ROWS, SourceRow, checked_headings, shaped

if not DEFUSEDXML:
    raise RuntimeError("openpyxl must parse with defusedxml: unset OPENPYXL_DEFUSEDXML")

#: What openpyxl raises over a file that is not as the standard says.
_BROKEN: Final = (BadZipFile, zlib.error, EOFError, ParseError, DefusedXmlException, InvalidFileException,
                  KeyError, ValueError, TypeError, IndexError, AttributeError)  # fmt: skip
_MERGED: Final = re.compile(rb"<(?:\w+:)?mergeCell\s[^>]*?ref=\"([A-Z]{1,3}\d{1,7}:[A-Z]{1,3}\d{1,7})\"")
#: The number of a row, where it has digits enough to lie beyond the last one.
_FAR_ROW: Final = re.compile(rb"<(?:\w+:)?row\s[^>]*?\br\s*=\s*[\"']0*(\d{7,})")
MOST_MERGED: Final = 50_000
#: The headings and the rows below them.
LAST_ROW: Final = MOST_ROWS + 1
_DIGITS: Final = len(str(LAST_ROW))
_BLOCK: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class _Merged:
    """Cells shown as one; the value stands in the first. Columns count from 0, rows from 1."""

    first_row: int
    last_row: int
    first_column: int
    last_column: int


class SpreadsheetTable:
    """An .xlsx workbook's first visible sheet. A merged cell counts for every row and column it covers."""

    def __init__(self, path: Path) -> None:
        check_archive(path)
        self.path = path
        with _opened(path) as book:
            sheet = next((one for one in book.worksheets if one.sheet_state == "visible"), None)
            if sheet is None:
                raise DomainError(_("The workbook has no visible sheet."), code="no_sheet")
            self.sheet: str = sheet.title
            # openpyxl names the part of a sheet only privately.
            self.merged = _merged_cells(path, sheet._worksheet_path)  # noqa: SLF001
            first = next(_filled(sheet), None)
        self.header_row = first[0] if first else 0
        self.headings = checked_headings(first[1] if first else ())

    def rows(self) -> Iterator[SourceRow]:
        with _opened(self.path) as book:
            for number, cells in self._unmerged(_filled(book[self.sheet])):
                if row := shaped(number, cells, len(self.headings)):
                    yield row

    def _unmerged(self, rows: Iterator[tuple[int, list[Any]]]) -> Iterator[tuple[int, list[Any]]]:
        """Yield the rows below the headings, the value of a merged cell in each cell it covers."""
        below = (one for one in self.merged if one.last_row > self.header_row)
        waiting = deque(sorted(below, key=lambda one: one.first_row))
        covering: list[tuple[_Merged, Any]] = []
        for number, cells in rows:
            if number <= self.header_row:
                continue
            while waiting and waiting[0].first_row <= number:
                merged = waiting.popleft()
                # The value stands in the first cell; where that row is missing, there is none.
                starts_here = merged.first_row == number and merged.first_column < len(cells)
                covering.append((merged, cells[merged.first_column] if starts_here else None))
            if covering:
                covering = [(one, value) for one, value in covering if one.last_row >= number]
            yield number, _spread(cells, covering, len(self.headings)) if covering else cells


def _filled(sheet: Any) -> Iterator[tuple[int, list[Any]]]:
    """Yield the rows that hold anything, with their numbers."""
    # A file may claim any size; what counts are the cells that are there.
    sheet.reset_dimensions()
    for number, values in enumerate(_quiet(sheet.iter_rows(values_only=True)), 1):
        # Rows that are not there come as empty ones: a number without end would be counted up to for ever.
        if number > LAST_ROW:
            raise _beyond()
        if values:
            cells = [_cell(value) for value in values]
            if any(cell is not None for cell in cells):
                yield number, cells


def _beyond() -> DomainError:
    message = _(
        "The sheet names a row beyond %(limit)s, the last of a workbook. Open it in Excel and save it again.",
        limit=LAST_ROW,
    )
    return DomainError(message, code="too_long")


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    # Opened by us: openpyxl would judge a path by its ending.
    with path.open("rb") as file:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                book = load_workbook(file, read_only=True, data_only=True, keep_links=False)
        except _BROKEN:
            raise broken() from None
        try:
            yield book
        finally:
            book.close()


def _quiet(rows: Iterator[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
    """Yield rows without openpyxl's warnings (a date out of range reads ``#VALUE!``), its errors as refusals."""
    while True:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                row = next(rows)
        except StopIteration:
            return
        except _BROKEN:
            raise broken() from None
        yield row


def _cell(value: Any) -> Any:
    """Return the value in a type `SourceRow` allows; a blank text is no value."""
    if isinstance(value, str):
        if not value.strip():
            return None
        # Excel writes what XML cannot hold as _xHHHH_; half of a surrogate pair is no text.
        return unescape(value).encode("utf-8", "replace").decode() if "_x" in value else value
    if isinstance(value, float):
        if not isfinite(value):
            return str(value)
        return int(value) if value.is_integer() else Decimal(repr(value))
    return value


def _merged_cells(path: Path, part: str) -> list[_Merged]:
    """Return the merged ranges of a sheet, which the streaming parser does not tell; refuse rows beyond the last."""
    ranges: list[_Merged] = []
    tail = b""
    with ZipFile(path) as archive, archive.open(part) as file:
        while block := file.read(_BLOCK):
            data = tail + block
            end = 0
            # Told here at once; a tag this misses is met by the count of `_filled`.
            if any(len(far) > _DIGITS or int(far) > LAST_ROW for far in _FAR_ROW.findall(data)):
                raise _beyond()
            for found in _MERGED.finditer(data):
                end = found.end()
                left, top, right, bottom = range_boundaries(found[1].decode())
                ranges.append(_Merged(top or 1, bottom or 1, (left or 1) - 1, (right or 1) - 1))
                if len(ranges) > MOST_MERGED:
                    raise DomainError(_("The sheet has too many merged cells. Unmerge them."), code="merged")
            tail = data[max(end, len(data) - 200) :]
    return ranges


def _spread(cells: list[Any], open_ranges: list[tuple[_Merged, Any]], width: int) -> list[Any]:
    spread = cells + [None] * (width - len(cells))
    for merged, value in open_ranges:
        for column in range(merged.first_column, min(merged.last_column + 1, len(spread))):
            if spread[column] is None:
                spread[column] = value
    return spread
