"""One ticket: by its number or id, with what may happen next, and what changed since somebody looked."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import bindparam, select

from app.core.errors import NotAllowedError, NotFoundError
from app.core.i18n import _
from app.core.pinyin import by_pinyin
from app.core.work import Work
from app.people.models import Account
from app.tickets import scope
from app.tickets.change.plan import NOT_FOUND
from app.tickets.change.read import COLUMNS
from app.tickets.columns import VALUE
from app.tickets.links import family, naming
from app.tickets.models import Ticket, TicketEvent, TicketWatcher
from app.tickets.queries.wording import ITEM, FieldChange, Wording
from app.tickets.rows import POINTERS, TAGS, Reader, TicketRow
from app.tickets.takers import takers
from ticket_templates import queries as templates
from ticket_templates import workflow
from ticket_templates.workflow import Step

TicketDetail = TicketRow
# Every ticket page asks these; to put one together takes ten times as long as to have it answered.
_TICKET: Final = templates.beside(select(*COLUMNS), Ticket.version_id)
_BY_NUMBER: Final = _TICKET.where(Ticket.number == bindparam("asked"))
_BY_ID: Final = _TICKET.where(Ticket.id == bindparam("asked"))
_WATCHERS: Final = (
    select(Account.id, Account.name)
    .join(TicketWatcher, TicketWatcher.user_id == Account.id)
    .where(TicketWatcher.ticket_id == bindparam("ticket"))
    .order_by(by_pinyin(Account.name), Account.id)
)
#: So many steps that left a ticket in its state, payments say, are looked through for the one that brought it there.
_STAYED: Final = 50


@dataclass(frozen=True, slots=True)
class Since:
    """One change made meanwhile: when, who, and what, readable."""

    at: datetime
    actor: str
    changes: tuple[FieldChange, ...]
    transition: str | None = None
    #: The ticket's version after it.
    version: int = 0
    #: Who made it, and the key of the step it was.
    actor_id: int | None = None
    step: str | None = None
    #: What came in or went out with it, and how: “+¥50.00 · Cash”.
    moved: str = ""


@dataclass(frozen=True, slots=True)
class Watcher:
    """An account that watches a ticket."""

    user_id: int
    name: str


def ticket(work: Work, number_or_id: str | int) -> TicketDetail:
    """Return the ticket with that number (text) or id; NotFoundError when there is none within the actor's scope."""
    if not work.actor.may("ticket.read"):
        raise NotAllowedError(_("You may not see tickets."), code="not_allowed")
    query = scope.in_reach(_BY_NUMBER if isinstance(number_or_id, str) else _BY_ID, work.actor)
    if (mine := scope.yours(work.actor)) is not None:
        query = query.add_columns(mine)
    known = len(number_or_id) <= 60 if isinstance(number_or_id, str) else 0 < number_or_id < 2**63  # noqa: PLR2004 - width
    asked = {"asked": number_or_id}
    record: Any = work.rows(query, asked).first() if known and "\x00" not in str(number_or_id) else None
    if record is None:
        raise NotFoundError(NOT_FOUND, code="not_found")
    *row, yours = record if mine is not None else (*record, True)
    columns = templates.split(work, row)
    # Its head and its history name the same things: all at once.
    (detail,) = Reader(work).rows([columns], pointers=(*POINTERS, TAGS))
    detail.yours = bool(yours)
    return detail


def steps(work: Work, detail: TicketDetail) -> list[Step]:
    """Return the steps out of the ticket's state: those the actor may take, and why the others are closed."""
    version = detail.version
    situation = workflow.Situation(
        version,
        detail.state,
        actor=work.actor,
        facts=detail.columns,
        values=detail.every_value,
        checklist=detail.columns["checklist"],
        takers=takers(work, {detail.id: version.rules.steps_from(detail.state)}).get(detail.id, {}),
        context=detail.reader.context("en"),
    )
    found = workflow.steps(situation)
    if work.actor.may("ticket.transition") and detail.yours:
        return _children_first(work, detail, found)
    why = _("You may not move tickets to another state.") if detail.yours else _("Not your ticket.")
    return [Step(step.transition, open=False, reasons=(why,), blocked=True) for step in found]


def _children_first(work: Work, detail: TicketDetail, found: list[Step]) -> list[Step]:
    """Return the steps with those shut that would close the ticket before the work below it is done."""
    states = detail.version.states
    closing = {
        step.transition.key
        for step in found
        if not step.blocked and states[step.transition.ways[detail.state]].category == "closed" != detail.category
    }
    children = family.unfinished(work, [detail.id]).get(detail.id) if closing else None
    if not children:
        return found
    why = family.finish_first(children)
    return [
        replace(step, open=False, blocked=True, reasons=(*(step.reasons if step.answerable else ()), why))
        if step.transition.key in closing
        else step
        for step in found
    ]


