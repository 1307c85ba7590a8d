"""A table as a person sees it: headings, then numbered rows."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any, Final, Protocol

from app.core.db import folded
from app.core.errors import DomainError
from app.core.i18n import _

MOST_COLUMNS: Final = 500
#: Excel's own limit, and ours for CSV.
MOST_ROWS: Final = 1_048_575


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One row: its number in the file, and a cell for each heading.

    A cell is None, or a str, bool, int, Decimal, datetime (naive), date, time, timedelta or Unreadable. ``overlong``:
    it had filled cells to the right of the last heading.
    """

    number: int
    cells: tuple[Any, ...]
    overlong: bool = False


class Table(Protocol):
    """An opened file."""

    @property
    def headings(self) -> tuple[str, ...]:
        """The names of the columns."""

    @property
    def sheet(self) -> str:
        """Name of the sheet that is read; empty for CSV."""

    def rows(self) -> Iterator[SourceRow]:
        """Yield the rows that are not empty, from the top; each call starts again."""


def checked_headings(cells: Sequence[Any]) -> tuple[str, ...]:
    """Return the headings of a first row; a repeated one is refused, an empty one is named by its letter."""
    texts = ["" if cell is None else str(cell).strip() for cell in cells]
    while texts and not texts[-1]:
        texts.pop()
    if not texts:
        raise DomainError(
            _("The table has no headings. Put the names of the columns into its first row."), code="no_headings"
        )
    if len(texts) > MOST_COLUMNS:
        raise DomainError(
            _("The table has %(count)s columns; at most %(limit)s can be read.", count=len(texts), limit=MOST_COLUMNS),
            code="too_wide",
        )
    headings = tuple(text or f"[{column_letters(index)}]" for index, text in enumerate(texts, 1))
    seen: dict[str, int] = {}
    for index, heading in enumerate(headings, 1):
        first = seen.setdefault(folded(heading), index)
        if first != index:
            raise DomainError(
                _("The heading “%(heading)s” stands in columns %(first)s and %(second)s. Rename one of them.",
                  heading=heading[:60], first=column_letters(first), second=column_letters(index)),
                code="repeated_heading",
            )  # fmt: skip
    return headings


def day_or_more(cell: Any) -> Any:
    """Return a cell as it was meant: a spreadsheet knows no days, only instants, and one at midnight is a day."""
    return cell.date() if isinstance(cell, datetime) and cell.time() == time() else cell


def column_letters(column: int) -> str:
    """Return how a spreadsheet calls its ``column``-th column: A, …, Z, AA."""
    letters = ""
    while column:
        column, letter = divmod(column - 1, 26)
        letters = chr(ord("A") + letter) + letters
    return letters


def shaped(number: int, cells: Sequence[Any], width: int) -> SourceRow | None:
    """Return the row with ``width`` cells, or None when it is empty."""
    row = tuple(cells[:width])
    overlong = len(cells) > width and any(cell is not None for cell in cells[width:])
    if not overlong and row.count(None) == len(row):
        return None
    return SourceRow(number, row + (None,) * (width - len(row)), overlong)


def too_many_rows() -> DomainError:
    """Return the refusal of a table longer than we read."""
    return DomainError(
        _("The table has more than %(limit)s rows. Split it into several files.", limit=MOST_ROWS), code="too_long"
    )
