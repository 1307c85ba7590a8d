"""What the text of a cell stands for, by the cell's type and style."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from math import isfinite
from typing import Any, Final

from openpyxl.utils.datetime import ISO_DURATION, ISO_REGEX, from_excel, from_ISO8601
from openpyxl.utils.escape import unescape

from app.exchange.reader import unreadable
from app.exchange.reader.table import column_letters
from app.exchange.reader.unreadable import Unreadable

_BOOLEANS: Final = {"1": True, "0": False, "true": True, "false": False}
#: What a double can hold.
_MOST_DIGITS: Final = 308
#: So much of a formula without a result is kept.
_SHOWN: Final = 200


@dataclass(frozen=True, slots=True)
class Formats:
    """What tells a date from a number: the styles that show dates or durations, and the day the book counts from."""

    dates: frozenset[str]
    durations: frozenset[str]
    epoch: datetime


class Values:
    """Reads the values of one sheet."""

    def __init__(self, texts: Sequence[str | None], formats: Formats, sheet: str) -> None:
        self._texts = texts
        self._dates, self._durations, self._epoch = formats.dates, formats.durations, formats.epoch
        self._sheet = sheet
        self._readers: Mapping[str, Callable[[str, Mapping[str, str]], Any]] = {
            "n": self._number, "s": self._shared, "b": _boolean, "d": _moment, "e": _error,
        }  # fmt: skip
        # The same days come again and again.
        self._day = lru_cache(maxsize=4096)(self._day_of)

    def typed(self, value: str, attributes: Mapping[str, str], column: int, row: int) -> Any:
        """Return what a cell holds; None for blank text, `Unreadable` where it does not hold what it says."""
        read = self._readers.get(attributes.get("t", "n"))
        if read is None:
            return plain(value)
        try:
            return read(value, attributes)
        except _UnreadableError as error:
            return Unreadable(error.kind, self._place(column, row), value)

    def uncalculated(self, formula: str, column: int, row: int) -> Unreadable:
        """Return what stands for a formula that nobody worked out; one shared with other cells has no text here."""
        return Unreadable(unreadable.NO_RESULT, self._place(column, row), f"={formula[:_SHOWN]}")

    def _place(self, column: int, row: int) -> str:
        return f"{self._sheet}!{column_letters(column)}{row}"

    def _number(self, value: str, attributes: Mapping[str, str]) -> Any:
        try:
            number = float(value) if "." in value or "e" in value or "E" in value else int(value)
        except ValueError:
            # NaN of a careless program, digits without end.
            raise _UnreadableError(unreadable.NO_NUMBER) from None
        style = attributes.get("s", "0")
        if style in self._dates:
            return self._day(number, style in self._durations)
        if isinstance(number, int):
            if len(value) <= _MOST_DIGITS:
                return number
        elif isfinite(number):
            return int(number) if number.is_integer() else Decimal(repr(number))
        raise _UnreadableError(unreadable.NO_NUMBER)

    def _day_of(self, number: float, is_duration: bool) -> Any:
        """Return the date or duration a number is shown as; Excel shows none below zero nor after the year 9999."""
        try:
            if number >= 0:
                return from_excel(number, self._epoch, timedelta=is_duration)
        except (OverflowError, ValueError):
            pass
        raise _UnreadableError(unreadable.NO_DAY)

    def _shared(self, value: str, _attributes: Mapping[str, str]) -> Any:
        try:
            place = int(value)
            if place >= 0:
                return self._texts[place]
        except (ValueError, IndexError):
            pass
        raise _UnreadableError(unreadable.NO_TEXT)


class _UnreadableError(Exception):
    """The text is not what the cell says it is."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


def plain(text: str) -> str | None:
    """Return a text as a person reads it; one of spaces is none."""
    if not text.strip():
        return None
    # Excel writes what XML cannot hold as _xHHHH_; half of a surrogate pair is no text.
    return unescape(text).encode("utf-8", "replace").decode() if "_x" in text else text


def _boolean(value: str, _attributes: Mapping[str, str]) -> bool:
    truth = _BOOLEANS.get(value.strip())
    if truth is None:
        raise _UnreadableError(unreadable.NO_BOOLEAN)
    return truth


def _moment(value: str, _attributes: Mapping[str, str]) -> Any:
    read: Any = from_ISO8601
    try:
        if ISO_REGEX.fullmatch(value) or ISO_DURATION.fullmatch(value):
            return read(value)
    except (OverflowError, ValueError):
        pass
    raise _UnreadableError(unreadable.NO_DATE)


def _error(_value: str, _attributes: Mapping[str, str]) -> Any:
    raise _UnreadableError(unreadable.FORMULA_ERROR)