def watchers(work: Work, ticket_id: int, *, detail: TicketDetail | None = None) -> list[Watcher]:
    """Return who watches a ticket the actor may see; ``detail`` (read with `ticket`) saves asking whether."""
    if (detail is None or detail.id != ticket_id) and not is_seen(work, ticket_id):
        raise NotFoundError(NOT_FOUND, code="not_found")
    return [Watcher(one, name) for one, name in work.rows(_WATCHERS, {"ticket": ticket_id})]


def changes_since(work: Work, ticket_id: int, version: int) -> list[Since]:
    """Return what changed after ``version``, oldest first, for the view that settles a conflict."""
    detail = ticket(work, ticket_id)
    query = (
        select(TicketEvent.at, TicketEvent.actor_id, TicketEvent.changes, TicketEvent.transition, TicketEvent.version)
        # A link overwrites nothing anybody typed.
        .where(
            TicketEvent.ticket_id == ticket_id,
            TicketEvent.version > version,
            TicketEvent.kind.not_in(naming.NAMING),
        )
        .order_by(TicketEvent.id)
        .limit(200)
    )
    events: Sequence[Any] = work.session.execute(query).all()
    wording = Wording(detail)
    wording.preload([event.changes for event in events], [event.actor_id for event in events])
    return [_since(event, wording) for event in events]


def last_move(work: Work, detail: TicketDetail) -> Since | None:
    """Return how the ticket came into its state, and by whom; None: it was made in it."""
    query = (
        select(TicketEvent.at, TicketEvent.actor_id, TicketEvent.changes, TicketEvent.transition, TicketEvent.version)
        .where(TicketEvent.ticket_id == detail.id, TicketEvent.transition.is_not(None))
        .order_by(TicketEvent.id.desc())
        .limit(_STAYED)
    )
    event = next((one for one in work.session.execute(query) if "state" in one.changes), None)
    if event is None:
        return None
    wording = Wording(detail)
    wording.preload([event.changes], [event.actor_id])
    return _since(event, wording)


def _since(event: Any, wording: Wording) -> Since:
    changes = wording.changes(event.changes, event.transition)
    return Since(
        event.at,
        wording.person(event.actor_id),
        # How a payment was made is told with each, be it as before: that changed nothing.
        tuple(one for one in changes if not one.again),
        wording.transition(event.transition),
        event.version,
        event.actor_id,
        event.transition,
        wording.moved(changes, event.transition),
    )


def emptied_by_steps(work: Work, detail: TicketDetail) -> dict[str, int]:
    """Return which of a ticket's answers and ticks a step emptied that are empty still, by their names in the journal.

    Each with the version that emptied it: what was typed over an older one is of the time before.
    """
    query = (
        select(TicketEvent.version, TicketEvent.changes)
        .where(TicketEvent.ticket_id == detail.id, TicketEvent.transition.is_not(None))
        .order_by(TicketEvent.id)
    )
    found: dict[str, int] = {}
    for version, changes in work.session.execute(query):
        found |= {name: version for name, (old, new) in changes.items() if old is not None and new is None}
    held = {f"{VALUE}{key}" for key in detail.columns["values"]}
    held |= {f"{ITEM}{key}" for key in detail.columns["checklist"]}
    return {name: at for name, at in found.items() if name not in held and name.startswith((VALUE, ITEM))}


def answered_at(work: Work, detail: TicketDetail, besides: Collection[str] = ()) -> int:
    """Return the last version that changed an answer, of other fields than ``besides``; 0: among the last ones none."""
    query = (
        select(TicketEvent.version, TicketEvent.changes)
        .where(TicketEvent.ticket_id == detail.id)
        .order_by(TicketEvent.id.desc())
        .limit(200)
    )
    passed = {f"{VALUE}{key}" for key in besides}
    for version, changes in work.session.execute(query):
        if any(name.startswith(VALUE) and name not in passed for name in changes):
            return int(version)
    return 0


def is_seen(work: Work, ticket_id: int) -> bool:
    """Whether the actor may read the ticket, as it is by now."""
    if not work.actor.may("ticket.read") or not 0 < ticket_id < 2**63:
        return False
    query = scope.in_reach(select(Ticket.id).where(Ticket.id == ticket_id), work.actor)
    return work.session.scalar(query) is not None
