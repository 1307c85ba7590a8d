"""Which tickets: a query's filters and the actor's scope, as one condition every read puts into its statement."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, false, select

from app.core.errors import DomainError
from app.core.i18n import _
from app.core.numbers import whole_in
from app.core.permissions import Scope
from app.core.work import Work
from app.tickets import scope
from app.tickets.conditions import where
from app.tickets.models import Ticket, TicketTag
from ticket_templates.models import TicketTemplate
from ticket_templates.spec import CATEGORIES

LARGEST_PAGE = 200
#: Categories a time limit still runs in. Named one by one: of them there are few, and an index finds them.
UNFINISHED: Final = ("new", "open", "pending")
#: More words in one filter than anybody picks.
MOST_CHOSEN = 200
_SMALL, _LARGE = 2**31, 2**63
_IDS = {"team_id": _SMALL, "outlet_id": _SMALL, "customer_id": _LARGE, "installed_product_id": _LARGE}


@dataclass(frozen=True, slots=True)
class TicketQuery:
    """What a list asks for; empty filters ask for everything in the actor's scope.

    ``assignee``: "me", "none" or the account's id. ``templates`` are keys. ``cursor`` comes from a page.
    ``sort`` is a column's name; None: newest first.
    """

    text: str = ""
    states: Sequence[str] = ()
    categories: Sequence[str] = ()
    templates: Sequence[str] = ()
    priorities: Sequence[int] = ()
    assignee: str | int | None = None
    team_id: int | None = None
    outlet_id: int | None = None
    customer_id: int | None = None
    installed_product_id: int | None = None
    tag_id: int | None = None
    overdue: bool = False
    #: Those of the actor's teams; those of no outlet.
    own_teams: bool = False
    without_outlet: bool = False
    #: Those whose limit ends today, by the company's day.
    due_today: bool = False
    #: Those that came back to work after they had been resolved or closed.
    reopened: bool = False
    #: Where imported tickets came from.
    source: str = ""
    #: Those that were ticked one by one, by what they are called.
    numbers: Sequence[str] = ()
    #: A tree of the condition language, as somebody wrote it; it is checked for the actor who asks.
    where: Any = None
    sort: str | None = None
    descending: bool = True
    cursor: str | None = None
    size: int = 25
    columns: Sequence[str] = ()

    def check(self) -> None:
        """Raise DomainError for what no list can be made of."""
        if not 1 <= self.size <= LARGEST_PAGE:
            raise DomainError(_("A page has 1 to %(limit)s tickets.", limit=LARGEST_PAGE), field="size")
        for name in ("states", "categories", "templates", "priorities", "numbers"):
            if len(getattr(self, name)) > MOST_CHOSEN:
                raise DomainError(_("Choose at most %(limit)s.", limit=MOST_CHOSEN), field=name)
        if any("\x00" in one for one in (*self.states, *self.templates, *self.numbers, self.source)):
            raise DomainError(_("The text holds broken characters. Please type it again."), code="not_text")
        if unknown := [one for one in self.categories if one not in CATEGORIES]:
            raise DomainError(_("There is no category “%(name)s”.", name=str(unknown[0])[:40]), field="categories")

    @property
    def is_plain(self) -> bool:
        """Whether nothing but the actor's scope limits it."""
        return not conditions_named(self)


def conditions_named(query: TicketQuery) -> bool:
    """Whether any filter is set."""
    return any(
        (
            query.text.strip(), query.states, query.categories, query.templates, query.priorities,
            query.assignee is not None, query.team_id, query.outlet_id, query.customer_id,
            query.installed_product_id, query.tag_id, query.overdue, query.source, query.where is not None,
            query.own_teams, query.without_outlet, query.due_today, query.reopened, query.numbers,
        )
    )  # fmt: skip


def conditions(work: Work, query: TicketQuery) -> list[ColumnElement[bool]]:
    """Return the conditions on `Ticket`, those of the full-text search apart."""
    reach = scope.reaches(work.actor)
    found = filters(work, query)
    return found if reach is None else [reach, *found]


def filters(work: Work, query: TicketQuery) -> list[ColumnElement[bool]]:
    """Return the conditions the query itself sets, whoever asks; that on the category first."""
    return [*beside(query), *_others(work, query)]


