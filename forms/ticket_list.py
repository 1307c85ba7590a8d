"""The address of a ticket list: filters, order and columns in the query string, read the same by page and export."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, Self
from urllib.parse import urlencode

from app.core.i18n import Message, _
from app.core.numbers import whole_in
from app.tickets.columns import COLUMNS, DEFAULT
from app.tickets.conditions import from_text
from app.tickets.queries import TicketQuery
from ticket_templates.spec import CATEGORIES

#: Categories of tickets somebody still has to work on; one choice of the filter.
ACTIVE: Final = ("new", "open", "pending")
SIZES: Final = (25, 50, 100)
MOST_COLUMNS: Final = 30
_LONGEST: Final = 200


@dataclass(frozen=True, slots=True)
class ListState:
    """What a list's address says. What makes no sense in it is told: an order is left out, a filter shows nothing."""

    q: str = ""
    state: str = ""
    #: One category, or ``active``.
    category: str = ""
    template: str = ""
    priority: str = ""
    #: ``me``, ``none`` or an account's id.
    assignee: str = ""
    #: ``mine`` or a team's id.
    team: str = ""
    #: ``none`` or an outlet's id.
    outlet: str = ""
    customer: str = ""
    product: str = ""
    #: A tag's id.
    tag: str = ""
    overdue: str = ""
    #: ``today``: what is due today.
    due: str = ""
    reopened: str = ""
    #: Where imported tickets came from.
    source: str = ""
    #: A tree of the condition language as JSON. What is wrong with it is told when it is asked, never left out: a list
    #: without the filter somebody set would look like an answer.
    where: str = ""
    #: Name of a column, with a minus in front: the largest first.
    sort: str = ""
    size: str = ""
    #: What the list is divided by: state, template, assignee, outlet.
    group: str = ""
    #: Empty: rows; board: a column for each state.
    layout: str = ""
    cols: tuple[str, ...] = DEFAULT
    cursor: str = ""
    #: Id of the saved view this list began as; ``all``: of none, where a role has a view to begin with.
    view: str = ""
    #: What that view keeps; the address says what is different here.
    saved: Mapping[str, str] = field(default_factory=dict, hash=False)
    #: What the address names in vain: parameter → what stands there.
    unread: Mapping[str, str] = field(default_factory=dict, hash=False)
    warnings: tuple[Message, ...] = field(default=())

    @classmethod
    def of(cls, arguments: Mapping[str, str], saved: Mapping[str, str] | None = None) -> Self:
        """Read a query string; what it does not name is as in ``saved``, which its view keeps."""
        arguments = {**(saved or {}), **dict(arguments.items())}
        given = {name: _line(arguments.get(name, "")) for name in _TEXTS} | {
            "where": arguments.get("where", "").strip()
        }
        unread = {name: given[name] for name, check in _CHECKS.items() if given[name] and not check(given[name])}
        given |= dict.fromkeys(unread, "")
        wished = dict.fromkeys(one for one in arguments.get("cols", "").split(",") if one)
        names = tuple(one for one in wished if _is_column(one))
        strange = [one for one in wished if not _is_column(one)][:MOST_COLUMNS]
        left = [LABELS[one] for one in unread if one not in FILTERS]
        warnings = (
            *(_("“%(name)s” cannot be read and is left out.", name=label) for label in left),
            *(_("There is no column “%(name)s”.", name=_line(one)[:40]) for one in strange),
        )
        view = arguments.get("view", "")
        view = view if view == EVERY or _is_number(view) else ""
        cols = names[:MOST_COLUMNS] or DEFAULT
        return cls(**given, cols=cols, view=view, saved=saved or {}, unread=unread, warnings=warnings)

    @property
    def filtered(self) -> bool:
        """Whether anything narrows the list."""
        return any(getattr(self, name) for name in FILTERS)

    @property
    def kept(self) -> dict[str, str]:
        """Return what a view of this list keeps: all of it but the page."""
        parts = {name: getattr(self, name) for name in _KEPT if getattr(self, name)}
        return parts if self.cols == DEFAULT else parts | {"cols": ",".join(self.cols)}

    @property
    def is_changed(self) -> bool:
        """Whether this is another list than its view keeps."""
        return self.view not in ("", EVERY) and self.kept != type(self).of(self.saved).kept

    def without_view(self, **changes: Any) -> Self:
        """Return a list of its own, ``changes`` made."""
        return replace(self, view="", saved={}, **changes)

    def query(self) -> TicketQuery:
        """Return what to ask the database; DomainError when its condition cannot be read."""
        categories = ACTIVE if self.category == "active" else (self.category,) if self.category else ()
        return TicketQuery(
            text=self.q,
            states=(self.state,) if self.state else (),
            categories=categories,
            templates=(self.template,) if self.template else (),
            priorities=(int(self.priority),) if self.priority else (),
            assignee=int(self.assignee) if _is_number(self.assignee) else self.assignee or None,
            team_id=None if self.team == "mine" else _number(self.team),
            own_teams=self.team == "mine",
            outlet_id=None if self.outlet == "none" else _number(self.outlet),
            without_outlet=self.outlet == "none",
            customer_id=_number(self.customer),
            installed_product_id=_number(self.product),
            tag_id=_number(self.tag),
            overdue=bool(self.overdue),
            due_today=bool(self.due),
            reopened=bool(self.reopened),
            source=self.source,
            where=from_text(self.where) if self.where else None,
            sort=self.sort.removeprefix("-") or None,
            descending=self.sort.startswith("-") or not self.sort,
            cursor=self.cursor or None,
            size=int(self.size) if self.size else SIZES[0],
            columns=self.cols,
        )

    def parameters(self, **changes: Any) -> list[tuple[str, str]]:
        """Return the query string's parts, ``changes`` made; another page starts only where ``cursor`` is named."""
        # A page asks for some thirty addresses: no state is made for each.
        said = {"cursor": "", **changes}.get
        kept = said("saved", self.saved)
        view = said("view", self.view)
        parts = [("view", view)] if view else []
        # What the view sets and this list does not is named as well, empty.
        parts += [(name, text) for name in _TEXTS if (text := said(name, getattr(self, name))) != kept.get(name, "")]
        if (columns := ",".join(said("cols", self.cols))) != (kept.get("cols") or _USUAL):
            parts.append(("cols", columns))
        return parts

    def url(self, base: str, **changes: Any) -> str:
        """Return the address of the list, ``changes`` made."""
        parts = self.parameters(**changes)
        return f"{base}?{urlencode(parts)}" if parts else base

    def sorted_by(self, name: str) -> str:
        """Return the order a click on a heading asks for: the other direction when it is sorted so already."""
        return f"-{name}" if self.sort == name else name


