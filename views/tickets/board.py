"""The list as a board: a column for each state of the one template filtered by, else for each kind of progress."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import urlencode

from flask import Response, request, url_for

from app.core.deadline import TooLongError
from app.core.errors import DomainError
from app.core.i18n import Message, _, label_in
from app.core.work import Work
from app.tickets.queries import Count, TicketRow, ticket_page
from app.tickets.queries.board import BoardColumn, board, column_query
from forms.ticket_list import ListState
from ticket_templates import queries as templates
from ticket_templates.facts import CATEGORY_LABELS
from views.base import current_locale, expose, permission
from views.tickets.asked import readable
from views.tickets.desk import DeskView, short, ticket_url

#: So many cards of a column come at once.
SIZE: Final = 20
#: What a card shows; its labels are read with it.
_SHOWN: Final = ("number", "subject", "customer", "assignee", "due", "priority", "state", "tags")
_COLORS: Final[Mapping[str, str]] = {
    "new": "blue", "open": "teal", "pending": "yellow", "resolved": "green", "closed": "gray"
}  # fmt: skip


#: More columns than any workflow has states.
_MOST_COLUMNS: Final = 40


@dataclass(frozen=True, slots=True)
class Head:
    """How a column is called and coloured."""

    label: str
    color: str
    #: None: it was another in an older version.
    category: str | None
    is_old: bool = False


class TicketBoardView(DeskView):
    """What the board asks for after it is drawn."""

    @expose("/board/column")
    @permission("ticket.read")
    def column(self) -> Response:
        """Return the next cards of a column."""
        with self.reading() as work:
            state = readable(work)
            by, value = _by(state), request.args.get("column", "")[:40]
            if by == "category" and value not in CATEGORY_LABELS:
                raise DomainError(_("There is no such column."), field="column", code="no_column")
            category = (
                value
                if by == "category"
                else next((head.category for key, head in _states(work, state).items() if key == value), None)
            )
            query = replace(column_query(state.query(), by, value, category), size=SIZE, columns=_SHOWN)
            page = ticket_page(work, query)
            column = BoardColumn(value, page.count, page.rows, page.next_cursor)
            return self.page("tickets/_board_cards.html", cards=[card(one) for one in page.rows],
                             more_url=_more_url(state, column))  # fmt: skip


def board_of(work: Work, state: ListState) -> dict[str, Any]:
    """Return the board of a list's address."""
    by = _by(state)
    known = _states(work, state) if by == "state" else _categories(state)
    query = replace(state.query(), cursor=None, size=SIZE, columns=_SHOWN)
    warnings: list[Message] = []
    count = None
    try:
        found = board(work, query, by, {value: head.category for value, head in known.items()})
        # A state that only older versions have is a column as long as a ticket is in it.
        columns = [one for one in found.columns if one.rows or not known[one.value].is_old]
        unordered, count = found.unordered, _total(columns)
    except TooLongError:
        columns, unordered = [], False
        warnings.append(_("There are too many tickets to draw the board. Narrow the list first."))
    except DomainError as error:
        if not state.sort:
            raise
        # No order for this person: the newest first, and why.
        newest = board_of(work, replace(state, sort=""))
        return newest | {"warnings": [*newest["warnings"], error.refusals[0].message]}
    if unordered:
        warnings.append(_("There are too many tickets for this order: each column shows its newest."))
    return {
        "by": by,
        "columns": [_column(state, one, known[one.value]) for one in columns],
        "count": count,
        "warnings": warnings,
    }


def card(row: TicketRow) -> dict[str, Any]:
    """Return a ticket as the board's card draws it."""
    spec = row.state_spec
    return {
        "number": row.number,
        "url": ticket_url(row.number),
        "version": row.lock_version,
        "state": row.state,
        "category": row.category,
        "state_label": row.state_label(current_locale()),
        "state_color": spec.color if spec else "gray",
        "subject": row.subject,
        "priority": row.priority,
        "customer": short(row.named("customer_id")),
        "assignee": short(row.named("assignee_id")),
        "tags": row.tags,
        "due_at": row.columns["due_at"],
        "is_overdue": row.is_overdue,
    }


def _by(state: ListState) -> str:
    """Return what the columns are: states mean the same only within one template."""
    return "state" if state.template else "category"


def _categories(state: ListState) -> dict[str, Head]:
    names = state.query().categories or tuple(CATEGORY_LABELS)
    return {one: Head(label_in(CATEGORY_LABELS[one], current_locale()), _COLORS[one], one) for one in names}


def _states(work: Work, state: ListState) -> dict[str, Head]:
    """Return the states of the one template: those of its newest version in their order, then older ones."""
    query, locale = state.query(), current_locale()
    found: dict[str, Head] = {}
    for place, version in enumerate(templates.versions_of(work, state.template)):
        for one in version.states.values():
            in_category = not query.categories or one.category in query.categories
            if in_category and (not query.states or one.key in query.states):
                head = Head(label_in(one.labels, locale), one.color, one.category, is_old=place > 0)
                known = found.setdefault(one.key, head)
                if known.category != one.category:
                    found[one.key] = replace(known, category=None)
    return dict(list(found.items())[:_MOST_COLUMNS])


def _total(columns: Sequence[BoardColumn]) -> Count:
    """Return how many tickets all columns have."""
    return Count(sum(one.count.number for one in columns), exact=all(one.count.exact for one in columns))


def _column(state: ListState, column: BoardColumn, head: Head) -> dict[str, Any]:
    return {
        "value": column.value,
        "label": head.label,
        "color": head.color,
        "count": column.count,
        "cards": [card(one) for one in column.rows],
        "more_url": _more_url(state, column),
    }


def _more_url(state: ListState, column: BoardColumn) -> str:
    if column.next_cursor is None:
        return ""
    parts = [*state.parameters(cursor=column.next_cursor), ("column", column.value)]
    return f"{url_for('TicketBoardView.column')}?{urlencode(parts)}"
