"""Tickets out: the current list as Excel or CSV, the columns it shows or all fields, in flat memory.

The same query, scope and columns as the list on the screen, so an export never shows more than a page would.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO, Final

from app.company.profile import profile
from app.core.errors import DomainError, NotAllowedError
from app.core.i18n import Message, _, spoken
from app.core.work import Work
from app.exchange import export_columns
from app.exchange.delimited import csv_stream
from app.exchange.made_file import Layout
from app.exchange.workbook import Column as SheetColumn
from app.exchange.workbook import write_workbook
from app.tickets import columns, queries
from app.tickets.columns import Column
from app.tickets.priorities import PRIORITIES
from app.tickets.queries import TicketQuery, TicketRow
from app.tickets.references import DatabaseReferences
from ticket_templates import queries as templates

_WIDTHS: Final = {"number": 20, "subject": 40, "customer": 24, "address": 40}
_ASSIGNEES: Final[dict[Any, Message]] = {"me": _("Me"), "none": _("Nobody")}
_NARROW: Final = 16


@dataclass(frozen=True, slots=True)
class Export:
    """An export about to be written: which columns, how many rows, and the filter in words."""

    query: TicketQuery
    columns: tuple[Column, ...]
    total: int
    about: tuple[tuple[str, str], ...]
    versions: tuple[int, ...] = ()
    reach: export_columns.Reach | None = None


def export_of(work: Work, query: TicketQuery, *, all_fields: bool = False) -> Export:
    """Check the right to export, and work out columns and count before the first row is read."""
    if not work.actor.may("ticket.export"):
        raise NotAllowedError(_("You may not export tickets."), code="not_allowed")
    query = replace(query, size=1, cursor=None)
    query.check()
    reach = export_columns.Reach(work) if all_fields else None
    found = export_columns.every(work, query, reach) if reach else export_columns.shown(work, query)
    chosen, versions = found
    # The labels of everything the columns show are read a chunk at a time.
    wide = replace(query, columns=tuple(column.name for column in chosen))
    total = queries.exact_count(work, query)
    return Export(wide, tuple(chosen), total, tuple(_about(work, query)), tuple(one.id for one in versions), reach)


def layout_of(work: Work, query: TicketQuery, *, all_fields: bool) -> Layout:
    """Return what the file of a list looks like in the actor's language."""
    return _layout(work, export_of(work, query, all_fields=all_fields))


def cells_of(work: Work, layout: Layout, ids: Sequence[int]) -> Iterator[list[Any]]:
    """Yield the cells of these tickets, of those that the actor reaches, in their order."""
    reach = export_columns.Reach(work)
    chosen = export_columns.known(work, layout.names, layout.versions, reach)
    rows = queries.rows_by_id(work, TicketQuery(columns=layout.names), ids)
    reach.read(rows)
    yield from _of_rows(chosen, rows)


def write_excel(work: Work, export: Export, target: Path | BinaryIO) -> int:
    """Write the workbook and return how many tickets it holds."""
    layout = _layout(work, export)
    return write_workbook(
        target, layout.sheet, _cells(work, export), sheet=layout.title, about=layout.about,
        expected_rows=layout.total, locale=work.actor.locale,
    )  # fmt: skip


def csv_pieces(work: Work, export: Export) -> Iterator[bytes]:
    """Yield the CSV file piece by piece; texts as the list shows them, numbers and dates as Excel reads them."""
    return csv_stream([column.label_in(work.actor.locale) for column in export.columns], _cells(work, export))


def export_file(
    work: Work, path: Path, *, text: str = "", templates: Sequence[str] = (), all_fields: bool = True
) -> int:
    """Write the tickets found to ``path``, .xlsx or .csv by its name; return how many. It is whole or not there."""
    kind = path.suffix.lower()
    if kind not in {".csv", ".xlsx"}:
        raise DomainError(_("Name the file .xlsx or .csv."), field="file", code="file_name")
    export = export_of(work, TicketQuery(text=text, templates=tuple(templates)), all_fields=all_fields)
    part = path.with_name(f".{path.name}.part")
    try:
        with part.open("wb") as file:
            if kind == ".csv":
                file.writelines(csv_pieces(work, export))
        rows = export.total if kind == ".csv" else write_excel(work, export, part)
        part.replace(path)
    except OSError as error:
        message = _("%(file)s cannot be written: %(reason)s", file=path, reason=error.strerror or error)
        raise DomainError(message, field="file", code="unwritable") from None
    finally:
        part.unlink(missing_ok=True)
    return rows


def _layout(work: Work, export: Export) -> Layout:
    locale = work.actor.locale
    sheet = tuple(
        SheetColumn(column.label_in(locale), column.excel_format, _WIDTHS.get(column.name, _NARROW))
        for column in export.columns
    )
    names = tuple(column.name for column in export.columns)
    return Layout(sheet, _("Tickets").in_(locale), export.total, export.about, names, export.versions)


def _cells(work: Work, export: Export) -> Iterator[list[Any]]:
    for rows in queries.stream(work, export.query):
        if export.reach:
            export.reach.read(rows)
        yield from _of_rows(export.columns, rows)


def _of_rows(chosen: Sequence[Column], rows: Iterable[TicketRow]) -> Iterator[list[Any]]:
    excels = [column.excel for column in chosen]
    for row in rows:
        yield [excel(row) for excel in excels]


def _about(work: Work, query: TicketQuery) -> Iterator[tuple[str, str]]:
    """Yield the filter in words, for the last sheet."""
    locale = work.actor.locale
    now = work.now.astimezone(work.company.zone)
    yield _("Company").in_(locale), profile(work).name(locale)
    yield _("Exported at").in_(locale), f"{now:%Y-%m-%d %H:%M} ({work.company.zone.key})"
    yield _("Exported by").in_(locale), work.actor.name or "–"
    for label, value in _filters(work, query):
        words = value if isinstance(value, list | tuple) else [value]
        said = ", ".join(spoken(word, locale) for word in words if word not in ("", None))
        if said:
            yield label.in_(locale), said


def _filters(work: Work, query: TicketQuery) -> Iterator[tuple[Message, Any]]:
    """Yield what the list was narrowed to, by the names of things."""
    known = DatabaseReferences(work)

    def named(kind: str, key: int | None) -> str | None:
        return None if key is None else known.label(kind, key) or f"#{key}"

    labels = {card.key: card.labels for card in templates.templates(work, with_withdrawn=True)}
    assignee: Any = query.assignee
    yield _("Text"), query.text
    yield _("Template"), [labels.get(key, key) for key in query.templates]
    yield _("State"), query.states
    yield _("Progress"), [columns.CATEGORIES.get(one, one) for one in query.categories]
    yield _("Priority"), [PRIORITIES.get(one, one) for one in query.priorities]
    yield _("Assignee"), _ASSIGNEES.get(assignee) or named("user", assignee)
    yield _("Team"), named("team", query.team_id)
    yield _("Outlet"), named("outlet", query.outlet_id)
    yield _("Customer"), named("customer", query.customer_id)
    yield _("Installed product"), named("installed_product", query.installed_product_id)
    yield _("Tag"), named("tag", query.tag_id)
