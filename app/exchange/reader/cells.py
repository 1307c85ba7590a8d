"""The XML parts of a workbook that grow with its rows, streamed by expat.

openpyxl makes an element of every cell and an object of every text, which costs ten times as much as reading them.
A document type declaration is refused where it stands, so no entity is ever declared, let alone expanded.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import isfinite
from typing import IO, Any, Final
from xml.parsers import expat

from openpyxl.utils.datetime import ISO_DURATION, ISO_REGEX, from_excel, from_ISO8601

from app.exchange.reader import unreadable
from app.exchange.reader.table import column_letters
from app.exchange.reader.unreadable import Unreadable

_MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main "
_ROW: Final = f"{_MAIN}row"
_CELL: Final = f"{_MAIN}c"
_VALUE: Final = f"{_MAIN}v"
_INLINE: Final = f"{_MAIN}is"
_ITEM: Final = f"{_MAIN}si"
_TEXT: Final = f"{_MAIN}t"
_PHONETIC: Final = f"{_MAIN}rPh"
_COLUMN: Final = re.compile(r"([A-Z]{1,3})[0-9]+")
#: Few rows at a time, however wide they are.
_BLOCK: Final = 1 << 13
_BOOLEANS: Final = {"1": True, "0": False, "true": True, "false": False}
#: What a double can hold.
_MOST_DIGITS: Final = 308
#: XFD, the last column of a sheet.
LAST_COLUMN: Final = 16_384


@dataclass(frozen=True, slots=True)
class Formats:
    """What tells a date from a number: the styles that show dates or durations, and the day the book counts from."""

    dates: frozenset[str]
    durations: frozenset[str]
    epoch: datetime


def read_texts(file: IO[bytes]) -> list[str]:
    """Return the shared texts of a workbook, without their formats and their reading aids."""
    found: list[str] = []
    parts: list[str] = []
    phonetic = False
    parser, collect, collected = _parser()

    def start(name: str, _attributes: dict[str, str]) -> None:
        nonlocal phonetic
        if name == _TEXT and not phonetic:
            collect()
        elif name == _PHONETIC:
            phonetic = True

    def end(name: str) -> None:
        nonlocal phonetic
        if name == _TEXT and not phonetic:
            parts.append(collected())
        elif name == _PHONETIC:
            phonetic = False
        elif name == _ITEM:
            found.append("".join(parts))
            parts.clear()

    parser.StartElementHandler, parser.EndElementHandler = start, end
    for _block in _fed(parser, file):
        pass
    return found


def read_rows(
    file: IO[bytes], texts: Sequence[str], formats: Formats, sheet_name: str
) -> Iterator[tuple[int, list[Any]]]:
    """Yield each row that is there, with its number and its cells from the first column on.

    Values are str, bool, int, finite float, date, time, datetime, timedelta, or Unreadable where a cell does not hold
    what it says; ValueError where the rows and cells themselves are not as the standard says.
    """
    sheet = _Sheet(texts, formats, sheet_name)
    for _block in _fed(sheet.parser, file):
        yield from sheet.rows
        sheet.rows.clear()


class _Sheet:
    """The state of a sheet that is being read."""

    def __init__(self, texts: Sequence[str], formats: Formats, name: str) -> None:
        self.rows: list[tuple[int, list[Any]]] = []
        self._name = name
        self._texts = texts
        self._formats = formats
        self._columns: dict[str, int] = {}
        self._number = 0
        self._cells: list[Any] = []
        self._column = 0
        self._kind = "n"
        self._style = "0"
        self._inline: list[str] | None = None
        self._value = ""
        self.parser, self._collect, self._collected = _parser()
        self.parser.StartElementHandler, self.parser.EndElementHandler = self._start, self._end

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if name == _CELL:
            place = attributes.get("r")
            self._column = self._column_of(place) if place else self._column + 1
            if self._column > LAST_COLUMN:
                raise ValueError("a cell beyond the last column")
            self._kind = attributes.get("t", "n")
            self._style = attributes.get("s", "0")
            self._value = ""
        elif name == _VALUE or (name == _TEXT and self._inline is not None):
            self._collect()
        elif name == _ROW:
            number = attributes.get("r")
            self._number = int(number) if number else self._number + 1
            self._cells, self._column = [], 0
        elif name == _INLINE:
            self._inline = []
        elif name == _PHONETIC:
            self._inline = None

    def _end(self, name: str) -> None:
        if name == _VALUE:
            self._value = self._collected()
        elif name == _CELL:
            if self._value:
                missing = self._column - len(self._cells)
                if missing > 0:
                    self._cells.extend([None] * missing)
                self._cells[self._column - 1] = self._typed(self._value)
        elif name == _ROW:
            self.rows.append((self._number, self._cells))
        elif self._inline is not None:
            if name == _TEXT:
                self._inline.append(self._collected())
                self._value = "".join(self._inline)
            elif name == _INLINE:
                self._inline = None

    def _column_of(self, place: str) -> int:
        letters = place.rstrip("0123456789")
        column = self._columns.get(letters)
        if column is None:
            if not _COLUMN.fullmatch(place):
                raise ValueError(f"no cell is called {place[:20]}")
            column = 0
            for letter in letters:
                column = column * 26 + ord(letter) - ord("A") + 1
            self._columns[letters] = column
        return column

    def _typed(self, value: str) -> Any:
        kind = self._kind
        if kind == "s":
            return self._shared(value)
        if kind == "n":
            number = _number(value)
            if number is not None and self._style in self._formats.dates:
                return self._moment(number, value)
            return self._unreadable(unreadable.NO_NUMBER, value) if number is None else number
        if kind == "d":
            return self._iso(value)
        if kind == "b":
            truth = _BOOLEANS.get(value.strip())
            return self._unreadable(unreadable.NO_BOOLEAN, value) if truth is None else truth
        return self._unreadable(unreadable.FORMULA_ERROR, value) if kind == "e" else value

    def _shared(self, value: str) -> Any:
        try:
            place = int(value)
            if place >= 0:
                return self._texts[place]
        except (ValueError, IndexError):
            pass
        return self._unreadable(unreadable.NO_TEXT, value)

    def _moment(self, number: float, value: str) -> Any:
        """Return the date or duration a number is shown as; Excel shows none below zero nor after the year 9999."""
        try:
            if number >= 0:
                return from_excel(number, self._formats.epoch, timedelta=self._style in self._formats.durations)
        except (OverflowError, ValueError):
            pass
        return self._unreadable(unreadable.NO_DAY, value)

    def _iso(self, value: str) -> Any:
        read: Any = from_ISO8601
        try:
            if ISO_REGEX.fullmatch(value) or ISO_DURATION.fullmatch(value):
                return read(value)
        except (OverflowError, ValueError):
            pass
        return self._unreadable(unreadable.NO_DATE, value)

    def _unreadable(self, kind: str, value: str) -> Unreadable:
        return Unreadable(kind, f"{self._name}!{column_letters(self._column)}{self._number}", value)


def _number(value: str) -> float | None:
    """Return the number a program wrote; None for NaN, digits without end and what no double holds."""
    try:
        number = float(value) if "." in value or "e" in value or "E" in value else int(value)
    except ValueError:
        return None
    return number if (len(value) < _MOST_DIGITS if type(number) is int else isfinite(number)) else None


def _parser() -> tuple[expat.XMLParserType, Callable[[], None], Callable[[], str]]:
    """Return a parser, what begins to collect text, and what ends it and returns the text."""
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parts: list[str] = []

    def refuse(*_declared: object) -> None:
        raise ValueError("a document type declaration")

    def collect() -> None:
        parts.clear()
        parser.CharacterDataHandler = parts.append

    def collected() -> str:
        parser.CharacterDataHandler = None
        return parts[0] if len(parts) == 1 else "".join(parts)

    parser.StartDoctypeDeclHandler = refuse
    return parser, collect, collected


def _fed(parser: expat.XMLParserType, file: IO[bytes]) -> Iterator[None]:
    """Feed ``parser`` block by block."""
    while block := file.read(_BLOCK):
        parser.Parse(block, False)
        yield
    parser.Parse(b"", True)
    yield
