"""The bars above the ticket list: quick filters, selects, orders, filters that search, what is set, the saved view."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from flask import url_for

from app.core.i18n import Message, _, label_in
from app.core.work import Work
from app.tickets.columns import Column
from app.tickets.merged import MERGED
from app.tickets.priorities import PRIORITIES
from app.tickets.queries.known import is_state, is_template
from app.tickets.references import DatabaseReferences
from app.tickets.rows import TicketRow
from forms.ticket_list import FILTERS, LABELS, ListState
from ticket_templates import queries as templates
from ticket_templates.facts import CATEGORY_LABELS
from ticket_templates.versions import CompiledVersion, state_names
from views.base import current_locale
from views.tickets.asked import Asked
from views.tickets.desk import short

#: What a phone offers to sort by: newest first is what an address without an order means.
_ORDERS: Final = (
    ("", _("Newest first")),
    ("due", _("Due soonest")),
    ("priority", _("Most urgent first")),
    ("-changed", _("Changed last")),
)
#: Quick filters: what each is called, and what it sets.
_QUICK: Final = (
    (_("Mine"), "assignee", "me"),
    (_("My team’s"), "team", "mine"),
    (_("Unassigned"), "assignee", "none"),
    (_("Overdue"), "overdue", "1"),
    (_("Due today"), "due", "today"),
    (_("Reopened"), "reopened", "1"),
    (_("All open"), "category", "active"),
)
#: Values that are words of their own, and what they say of a list.
_SAID: Final[Mapping[tuple[str, str], Message]] = {
    **{(name, value): label for label, name, value in _QUICK if name != "category"},
    ("outlet", "none"): _("Without an outlet"),
}
#: Filters that say already how far the tickets are.
_PROGRESS: Final = ("category", "state", "overdue", "due")
#: Filters that search as one types, and the kind of thing each names.
_THINGS: Final[Mapping[str, str]] = {
    "assignee": "user", "outlet": "outlet", "team": "team", "customer": "customer", "product": "installed_product",
    "tag": "tag",
}  # fmt: skip
#: Filters that name what all tickets of a page point at, and the column that does.
_SHARED: Final = {
    "assignee": "assignee_id", "outlet": "outlet_id", "team": "team_id", "customer": "customer_id",
    "product": "installed_product_id",
}  # fmt: skip
GROUPS: Final = (
    ("", _("Not grouped")),
    ("state", _("By state")),
    ("template", _("By template")),
    ("assignee", _("By assignee")),
    ("outlet", _("By outlet")),
)


def quick(work: Work, state: ListState) -> list[dict[str, Any]]:
    """Return the quick filters: each sets or takes off its own, and keeps the others."""
    base = url_for("TicketView.index")
    found = []
    for label, name, value in _QUICK:
        if value == "mine" and not work.actor.team_ids:
            continue
        pressed = getattr(state, name) == value
        changes = {name: "" if pressed else value}
        # Who asks for his own means what he has to do, unless the list says already how far its tickets are.
        if not pressed and name not in _PROGRESS and not any(getattr(state, one) for one in _PROGRESS):
            changes["category"] = "active"
        found.append({"label": label, "url": state.url(base, **changes), "pressed": pressed})
    return found


def chips(
    state: ListState, selects: Sequence[Mapping[str, Any]], more: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Return what narrows the list, each with the address of the list without it; its condition is a sentence."""
    base = url_for("TicketView.index")
    named = {one["name"]: dict(one["options"]) for one in selects}
    named |= {one["name"]: {one["value"]: one["text"]} for one in more if one["value"]}
    found = []
    for name in FILTERS:
        value = getattr(state, name)
        if not value or name == "where":
            continue
        said = _SAID.get((name, value))
        text = said or named.get(name, {}).get(value) or value
        label = "" if said else LABELS[name]
        found.append({"name": name, "label": label, "text": text, "url": state.url(base, **{name: ""})})
    return found