def beside(query: TicketQuery) -> list[ColumnElement[bool]]:
    """Return the conditions on what stands in the index of each place beside its order; that on the category first."""
    found: list[ColumnElement[bool]] = []
    if (categories := categories_of(query)) is not None:
        found.append(Ticket.category.in_(list(categories)))
    if query.priorities:
        found.append(Ticket.priority.in_(list(query.priorities)))
    if query.templates:
        found.append(
            Ticket.template_id.in_(select(TicketTemplate.id).where(TicketTemplate.key.in_(list(query.templates))))
        )
    return found


def _others(work: Work, query: TicketQuery) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if query.states:
        found.append(Ticket.state.in_(list(query.states)))
    if query.assignee is not None:
        found.append(_assigned(work, query.assignee))
    found += _placed(work, query)
    for name, largest in _IDS.items():
        if (wanted_id := getattr(query, name)) is not None:
            found.append(getattr(Ticket, name) == wanted_id if 0 < wanted_id < largest else false())
    if query.tag_id is not None:
        tagged = select(TicketTag.ticket_id).where(TicketTag.tag_id == query.tag_id)
        found.append(Ticket.id.in_(tagged) if 0 < query.tag_id < _SMALL else false())
    if query.numbers:
        found.append(Ticket.number.in_(list(query.numbers)))
    if query.source:
        found.append(Ticket.external_source == query.source)
    found += _timed(work, query)
    if query.where is not None:
        found.append(_held(work, query.where))
    return found


def _placed(work: Work, query: TicketQuery) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if query.own_teams:
        found.append(Ticket.team_id.in_(sorted(work.actor.team_ids)) if work.actor.team_ids else false())
    if query.without_outlet:
        found.append(Ticket.outlet_id.is_(None))
    return found


def _timed(work: Work, query: TicketQuery) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if query.overdue:
        found.append(Ticket.due_at < work.now)
    if query.due_today:
        begin = datetime.combine(work.company.day_of(work.now), time(), work.company.zone)
        found += [Ticket.due_at >= begin, Ticket.due_at < begin + timedelta(days=1)]
    if query.reopened:
        found.append(Ticket.reopened_at.is_not(None))
    return found


def _held(work: Work, tree: Any) -> ColumnElement[bool]:
    """Return the condition that ``tree`` is; its faults are told at their path in the query."""
    try:
        return where(work, tree)
    except DomainError as error:
        faults = (replace(one, field=f"where.{one.field}".rstrip(".")) for one in error.refusals)
        raise DomainError.of(faults) from None


def categories_of(query: TicketQuery) -> Sequence[str] | None:
    """Return the categories a query is limited to, by its filters together; None: it is not."""
    if not (query.overdue or query.due_today):
        return query.categories or None
    return [one for one in UNFINISHED if not query.categories or one in query.categories]


def is_unfinished(query: TicketQuery) -> bool:
    """Whether tickets not finished are asked for, and nothing that is rarer still."""
    return not _is_rarer(query) and only_unfinished(query)


def only_unfinished(query: TicketQuery) -> bool:
    """Whether no ticket that is finished is asked for."""
    categories = categories_of(query)
    return categories is not None and set(categories) <= set(UNFINISHED)


def in_a_place(query: TicketQuery) -> bool:
    """Whether the tickets of one person, team or outlet are asked for, and nothing that is rarer still."""
    placed = query.assignee is not None or query.team_id or query.outlet_id or query.own_teams or query.without_outlet
    return bool(placed) and not _is_rarer(query)


def _is_rarer(query: TicketQuery) -> bool:
    text = query.text.strip()
    return bool(
        text or query.states or query.customer_id or query.installed_product_id or query.source or query.reopened
    )


def is_own(work: Work, query: TicketQuery) -> bool:
    """Whether the query's filters alone keep it within the actor's reach: one's own tickets, teams, outlets."""
    actor = work.actor
    return actor.user_id is not None and (
        str(query.assignee) in ("me", str(actor.user_id))
        or (actor.scope >= Scope.TEAM and (query.own_teams or query.team_id in actor.team_ids))
        or (actor.scope >= Scope.OUTLET and query.outlet_id in actor.outlet_ids)
    )


def _assigned(work: Work, assignee: str | int) -> ColumnElement[bool]:
    if assignee == "none":
        return Ticket.assignee_id.is_(None)
    if assignee == "me":
        return Ticket.assignee_id == work.actor.user_id if work.actor.user_id else false()
    if isinstance(assignee, str):
        assignee = whole_in(assignee) or 0
    return Ticket.assignee_id == assignee if 0 < assignee < _SMALL else false()
