"""The list of tickets: what its address says, drawn densely."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from flask import Response, request, url_for

from app.core.deadline import TooLongError
from app.core.errors import DomainError
from app.core.i18n import Message, _
from app.core.permissions import Scope
from app.core.work import Work
from app.desk.queries import default_of
from app.tickets.columns import COLUMNS, DEFAULT, Column, chosen
from app.tickets.queries import Count, TicketPage, TicketRow, exact_within, ticket_page
from app.tickets.queries.visits import Visit, visits
from forms.ticket_list import BOARD, EVERY, ListState
from ticket_templates import queries as templates
from ticket_templates.versions import CompiledVersion
from views.base import current_actor, current_locale, expose, permission
from views.exports import is_surely_long
from views.tickets.asked import asked, readable
from views.tickets.board import board_of
from views.tickets.desk import DeskView, go
from views.tickets.list_bar import bar_of, chips, lost, more, orders, quick, selects
from views.tickets.list_groups import Headings, grouped
from views.tickets.list_rows import css, list_rows

_RIGHT: Final = frozenset({"number", "money"})
#: What the filter bar asks itself; the rest of the address it carries along.
_IN_BAR: Final = frozenset({"q", "category", "state", "template", "assignee", "priority", "sort", "group"})
#: What a broken condition shows: a list without it would look like an answer.
_NOTHING: Final = TicketPage([], None, None, Count(0, exact=True))


class TicketView(DeskView):
    """The desk's list."""

    @expose("/")
    @permission("ticket.read")
    def index(self) -> Response:
        """Show one page of tickets."""
        with self.reading() as work:
            wanted = asked(work)
            begin = default_of(wanted.views, work.actor)
            if begin and not request.args:
                return go(url_for("TicketView.index", view=begin.id))
            # Where the list begins as a view, one without any filter left says that it is of none.
            state = replace(wanted.state, view=wanted.state.view or EVERY) if begin else wanted.state
            in_rows = state.layout != BOARD
            # Before the rows: most of them are of a newest version, and have it read.
            templates.catalogue(work)
            groups = grouped(work, state) if state.group and in_rows and not wanted.faults else Headings(shown=True)
            closed = wanted.faults or not groups.is_open or not in_rows
            page, state = (_NOTHING, state) if closed else _page(work, state)
            shown = shown_columns(work, state, page.rows)
            board = None if in_rows or wanted.faults else board_of(work, state)
            count = board["count"] if board else page.count if groups.is_open else groups.total
            searched = more(work, state, page.rows)
            bar = selects(state, shown.cards, shown.versions, searched)
            warnings = (*state.warnings, *([] if page.rows else lost(work, state, searched)))
            return self.page(
                "tickets/list.html",
                warnings=warnings,
                board=board,
                rows=list_rows(page.rows, shown.columns, shown.numeric, _journeys(work, page)),
                columns=[_heading(*one, state, page.order) for one in zip(shown.columns, shown.numeric, strict=True)],
                selects=bar,
                chips=chips(state, bar, searched),
                orders=_orders(state, page),
                by_record=_is_by_record(page),
                more=searched,
                quick=quick(work, state),
                count=count,
                asked=count is None,
                count_url=state.url(url_for("TicketView.count"), cursor=""),
                condition=wanted,
                view=bar_of(wanted, state, shown.columns),
                groups=groups,
                conditions_url=url_for("TicketConditionView.offered"),
                check_url=url_for("TicketConditionView.check"),
                lookups_url="/lookup/",
                exports_later=is_surely_long(count),
                **_addresses(state, page, every=EVERY if begin else ""),
            )

    @expose("/count")
    @permission("ticket.read")
    def count(self) -> Response:
        """Return the exact number of tickets of a list whose page said it about."""
        with self.reading() as work:
            state = readable(work)
            try:
                count = Count(exact_within(work, state.query()), exact=True)
            except TooLongError:
                count = None
        return self.page("tickets/_count.html", count=count, asked=True)

    @expose("/columns")
    @permission("ticket.read")
    def columns(self) -> Response:
        """Return the chooser of columns."""
        with self.reading() as work:
            state = asked(work).state
            facts = _choices(state, templates.catalogue(work).versions)
        base = url_for("TicketView.index")
        return self.page(
            "tickets/_columns.html",
            state=state,
            choices=facts,
            list_url=base,
            kept_filters=[one for one in state.parameters() if one[0] != "cols"],
            default_columns_url=state.url(base, cols=DEFAULT),
        )


@dataclass(frozen=True, slots=True)
class Shown:
    """The columns of a list and what they were found in: the templates there are, and their versions."""

    cards: Sequence[templates.TemplateCard]
    versions: Sequence[CompiledVersion]
    columns: Sequence[Column]
    #: Of each column, whether its cells stand at the right.
    numeric: Sequence[bool]


