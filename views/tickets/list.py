"""The list of tickets: what its address says, drawn densely."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from flask import Response, request, url_for

from app.core.errors import DomainError, Refusal
from app.core.i18n import Message, _, label_in
from app.core.permissions import Scope
from app.core.work import Work
from app.tickets.columns import COLUMNS, DEFAULT, Column, chosen
from app.tickets.conditions import from_text, said
from app.tickets.queries import Count, TicketPage, ticket_page
from app.tickets.queries.visits import Visit, visits
from app.tickets.references import DatabaseReferences
from forms.ticket_list import ListState
from forms.tickets import PRIORITIES
from ticket_templates import queries as templates
from ticket_templates.facts import CATEGORY_LABELS
from ticket_templates.versions import CompiledVersion
from views.base import current_actor, current_locale, expose, permission
from views.tickets.desk import DeskView, short
from views.tickets.list_rows import css, list_rows

_RIGHT: Final = frozenset({"number", "money"})
#: What the filter bar asks itself; the rest of the address it carries along.
_IN_BAR: Final = frozenset({"q", "category", "state", "template", "assignee", "priority", "sort"})
#: What a phone offers to sort by: newest first is what an address without an order means.
_ORDERS: Final = (
    ("", _("Newest first")),
    ("due", _("Due soonest")),
    ("priority", _("Most urgent first")),
    ("-changed", _("Changed last")),
)
_QUICK: Final[tuple[tuple[Message, Mapping[str, str]], ...]] = (
    (_("All tickets"), {}),
    (_("Mine"), {"assignee": "me", "category": "active"}),
    (_("Unassigned"), {"assignee": "none", "category": "active"}),
    (_("Overdue"), {"overdue": "1"}),
    (_("All open"), {"category": "active"}),
)


#: What a broken condition shows: a list without it would look like an answer.
_NOTHING: Final = TicketPage([], None, None, Count(0, exact=True))


@dataclass(frozen=True, slots=True)
class Condition:
    """The address's condition in words, or what is wrong with it."""

    sentence: str = ""
    faults: Sequence[Refusal] = ()

    @classmethod
    def of(cls, work: Work, state: ListState) -> "Condition":
        """Read the condition of an address; there may be none."""
        try:
            return cls(said(work, from_text(state.where))) if state.where else cls()
        except DomainError as error:
            return cls(faults=error.refusals)


class TicketView(DeskView):
    """The desk's list."""

    @expose("/")
    @permission("ticket.read")
    def index(self) -> Response:
        """Show one page of tickets."""
        state = ListState.of(request.args)
        with self.reading() as work:
            condition = Condition.of(work, state)
            page, state = (_NOTHING, state) if condition.faults else _page(work, state)
            cards = templates.templates(work, with_withdrawn=True)
            versions = list(templates.versions(work, [one.version_id for one in cards if one.version_id]).values())
            known = [*versions, *{row.version.id: row.version for row in page.rows}.values()]
            columns = chosen(state.cols, known)
            numeric = [_is_numeric(one, known) for one in columns]
            return self.page(
                "tickets/list.html",
                rows=list_rows(page.rows, columns, numeric, _journeys(work, page)),
                columns=[_heading(*one, state) for one in zip(columns, numeric, strict=True)],
                selects=_selects(state, cards, versions),
                orders=_orders(state),
                more=_more(work, state),
                quick=[_quick(label, wanted, state) for label, wanted in _QUICK],
                count=page.count,
                condition=condition,
                conditions_url=url_for("TicketConditionView.offered"),
                check_url=url_for("TicketConditionView.check"),
                lookups_url="/lookup/",
                without_condition_url=state.url(url_for("TicketView.index"), where=""),
                **_addresses(state, page),
            )

    @expose("/columns")
    @permission("ticket.read")
    def columns(self) -> Response:
        """Return the chooser of columns."""
        state = ListState.of(request.args)
        with self.reading() as work:
            ids = [one.version_id for one in templates.templates(work, with_withdrawn=True) if one.version_id]
            facts = _choices(state, list(templates.versions(work, ids).values()))
        base = url_for("TicketView.index")
        return self.page(
            "tickets/_columns.html",
            state=state,
            choices=facts,
            list_url=base,
            kept_filters=[one for one in state.parameters() if one[0] != "cols"],
            default_columns_url=state.url(base, cols=DEFAULT),
        )


def _page(work: Work, state: ListState) -> tuple[TicketPage, ListState]:
    """Return the page the address asks for; a damaged address leads to the first page."""
    try:
        return ticket_page(work, state.query()), state
    except DomainError as error:
        first = replace(state, cursor="", sort="", warnings=(*state.warnings, error.refusals[0].message))
        return ticket_page(work, first.query()), first


