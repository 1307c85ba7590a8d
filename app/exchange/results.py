"""The workbook that says what became of each row: the rows as they came, ready to be put right and imported again."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO, Final

from app.core.i18n import DEFAULT_LOCALE, Message, _
from app.exchange.reader import SourceRow, Table, Unreadable
from app.exchange.reader.table import day_or_more
from app.exchange.ticket_import import IMPORTED, PRESENT, REFUSED, ImportReport
from app.exchange.workbook import Column, write_workbook

STATUSES: Final[Mapping[str, Message]] = {
    IMPORTED: _("Imported"), PRESENT: _("There already"), REFUSED: _("Refused"),
}  # fmt: skip
#: (status, number of the ticket, why not) of a row.
RowOutcome = tuple[str, str, str]


def write_result(report: ImportReport, target: Path | BinaryIO, locale: str = DEFAULT_LOCALE) -> int:
    """Write what became of each row of an import that ran in this process; return how many rows."""
    outcomes = {one.number: (one.status, one.ticket, one.reason_in(locale)) for one in report.results}
    return write_outcomes(target, report.table, outcomes, locale=locale)


def write_outcomes(
    target: Path | BinaryIO,
    table: Table,
    outcomes: Mapping[int, RowOutcome],
    *,
    locale: str,
    only: str = "",
    about: Iterable[tuple[str, str]] = (),
) -> int:
    """Write the rows of ``table`` with their outcomes; ``only`` those of one status."""
    columns = [Column(heading) for heading in table.headings]
    columns += [
        Column(_("Result").in_(locale)), Column(_("Ticket").in_(locale), width=20),
        Column(_("Reason").in_(locale), width=60), Column(_("Row").in_(locale), "0", width=8),
    ]  # fmt: skip
    rows = _rows(table.rows(), outcomes, locale, only)
    return write_workbook(target, columns, rows, sheet=_("Rows").in_(locale), about=about, locale=locale,
                          expected_rows=len(outcomes))  # fmt: skip


def _rows(
    rows: Iterable[SourceRow], outcomes: Mapping[int, RowOutcome], locale: str, only: str
) -> Iterator[tuple[Any, ...]]:
    for row in rows:
        status, ticket, reason = outcomes.get(row.number, ("", "", ""))
        if not only or status == only:
            shown = STATUSES[status].in_(locale) if status else _("Not done").in_(locale)
            cells = (str(cell) if isinstance(cell, Unreadable) else day_or_more(cell) for cell in row.cells)
            yield (*cells, shown, ticket or None, reason or None, row.number)
