"""The XML parts of a workbook that grow with its rows, streamed by expat.

openpyxl makes an element of every cell and an object of every text, which costs ten times as much as reading them.
A document type declaration is refused where it stands, so no entity is ever declared, let alone expanded.
"""

import re
from collections.abc import Iterator, Sequence
from typing import IO, Any, Final
from xml.parsers import expat

from app.exchange.reader.values import Formats, Values, plain

_MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main "
_ROW: Final = f"{_MAIN}row"
_CELL: Final = f"{_MAIN}c"
_VALUE: Final = f"{_MAIN}v"
_FORMULA: Final = f"{_MAIN}f"
_ITEM: Final = f"{_MAIN}si"
_TEXT: Final = f"{_MAIN}t"
_PHONETIC: Final = f"{_MAIN}rPh"
_COLUMN: Final = re.compile(r"([A-Z]{1,3})[0-9]+")
#: Few rows at a time, however wide they are.
_BLOCK: Final = 1 << 13
#: XFD, the last column of a sheet.
LAST_COLUMN: Final = 16_384


def read_texts(file: IO[bytes]) -> list[str | None]:
    """Return the shared texts of a workbook, without their formats and their reading aids; None for blank ones."""
    texts = _Texts()
    for _block in _fed(texts.parser, file):
        pass
    return texts.found


def read_rows(
    file: IO[bytes], texts: Sequence[str | None], formats: Formats, sheet_name: str
) -> Iterator[tuple[int, list[Any]]]:
    """Yield each row that is there, with its number and its cells from the first column on, as `SourceRow` has them.

    ValueError where the rows and cells themselves are not as the standard says.
    """
    sheet = _Sheet(Values(texts, formats, sheet_name))
    for _block in _fed(sheet.parser, file):
        yield from sheet.rows
        sheet.rows.clear()


class _Tags:
    """A parser whose methods run for every tag, so they do as little as they can."""

    def __init__(self) -> None:
        #: What was read since the last tag that begins a text; what stands between other tags is thrown away.
        self._parts: list[str] = []
        self._phonetic = False
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.buffer_text = True
        self.parser.StartDoctypeDeclHandler = _refuse
        self.parser.CharacterDataHandler = self._parts.append
        self.parser.StartElementHandler, self.parser.EndElementHandler = self._start, self._end

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        raise NotImplementedError

    def _end(self, name: str) -> None:
        raise NotImplementedError


class _Texts(_Tags):
    """The shared texts of a workbook that are being read."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str | None] = []
        self._item = ""

    def _start(self, name: str, _attributes: dict[str, str]) -> None:
        self._parts.clear()
        if name == _PHONETIC:
            self._phonetic = True

    def _end(self, name: str) -> None:
        if name == _TEXT:
            if not self._phonetic:
                self._item += "".join(self._parts)
        elif name == _ITEM:
            self.found.append(plain(self._item))
            self._item = ""
        elif name == _PHONETIC:
            self._phonetic = False


class _Sheet(_Tags):
    """The state of a sheet that is being read."""

    def __init__(self, values: Values) -> None:
        super().__init__()
        self.rows: list[tuple[int, list[Any]]] = []
        self._typed, self._uncalculated = values.typed, values.uncalculated
        self._columns: dict[str, int] = {}
        self._number = 0
        self._cells: list[Any] = []
        self._column = 0
        self._attributes: dict[str, str] = {}
        self._value = ""
        self._formula: str | None = None

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._parts.clear()
        if name == _CELL:
            place = attributes.get("r")
            self._column = self._column_of(place) if place else self._column + 1
            if self._column > LAST_COLUMN:
                raise ValueError("a cell beyond the last column")
            self._attributes = attributes
            self._value = ""
        elif name == _ROW:
            number = attributes.get("r")
            self._number = int(number) if number else self._number + 1
            self._cells, self._column = [], 0
        elif name == _PHONETIC:
            self._phonetic = True

    def _end(self, name: str) -> None:
        if name == _TEXT:
            if not self._phonetic:
                self._value += "".join(self._parts)
        elif name == _VALUE:
            self._value = "".join(self._parts)
        elif name == _CELL:
            if self._value:
                self._put(self._typed(self._value, self._attributes, self._column, self._number))
            elif self._formula is not None and self._attributes.get("t") != "str":
                # Written by a program that does not calculate; an empty text is a result.
                self._put(self._uncalculated(self._formula, self._column, self._number))
            self._formula = None
        elif name == _ROW:
            self.rows.append((self._number, self._cells))
        elif name == _FORMULA:
            self._formula = "".join(self._parts)
        elif name == _PHONETIC:
            self._phonetic = False

    def _put(self, value: Any) -> None:
        cells, column = self._cells, self._column
        if column > len(cells):
            cells.extend([None] * (column - len(cells)))
        cells[column - 1] = value

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


def _refuse(*_declared: object) -> None:
    raise ValueError("a document type declaration")


def _fed(parser: expat.XMLParserType, file: IO[bytes]) -> Iterator[None]:
    """Feed ``parser`` block by block."""
    while block := file.read(_BLOCK):
        parser.Parse(block, False)
        yield
    parser.Parse(b"", True)
    yield