#: Parameters that narrow the list.
FILTERS: Final = (
    "q", "state", "category", "template", "priority", "assignee", "team", "outlet", "customer", "product", "tag",
    "overdue", "due", "reopened", "source", "where",
)  # fmt: skip
#: What each parameter is called; one that nobody sees is called by what it does.
LABELS: Final[Mapping[str, Message]] = {
    "q": _("Search"), "state": _("State"), "category": _("Progress"), "template": _("Template"),
    "priority": _("Priority"), "assignee": _("Assignee"), "team": _("Team"), "outlet": _("Outlet"),
    "customer": _("Customer"), "product": _("Installed product"), "tag": _("Tag"), "overdue": _("Overdue"),
    "due": _("Due"), "reopened": _("Reopened"), "source": _("External source"), "where": _("Conditions"),
    "sort": _("Order"), "size": _("Rows per page"), "group": _("Grouping"), "layout": _("Layout"),
}  # fmt: skip
GROUPS: Final = ("state", "template", "assignee", "outlet")
BOARD: Final = "board"
#: The list that no view narrows.
EVERY: Final = "all"
_KEPT: Final = (*FILTERS, "sort", "size", "group", "layout")
_TEXTS: Final = (*_KEPT, "cursor")
#: Every name an address may ask by.
PARAMETERS: Final = frozenset({*_TEXTS, "cols", "view"})
_USUAL: Final = ",".join(DEFAULT)


def _line(text: str) -> str:
    # PostgreSQL takes no NUL, and a full-width space parts words like any other.
    return " ".join(text[: 4 * _LONGEST].replace("\x00", " ").split())[:_LONGEST]


def _is_number(text: str) -> bool:
    return whole_in(text) is not None


def _number(text: str) -> int | None:
    return int(text) if text else None


def _is_column(name: str) -> bool:
    return name in COLUMNS or (name.startswith("values.") and len(name) < 70)  # noqa: PLR2004 - the longest key


_CHECKS: Final[Mapping[str, Callable[[str], bool]]] = {
    "category": lambda text: text in (*CATEGORIES, "active"),
    "priority": lambda text: text in ("1", "2", "3", "4"),
    "assignee": lambda text: text in ("me", "none") or _is_number(text),
    "team": lambda text: text == "mine" or _is_number(text),
    "outlet": lambda text: text == "none" or _is_number(text),
    "customer": _is_number,
    "product": _is_number,
    "tag": _is_number,
    "overdue": lambda text: text == "1",
    "due": lambda text: text == "today",
    "reopened": lambda text: text == "1",
    "group": lambda text: text in GROUPS,
    # Whether an answer gives an order for this person is told when it is asked.
    "sort": lambda text: _is_column(name := text.removeprefix("-")) and (name not in COLUMNS or COLUMNS[name].sortable),
    "layout": lambda text: text == BOARD,
    "size": lambda text: text in {str(one) for one in SIZES},
}