def _journeys(work: Work, page: TicketPage) -> list[Visit]:
    """Return where the tickets take whoever has only his own: he reads the list on a phone, on the way."""
    return visits(work, page.rows) if work.actor.scope is Scope.OWN else []


def _addresses(state: ListState, page: TicketPage) -> dict[str, Any]:
    base = url_for("TicketView.index")
    actor = current_actor()
    query = state.url("")
    return {
        "state": state,
        "usual_columns": state.cols == DEFAULT,
        "warnings": state.warnings,
        "list_url": base,
        "clear_url": ListState(cols=state.cols, sort=state.sort).url(base),
        "columns_url": state.url(url_for("TicketView.columns")),
        "kept": [one for one in state.parameters() if one[0] not in _IN_BAR],
        "kept_all": state.parameters(),
        "next_url": state.url(base, cursor=page.next_cursor) if page.next_cursor else None,
        "previous_url": state.url(base, cursor=page.previous_cursor) if page.previous_cursor else None,
        "can_export": actor.may("ticket.export"),
        "exports": {kind: f"{base}export.{kind}{query}" for kind in ("xlsx", "csv")},
        "all_fields": f"{'&' if query else '?'}fields=all",
        "can_create": actor.may("ticket.create"),
        "new_url": url_for("TicketCreateView.choose"),
    }


def _quick(label: Message, wanted: Mapping[str, str], state: ListState) -> dict[str, Any]:
    target = ListState.of({**wanted, "cols": ",".join(state.cols)})
    here = replace(state, sort="", size="", cursor="", warnings=())
    return {"label": label, "url": target.url(url_for("TicketView.index")), "active": here == target}


def _is_numeric(column: Column, versions: Iterable[CompiledVersion]) -> bool:
    key = column.field
    kinds = (one.types[key].kind for one in versions if key in one.types) if key else ()
    return column.name == "age" or next(iter(kinds), "") in _RIGHT


def _heading(column: Column, numeric: bool, state: ListState) -> dict[str, Any]:
    directions = {column.name: "ascending", f"-{column.name}": "descending"}
    wanted = state.sort or "-created"
    base = url_for("TicketView.index")
    return {
        "css": css(column),
        "label": column.label_in(current_locale()),
        "numeric": numeric,
        "direction": directions.get(wanted, ""),
        "sort_url": state.url(base, sort=state.sorted_by(column.name)) if column.sort else "",
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


def _orders(state: ListState) -> list[tuple[str, Message]]:
    """Return the orders of a phone's list; one that a heading or an address asked for stays what it is."""
    listed = state.sort in dict(_ORDERS)
    return [*_ORDERS] if listed else [*_ORDERS, (state.sort, _("Another order"))]


def _selects(
    state: ListState, cards: Sequence[templates.TemplateCard], versions: Sequence[CompiledVersion]
) -> list[dict[str, Any]]:
    locale = current_locale()
    states = {
        one.key: label_in(one.labels, locale)
        for version in versions
        if state.template in ("", version.template_key)
        for one in version.states.values()
    }
    if state.state and state.state not in states:
        states[state.state] = state.state
    people = [("me", _("Mine")), ("none", _("Unassigned"))]
    if state.assignee not in ("", "me", "none"):
        people.append((state.assignee, _("One person")))
    categories = [("active", _("Not finished")), *((key, label) for key, label in CATEGORY_LABELS.items())]
    found = [
        ("category", _("Any progress"), categories),
        ("state", _("Any state"), list(states.items())),
        ("template", _("Any template"), [(one.key, label_in(one.labels, locale)) for one in cards]),
        ("assignee", _("Anybody"), people),
        ("priority", _("Any priority"), [(str(value), label) for value, label in PRIORITIES]),
    ]
    return [
        {"name": name, "label": label, "options": options, "value": getattr(state, name)}
        for name, label, options in found
    ]


def _more(work: Work, state: ListState) -> list[dict[str, Any]]:
    """Return the filters that search as one types: a person, team, outlet, customer."""
    # The address may name anything: what this person may not see keeps its number.
    references = DatabaseReferences(work, within_reach=True)
    found = (
        ("assignee", "user", _("Assignee")),
        ("outlet", "outlet", _("Outlet")),
        ("team", "team", _("Team")),
        ("customer", "customer", _("Customer")),
    )
    facts = []
    for name, kind, label in found:
        value = getattr(state, name)
        value = "" if value in ("me", "none") else value
        text = short(references.label(kind, value) or f"#{value}") if value else ""
        facts.append({"name": name, "kind": kind, "label": label, "value": value, "text": text})
    return facts
