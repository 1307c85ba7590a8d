"""CSV: UTF-8, UTF-16 or GB 18030 by content, the delimiter told from the first line."""

import codecs
import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from app.core.errors import DomainError
from app.core.i18n import _
from app.exchange.delimited import unescaped
from app.exchange.reader.table import MOST_ROWS, SourceRow, checked_headings, shaped, too_many_rows

_MARKS: Final = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_DELIMITERS: Final = (",", "\t", ";", "|")
_BLOCK: Final = 1 << 20


class DelimitedTable:
    """A CSV file. The whole of it is decoded once when it is opened, so that a wrong byte is told before any row."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.sheet = ""
        self.encoding = _encoding(path)
        self.delimiter = self._delimiter()
        first = next(self._records(), None)
        self.headings = checked_headings(first[1] if first else ())

    def rows(self) -> Iterator[SourceRow]:
        records = self._records()
        next(records, None)
        for count, (number, record) in enumerate(records):
            if count >= MOST_ROWS:
                raise too_many_rows()
            row = shaped(number, [unescaped(cell) if cell.strip() else None for cell in record], len(self.headings))
            if row:
                yield row

    def _records(self) -> Iterator[tuple[int, list[str]]]:
        """Yield each record that is not blank, with its number: the heading is 1, as a spreadsheet would show it."""
        with self.path.open(encoding=self.encoding, newline="") as file:
            reader = csv.reader(file, delimiter=self.delimiter)
            number = 0
            try:
                for record in reader:
                    number += 1
                    if any(cell.strip() for cell in record):
                        yield number, record
            except csv.Error:
                message = _(
                    "The file cannot be read at line %(line)s: a quotation mark may be missing before it.",
                    line=reader.line_num,
                )
                raise DomainError(message, code="broken") from None

    def _delimiter(self) -> str:
        """Return the delimiter that stands most often outside quotation marks in the first line that has text."""
        with self.path.open(encoding=self.encoding, newline="") as file:
            line = next((line for line in file if line.strip()), "")
        bare = "".join(part for index, part in enumerate(line.split('"')) if index % 2 == 0)
        return max(_DELIMITERS, key=bare.count)


def _encoding(path: Path) -> str:
    """Return the first encoding that decodes all of the file; refuse what is no text at all."""
    with path.open("rb") as file:
        head = file.read(4)
    marked = next((encoding for mark, encoding in _MARKS if head.startswith(mark)), None)
    for encoding in (marked,) if marked else ("utf-8", "gb18030"):
        if _decodes(path, encoding):
            return encoding
    raise DomainError(_("The text of the file is in an unknown encoding. Save it as “CSV UTF-8”."), code="encoding")


def _decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    with path.open("rb") as file:
        while True:
            block = file.read(_BLOCK)
            try:
                text = decoder.decode(block, final=not block)
            except UnicodeDecodeError:
                return False
            if "\x00" in text:
                raise DomainError(_("This is not a table. Upload an Excel (.xlsx) or CSV file."), code="not_a_table")
            if not block:
                return True
