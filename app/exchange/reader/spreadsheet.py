"""The first visible sheet of an .xlsx workbook, read after the archive was checked.

openpyxl tells the sheets and the formats; the cells, which are many, are streamed by `cells`.
"""

import re
import warnings
import zlib
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from xml.etree.ElementTree import ParseError
from xml.parsers.expat import ExpatError
from zipfile import BadZipFile, ZipFile

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring
from openpyxl import DEFUSEDXML
from openpyxl.reader.excel import ExcelReader
from openpyxl.styles.stylesheet import Stylesheet
from openpyxl.utils import range_boundaries
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.xml.constants import SHARED_STRINGS

from app.core.errors import DomainError
from app.core.i18n import _
from app.exchange.reader.archive import broken, check_archive
from app.exchange.reader.cells import read_rows, read_texts
from app.exchange.reader.table import MOST_ROWS, SourceRow, checked_headings, shaped
from app.exchange.reader.values import Formats

if not DEFUSEDXML:
    raise RuntimeError("openpyxl must parse with defusedxml: unset OPENPYXL_DEFUSEDXML")

#: What openpyxl and expat raise over a file that is not as the standard says.
_BROKEN: Final = (BadZipFile, zlib.error, EOFError, ParseError, ExpatError, DefusedXmlException, InvalidFileException,
                  KeyError, ValueError, TypeError, IndexError, AttributeError)  # fmt: skip
_STYLES: Final = "xl/styles.xml"
# Both begin with plain letters, which are looked for faster than the `<` of every tag.
_MERGED: Final = re.compile(rb"mergeCell\s[^>]*?ref=\"([A-Z]{1,3}\d{1,7}:[A-Z]{1,3}\d{1,7})\"")
#: The number of a row, where it has digits enough to lie beyond the last one.
_FAR_ROW: Final = re.compile(rb"row\s[^<>]*?\br\s*=\s*[\"']0*(\d{7,})")
#: What stands before the name of a tag.
_OPENED: Final = re.compile(rb"<(?:\w+:)?\Z")
_LONGEST_PREFIX: Final = 40
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


@dataclass(frozen=True, slots=True)
class _Book:
    """What has to be known before the cells of a sheet can be read."""

    sheet: str
    #: Name of the sheet's part in the archive.
    part: str
    texts: list[str | None]
    formats: Formats


class SpreadsheetTable:
    """An .xlsx workbook's first visible sheet. A merged cell counts for every row and column it covers."""

    def __init__(self, path: Path) -> None:
        check_archive(path)
        self.path = path
        with _told():
            self._book = _book(path)
        self.sheet = self._book.sheet
        self.merged = _merged_cells(path, self._book.part)
        first = next(self._filled(), None)
        self.header_row = first[0] if first else 0
        self.headings = checked_headings(first[1] if first else ())

    def rows(self) -> Iterator[SourceRow]:
        for number, cells in self._unmerged(self._filled()):
            if row := shaped(number, cells, len(self.headings)):
                yield row

    def _filled(self) -> Iterator[tuple[int, list[Any]]]:
        """Yield the rows that hold anything, with their numbers."""
        last = 0
        with _told(), ZipFile(self.path) as archive, archive.open(self._book.part) as file:
            for number, values in read_rows(file, self._book.texts, self._book.formats, self.sheet):
                if number > LAST_ROW:
                    raise _beyond()
                # What comes again after rows below it is not shown by any program either.
                if number > last and values:
                    last = number
                    if values.count(None) < len(values):
                        yield number, values

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


def _beyond() -> DomainError:
    message = _(
        "The sheet names a row beyond %(limit)s, the last of a workbook. Open it in Excel and save it again.",
        limit=LAST_ROW,
    )
    return DomainError(message, code="too_long")


@contextmanager
def _told() -> Iterator[None]:
    """Turn what is raised over a broken file into a refusal."""
    try:
        yield
    except _BROKEN:
        raise broken() from None


def _book(path: Path) -> _Book:
    with warnings.catch_warnings(), path.open("rb") as file:
        warnings.simplefilter("ignore")
        # Opened by us: openpyxl would judge a path by its ending.
        reader: Any = ExcelReader(file, read_only=True, data_only=True, keep_links=False)
        reader.read_manifest()
        reader.read_workbook()
        sheets = [
            (sheet.name, rel.target)
            for sheet, rel in reader.parser.find_sheets()
            if sheet.state == "visible" and rel.target in reader.valid_files and "chartsheet" not in rel.Type
        ]
        if not sheets:
            raise DomainError(_("The workbook has no visible sheet."), code="no_sheet")
        shared = reader.package.find(SHARED_STRINGS)
        texts: list[str | None] = []
        if shared is not None:
            with reader.archive.open(shared.PartName[1:]) as part:
                texts = read_texts(part)
        return _Book(*sheets[0], texts, _formats(reader))


def _formats(reader: Any) -> Formats:
    """Return the formats of a workbook; one without styles shows no dates."""
    if _STYLES not in reader.valid_files:
        return Formats(frozenset(), frozenset(), reader.wb.epoch)
    stylesheet: Any = Stylesheet
    styles = stylesheet.from_tree(fromstring(reader.archive.read(_STYLES)))
    dates, durations = (frozenset(map(str, one)) for one in (styles.date_formats, styles.timedelta_formats))
    return Formats(dates, durations, reader.wb.epoch)


def _merged_cells(path: Path, part: str) -> list[_Merged]:
    """Return the merged ranges of a sheet, which the streaming parser does not tell; refuse rows beyond the last."""
    ranges: list[_Merged] = []
    tail = b""
    with ZipFile(path) as archive, archive.open(part) as file:
        while block := file.read(_BLOCK):
            data = tail + block
            end = 0
            # Told here at once; a tag this misses is met by the count of `_filled`.
            if any(len(far[1]) > _DIGITS or int(far[1]) > LAST_ROW for far in _tags(_FAR_ROW, data)):
                raise _beyond()
            for found in _tags(_MERGED, data):
                end = found.end()
                left, top, right, bottom = range_boundaries(found[1].decode())
                ranges.append(_Merged(top or 1, bottom or 1, (left or 1) - 1, (right or 1) - 1))
                if len(ranges) > MOST_MERGED:
                    raise DomainError(_("The sheet has too many merged cells. Unmerge them."), code="merged")
            tail = data[max(end, len(data) - 200) :]
    return ranges


def _tags(name: re.Pattern[bytes], data: bytes) -> Iterator[re.Match[bytes]]:
    """Yield where ``name`` is met as a tag."""
    for found in name.finditer(data):
        start = found.start()
        if _OPENED.search(data, max(0, start - _LONGEST_PREFIX), start):
            yield found


def _spread(cells: list[Any], open_ranges: list[tuple[_Merged, Any]], width: int) -> list[Any]:
    spread = cells + [None] * (width - len(cells))
    for merged, value in open_ranges:
        for column in range(merged.first_column, min(merged.last_column + 1, len(spread))):
            if spread[column] is None:
                spread[column] = value
    return spread