def shown_columns(work: Work, state: ListState, rows: Iterable[TicketRow]) -> Shown:
    """Return the columns of a list that this person may read."""
    every = templates.catalogue(work)
    known = [*every.versions, *{row.version.id: row.version for row in rows}.values()]
    columns = [one for one in chosen(state.cols, known) if _is_readable(work, one, known)]
    return Shown(every.cards, every.versions, columns, [_is_numeric(one, known) for one in columns])


def _page(work: Work, state: ListState) -> tuple[TicketPage, ListState]:
    """Return the page the address asks for; a damaged address leads to the first page, an endless condition to none."""
    for wanted in (state, replace(state, cursor="", sort="")):
        try:
            return ticket_page(work, wanted.query()), replace(wanted, warnings=state.warnings)
        except DomainError as error:
            refusal = error.refusals[0]
            state = replace(state, warnings=(*state.warnings, refusal.message))
            if refusal.field == "where":
                break
    return _NOTHING, state


def _journeys(work: Work, page: TicketPage) -> list[Visit]:
    """Return where the tickets take whoever has only his own: he reads the list on a phone, on the way."""
    return visits(work, page.rows) if work.actor.scope is Scope.OWN else []


def _addresses(state: ListState, page: TicketPage, every: str) -> dict[str, Any]:
    base = url_for("TicketView.index")
    actor = current_actor()
    query = state.url("")
    return {
        "state": state,
        "usual_columns": state.cols == DEFAULT,
        "layouts": [
            (_("List view"), state.url(base, layout=""), state.layout == ""),
            (_("Board"), state.url(base, layout=BOARD), state.layout == BOARD),
        ],
        "may_edit": any(actor.may(f"ticket.{verb}") for verb in ("change", "transition", "transfer")),
        "list_url": base,
        "clear_url": ListState(
            cols=state.cols, sort=state.sort, group=state.group, layout=state.layout, view=every
        ).url(base),
        "unfiltered": not (state.filtered or state.unread) and state.view in ("", EVERY),
        "without_condition_url": state.url(base, where=""),
        "without_unread_url": state.url(base),
        "columns_url": state.url(url_for("TicketView.columns")),
        "kept": [one for one in state.parameters() if one[0] not in _IN_BAR],
        "kept_all": state.parameters(),
        # An input left empty is still sent where the view has something in its place.
        "even_empty": " ".join(sorted(state.saved.keys() - {"cols"})),
        "next_url": state.url(base, cursor=page.next_cursor) if page.next_cursor else None,
        "previous_url": state.url(base, cursor=page.previous_cursor) if page.previous_cursor else None,
        "can_export": actor.may("ticket.export"),
        "exports": {kind: f"{base}export.{kind}{query}" for kind in ("xlsx", "csv")},
        "all_fields": f"{'&' if query else '?'}fields=all",
        "can_create": actor.may("ticket.create"),
        "new_url": url_for("TicketCreateView.choose"),
    }


def _is_readable(work: Work, column: Column, versions: Sequence[CompiledVersion]) -> bool:
    """Whether anything would ever stand in the column for this person."""
    key = column.field
    return key is None or any(key in one.types and key in one.readable(work.actor) for one in versions)


def _is_numeric(column: Column, versions: Iterable[CompiledVersion]) -> bool:
    key = column.field
    kinds = (one.types[key].kind for one in versions if key in one.types) if key else ()
    return column.name == "age" or next(iter(kinds), "") in _RIGHT


def _is_by_record(page: TicketPage) -> bool:
    """Whether the list found too many to be put in an order any heading has."""
    return bool(page.rows) and not page.order


def _orders(state: ListState, page: TicketPage) -> list[tuple[str, Message]]:
    """Return the orders of a phone's list; without a wish it is in the order its page is in."""
    found = orders(state)
    return [("", _("Last entered first")), *found[1:]] if _is_by_record(page) else found


def _heading(column: Column, numeric: bool, state: ListState, order: str) -> dict[str, Any]:
    directions = {column.name: "ascending", f"-{column.name}": "descending"}
    base = url_for("TicketView.index")
    return {
        "css": css(column),
        "label": column.label_in(current_locale()),
        "numeric": numeric,
        "direction": directions.get(order, ""),
        "sort_url": state.url(base, sort=state.sorted_by(column.name)) if column.sortable else "",
    }


def _choices(state: ListState, versions: Sequence[CompiledVersion]) -> list[dict[str, Any]]:
    """Return all columns there are: the chosen ones first, in their order."""
    locale, actor = current_locale(), current_actor()
    known = {name: (column.label_in(locale), "") for name, column in COLUMNS.items()}
    for version in versions:
        for key in version.uses:
            if key in version.readable(actor):
                known.setdefault(f"values.{key}", (version.types[key].label_in(locale), version.label(locale)))
    names = [name for name in state.cols if name in known]
    names += [name for name in known if name not in names]
    return [
        {"name": name, "label": known[name][0], "hint": known[name][1], "chosen": name in state.cols} for name in names
    ]
