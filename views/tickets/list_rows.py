"""The rows of the ticket list, drawn in one pass: a table on a wide screen, of which CSS makes cards on a phone.

A page holds hundreds of cells: how a column's cells look is settled once a page, and a row is one text. What a
cell says as plain text is escaped here, once.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup, escape

from app.core.i18n import _
from app.tickets.columns import Column
from app.tickets.queries.visits import Visit
from app.tickets.rows import TicketRow
from views.base import current_locale
from views.marks import Marks, marks
from views.template_code import shown
from views.tickets.desk import short, ticket_url

#: Columns that are drawn as "5 minutes ago", with the ticket's column they show.
_INSTANTS: Final[Mapping[str, str]] = {
    name: f"{name}_at" for name in ("created", "changed", "due", "resolved", "closed")
}
#: Columns whose things are called "name (code)": the list shows the name.
_NAMED: Final = frozenset({"customer", "assignee", "team", "outlet", "creator", "installed_product"})
#: What a card on a phone shows without saying what it is.
_PLAIN: Final = frozenset({"number", "subject", "state", "priority", "customer", "template", "outlet"})

#: Draws a cell of a ticket, whose address it is given as it stands in an attribute: what it returns is HTML.
Draw = Callable[[TicketRow, str], str]


@dataclass(frozen=True, slots=True)
class ListRow:
    """A row as the template draws it."""

    #: What scripts know it by: its address, its number, and the version that a change in the row is based on.
    attributes: Markup
    #: The box that ticks it, and its columns.
    cells: Markup
    #: When and where it takes who is in the field; only cards show it.
    visit: Visit | None = None


def list_rows(
    rows: Sequence[TicketRow], columns: Sequence[Column], numeric: Sequence[bool], journeys: Iterable[Visit] = ()
) -> list[ListRow]:
    """Return ``rows`` drawn; ``numeric`` says of each column whether its cells stand at the right."""
    known = {one.row.id: one for one in journeys}
    begun = [_begun(*one) for one in zip(columns, numeric, strict=True)]
    drawers = [_drawer(one) for one in columns]
    select = str(escape(_("Select %(number)s").in_(current_locale())))
    found = []
    for row in rows:
        number, url = shown(row.number), shown(ticket_url(row.number))
        tick = _TICK % (row.id, select.replace("%(number)s", number))
        cells = [f"{begin}{draw(row, url)}</td>" for begin, draw in zip(begun, drawers, strict=True)]
        attributes = f'data-href="{url}" data-number="{number}" data-version="{row.lock_version}"'
        found.append(ListRow(Markup(attributes), Markup("".join((tick, *cells))), known.get(row.id)))  # noqa: S704 - escaped above
    return found


_TICK: Final = (
    '<td role="cell" class="ticket-tick">'
    '<input class="form-check-input" type="checkbox" data-row-select value="%s" aria-label="%s"></td>'
)


def css(column: Column) -> str:
    """Return the class of a column's cells."""
    return "col-custom" if column.field else f"col-{column.name.replace('_', '-')}"


def _begun(column: Column, numeric: bool) -> str:
    """Return what a cell of the column begins with."""
    name = f"{css(column)} text-end" if numeric else css(column)
    label = "" if column.name in _PLAIN else f' data-label="{escape(column.label_in(current_locale()))}"'
    return f'<td role="cell" class="{escape(name)}"{label}>'


def _drawer(column: Column) -> Draw:
    """Return what draws the cells of ``column``."""
    locale, mark = current_locale(), marks()
    if column.name == "due":
        return _due(mark, _("overdue").in_(locale))
    if column.name in _INSTANTS:
        instant = _INSTANTS[column.name]
        return lambda row, _url: mark.when(row.columns[instant])
    if column.name == "assignee":
        nobody = f'<span class="text-secondary">{escape(_("Unassigned").in_(locale))}</span>'
        return lambda row, _url: shown(short(column.text(row, locale))) or nobody
    if column.name in _NAMED:
        return lambda row, _url: shown(short(column.text(row, locale)))
    return _OWN[column.name](mark, locale) if column.name in _OWN else lambda row, _url: shown(column.text(row, locale))


def _due(mark: Marks, overdue: str) -> Draw:
    late = f'<span class="text-danger fw-medium">%s<span class="visually-hidden">{escape(overdue)}</span></span>'

    def draw(row: TicketRow, _url: str) -> str:
        at = mark.when(row.columns["due_at"])
        return late.replace("%s", at) if row.is_overdue else at

    return draw


def _number(_mark: Marks, _locale: str) -> Draw:
    return lambda row, url: f'<a class="ticket-number" data-row-link href="{url}">{shown(row.number)}</a>'


def _subject(_mark: Marks, _locale: str) -> Draw:
    # To be clicked, but no stop of the Tab key: the number before it leads to the same page.
    return lambda row, url: f'<a class="text-reset" tabindex="-1" href="{url}">{shown(row.subject)}</a>'


def _state(mark: Marks, locale: str) -> Draw:
    return lambda row, _url: mark.state(row.state_label(locale), row.state_spec.color if row.state_spec else "gray")


def _priority(mark: Marks, _locale: str) -> Draw:
    return lambda row, _url: mark.priority(row.priority, words=False, word_class="prio-word")


def _tags(mark: Marks, _locale: str) -> Draw:
    whole = Markup('<span class="ticket-tags">{}</span>')
    return lambda row, _url: whole.format(Markup().join(map(mark.badge, row.tags))) if row.tags else ""


#: Columns that look like nothing else.
_OWN: Final[Mapping[str, Callable[[Marks, str], Draw]]] = {
    "number": _number,
    "subject": _subject,
    "state": _state,
    "priority": _priority,
    "tags": _tags,
}
