"""Ticket numbers: ``WX-{yyyy}{mm}{dd}-{seq:4}``. Pure; who counts is the change path's business."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from app.core.errors import DomainError
from app.core.i18n import _

#: What the pattern may hold besides its tokens; numbers stand in addresses and file names.
_LITERAL: Final = re.compile(r"[A-Za-z0-9._-]*")
_TOKEN: Final = re.compile(r"\{([^{}]*)\}")
_DATES: Final[Mapping[str, Callable[[date], str]]] = {
    "yyyy": lambda day: f"{day.year:04}", "yy": lambda day: f"{day.year % 100:02}",
    "mm": lambda day: f"{day.month:02}", "dd": lambda day: f"{day.day:02}",
}  # fmt: skip
_SEQUENCE: Final = re.compile(r"seq(?::([1-9]))?")
#: Leaves room in the column of 60 for a sequence that outgrows its width.
_LONGEST: Final = 40


@dataclass(frozen=True, slots=True)
class NumberFormat:
    """A parsed pattern: what stands before the sequence (the scope), its width, and what follows."""

    before: str
    width: int
    after: str

    def scope(self, moment: datetime, zone: ZoneInfo) -> str:
        """Return within which numbers have no gap, on the day ``moment`` is in ``zone``: ``WX-20261121-``."""
        return _dated(self.before, moment.astimezone(zone).date())

    def number(self, sequence: int, moment: datetime, zone: ZoneInfo) -> str:
        """Return the number of the ``sequence``-th ticket of that scope: ``WX-20261121-0001``."""
        [number] = self.numbers(sequence, 1, moment, zone)
        return number

    def numbers(self, first: int, count: int, moment: datetime, zone: ZoneInfo) -> list[str]:
        """Return ``count`` numbers in a row, from the ``first`` on."""
        day, width = moment.astimezone(zone).date(), self.width
        before, after = _dated(self.before, day), _dated(self.after, day)
        return [f"{before}{sequence:0{width}d}{after}" for sequence in range(first, first + count)]


@lru_cache(maxsize=512)
def parse(pattern: str) -> NumberFormat:
    """Return the format ``pattern`` describes; DomainError saying what is wrong with it."""
    before, token, after = _around_sequence(pattern)
    for part in (before, after):
        _check_part(part)
    if before and not re.search(r"[A-Za-z._-]$", before):
        raise DomainError(
            _("Put a letter or one of - . _ before {seq}, so that the sequence is told from what precedes it."),
            code="ambiguous_number",
        )
    form = NumberFormat(before, int(token or 1), after)
    longest = len(_dated(before, _SAMPLE)) + form.width + len(_dated(after, _SAMPLE))
    if longest > _LONGEST:
        raise DomainError(_("Numbers would have more than %(limit)s characters.", limit=_LONGEST), code="too_long")
    return form


#: Only its length is looked at.
_SAMPLE: Final = date(2026, 11, 21)


def _around_sequence(pattern: str) -> tuple[str, str | None, str]:
    """Return what stands before {seq}, its width as written, and what follows."""
    sequences = [match for match in _TOKEN.finditer(pattern) if _SEQUENCE.fullmatch(match[1])]
    if len(sequences) != 1:
        raise DomainError(
            _("A numbering pattern has {seq} exactly once, e.g. WX-{yyyy}{mm}{dd}-{seq:4}."), code="no_sequence"
        )
    (one,) = sequences
    width = _SEQUENCE.fullmatch(one[1])
    return pattern[: one.start()], width[1] if width else None, pattern[one.end() :]


def _check_part(part: str) -> None:
    for match in _TOKEN.finditer(part):
        if match[1] not in _DATES:
            raise DomainError(
                _("Unknown {%(token)s}; known are {yyyy}, {yy}, {mm}, {dd} and {seq:4}.", token=match[1][:20]),
                code="unknown_token",
            )
    if not _LITERAL.fullmatch(_TOKEN.sub("", part)):
        raise DomainError(_("Besides {…}, only letters A–Z, digits and - . _ may stand in numbers."), code="bad_letter")


@lru_cache(maxsize=4096)
def _dated(part: str, day: date) -> str:
    return _TOKEN.sub(lambda match: _DATES[match[1]](day), part)


def meant(pattern: str, typed: str) -> str | None:
    """Return the number of ``pattern`` that was typed without its marks, its letters or its zeros; None: none.

    ``wx202611210003``, ``20261121-3`` and ``WX 20261121 0003`` all mean ``WX-20261121-0003``.
    """
    form = parse(pattern)
    match = _reader(pattern).fullmatch(_MARKS.sub("", typed[:_LONGEST]))
    if match is None:
        return None
    digits = iter(match.groups())
    before, after = (
        _TOKEN.sub(lambda _token: next(digits), form.before),
        f"{int(next(digits)):0{form.width}d}" + _TOKEN.sub(lambda _token: next(digits), form.after),
    )
    return before + after


def begun(pattern: str, typed: str) -> str | None:
    """Return the beginning of numbers of ``pattern`` that was typed: ``wx-2025`` is ``WX-2025``; None: it is none.

    It goes into the date, or says too little, and not into the sequence: so far in there are few.
    """
    shape = _TOKEN.sub(lambda match: _DIGIT * len(match[1]), parse(pattern).before)[: len(typed)]
    if len(shape) < len(typed) or _DIGIT not in shape:
        return None
    read = [given if mark == _DIGIT else mark for mark, given in zip(shape, typed, strict=True)]
    fits = all(
        given.isascii() and given.isdigit() if mark == _DIGIT else given.upper() == mark.upper()
        for mark, given in zip(shape, typed, strict=True)
    )
    return "".join(read) if fits else None


#: In the shape of a number: any digit stands here.
_DIGIT: Final = "\0"
_MARKS: Final = re.compile(r"[\s._-]+")


@lru_cache(maxsize=512)
def _reader(pattern: str) -> re.Pattern[str]:
    """Return what reads a number of ``pattern`` that has no marks; the letters it begins with may be left out."""
    form = parse(pattern)
    leading = re.match(r"[^{]*", form.before)
    begin = leading[0] if leading else ""
    parts = [_read(form.before[len(begin) :]), r"(\d{1,9})", _read(form.after)]
    return re.compile(f"(?:{re.escape(_MARKS.sub('', begin))})?" + "".join(parts), re.ASCII | re.IGNORECASE)


def _read(part: str) -> str:
    """Return the expression of a part: its tokens as so many digits each, its letters as they are."""
    found, end = "", 0
    for token in _TOKEN.finditer(part):
        found += re.escape(_MARKS.sub("", part[end : token.start()])) + rf"(\d{{{len(token[1])}}})"
        end = token.end()
    return found + re.escape(_MARKS.sub("", part[end:]))