def bar_of(wanted: Asked, state: ListState, columns: Sequence[Column]) -> dict[str, Any] | None:
    """Return what the list says of its view, and what can be done with it; None: it has none, and nothing to keep."""
    base = url_for("TicketView.index")
    save_as = state.url(url_for("TicketSavedView.new"))
    if wanted.view is None:
        return {"save_as_url": save_as} if state.kept and not wanted.faults else None
    view = wanted.view
    shown = {one.name for one in columns}
    return {
        "card": view,
        "changed": state.is_changed,
        "save_as_url": save_as,
        "keep_url": state.url(url_for("TicketSavedView.keep", pk=view.id)) if view.yours else "",
        "change_url": url_for("TicketSavedView.change", pk=view.id) if view.yours else "",
        "reset_url": f"{base}?view={view.id}",
        "lost_columns": [one for one in state.cols if one not in shown],
    }


def orders(state: ListState) -> list[tuple[str, Message]]:
    """Return the orders of a phone's list; one that a heading or an address asked for stays what it is."""
    listed = state.sort in dict(_ORDERS)
    return [*_ORDERS] if listed else [*_ORDERS, (state.sort, _("Another order"))]


def selects(
    state: ListState,
    cards: Sequence[templates.TemplateCard],
    versions: Sequence[CompiledVersion],
    more: Sequence[Mapping[str, Any]],
) -> list[dict[str, Any]]:
    """Return the selects of the bar, with what is chosen in each."""
    locale = current_locale()
    states = state_names((one for one in versions if state.template in ("", one.template_key)), locale)
    states[MERGED.key] = label_in(MERGED.labels, locale)
    if state.state and state.state not in states:
        states[state.state] = state.state
    people: list[tuple[str, Any]] = [("me", _("Mine")), ("none", _("Unassigned"))]
    # One person is called by name, as the filter that searches for people calls him.
    people += [
        (one["value"], one["text"])
        for one in more
        if one["name"] == "assignee" and one["value"] not in ("", "me", "none")
    ]
    categories = [("active", _("Not finished")), *((key, label) for key, label in CATEGORY_LABELS.items())]
    found = [
        ("category", _("Any progress"), categories),
        ("state", _("Any state"), list(states.items())),
        ("template", _("Any template"), [(one.key, label_in(one.labels, locale)) for one in cards]),
        ("assignee", _("Anybody"), people),
        ("priority", _("Any priority"), [(str(value), label) for value, label in PRIORITIES.items()]),
        ("group", GROUPS[0][1], list(GROUPS[1:])),
    ]
    return [
        {"name": name, "label": label, "options": options, "value": getattr(state, name)}
        for name, label, options in found
    ]


def more(work: Work, state: ListState, rows: Sequence[TicketRow]) -> list[dict[str, Any]]:
    """Return the filters that search as one types: a person, team, outlet, customer, installed product, tag."""
    # The address may name anything: what this person may not see keeps its number.
    references = DatabaseReferences(work, within_reach=True)
    values = {name: getattr(state, name) for name in _THINGS}
    keys = {name: one for name, one in values.items() if one and (name, one) not in _SAID}
    # The tickets of the page have been read with the names of what they share.
    named = {name: rows[0].named(column) for name, column in _SHARED.items() if rows and name in keys}
    references.preload_all({kind: [keys[name]] for name, kind in _THINGS.items() if name in keys and name not in named})
    facts = []
    for name, kind in _THINGS.items():
        value, text, known = values[name], "", ""
        if said := _SAID.get((name, value)):
            text = known = said.in_(current_locale())
        elif value:
            known = named.get(name) or references.label(kind, value) or ""
            # One unit of a product is told from another by its serial.
            known = known if name == "product" else short(known)
            text = known or f"#{value}"
        facts.append(
            {"name": name, "kind": kind, "label": LABELS[name], "value": value, "text": text, "lost": not known}
        )
    return facts


def lost(work: Work, state: ListState, more: Sequence[Mapping[str, Any]]) -> list[Message]:
    """Return a word about each filter that names nothing, or nothing this person sees: so the list is empty."""
    found = [(one["name"], one["text"]) for one in more if one["value"] and one["lost"]]
    named = {name: getattr(state, name) for name in _WORDS}
    found += [(name, key) for name, key in named.items() if key and not _WORDS[name](work, key)]
    return [
        _("%(name)s “%(value)s” is not there, or not for you to see. Choose another.", name=LABELS[name], value=value)
        for name, value in found
    ]


#: Filters by a word, and whether there is such a one.
_WORDS: Final[Mapping[str, Callable[[Work, str], bool]]] = {"template": is_template, "state": is_state}
