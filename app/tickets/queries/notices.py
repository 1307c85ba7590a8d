"""What is news to the actor of tickets he was named on, given, got back, has or watches, and has not opened since."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    CompoundSelect,
    Integer,
    Select,
    SQLColumnExpression,
    bindparam,
    func,
    literal,
    or_,
    select,
    union_all,
)

from app.core.i18n import Label
from app.core.jobs import queries as jobs
from app.core.work import Work
from app.people.models import Account
from app.tickets import scope
from app.tickets.models import Ticket, TicketEvent, TicketNote, TicketNotice
from ticket_templates import queries as templates
from ticket_templates.versions import CompiledVersion

#: More than anybody opens one by one; a number beyond is said as "99+".
MOST: Final = 100
#: So much of a note says why.
_BEGINNING: Final = 200


@dataclass(frozen=True, slots=True)
class Notice:
    """One ticket that waits to be opened: why, by whom, since when; by which step, and what was written with it."""

    number: str
    subject: str
    kind: str
    by: str
    at: datetime
    step: Label | None = None
    reason: str = ""


def news(work: Work) -> tuple[set[int], int]:
    """Return the ids of the tickets, and how many of the actor's own jobs ended unseen: twice `MOST` in all, at most.

    One statement over the actor's own rows: every page asks it.
    """
    reach = scope.reaches(work.actor)
    query = _ALL_NEWS if reach is None else _with_jobs(_UNOPENED.where(reach))
    found = work.rows(query, {"reader_id": work.actor.user_id}).all()
    opened = {key for key, is_job in found if not is_job}
    return opened, len(found) - len(opened)


def notices(work: Work) -> list[Notice]:
    """Return the latest first."""
    columns: tuple[Any, ...] = (
        Ticket.number, Ticket.subject, TicketNotice.kind, Account.name, TicketNotice.at, Ticket.version_id,
        _told(TicketEvent, TicketEvent.transition), _told(TicketNote, func.substr(TicketNote.body, 1, _BEGINNING)),
    )  # fmt: skip
    query = _waiting(*columns).outerjoin(Account, Account.id == TicketNotice.by_id)
    query = query.order_by(TicketNotice.at.desc(), TicketNotice.ticket_id.desc()).limit(MOST)
    reach = scope.reaches(work.actor)
    query = query if reach is None else query.where(reach)
    found = work.session.execute(query, {"reader_id": work.actor.user_id}).all()
    versions = templates.versions(work, {version_id for *_rest, version_id, step, _reason in found if step})
    return [
        Notice(number, subject, kind, by or "", at, _step(versions.get(version_id), step), (reason or "").strip())
        for number, subject, kind, by, at, version_id, step, reason in found
    ]


def _told(model: Any, what: SQLColumnExpression[Any]) -> Any:
    """Return what the journal, or a note, says of the very change a notice is about: they bear the same instant."""
    query = select(what).where(model.ticket_id == TicketNotice.ticket_id, model.at == TicketNotice.at)
    return query.where(what.is_not(None)).order_by(model.id.desc()).limit(1).scalar_subquery()


def _step(version: CompiledVersion | None, key: str | None) -> Label | None:
    if key is None:
        return None
    known = version.transitions.get(key) if version else None
    return known.labels if known else {"en": key}


def _waiting(*columns: Any) -> Select[Any]:
    """Select of the notices of ``reader_id``; what went out of his reach since is no news, and left to be left out."""
    return (
        select(*columns)
        .select_from(TicketNotice)
        .join(Ticket, Ticket.id == TicketNotice.ticket_id)
        .where(
            TicketNotice.user_id == bindparam("reader_id", type_=Integer),
            # What was handed back and has been given to somebody since waits for nobody.
            or_(TicketNotice.kind != "handed_back", Ticket.assignee_id.is_(None)),
        )
    )


def _with_jobs(tickets: Select[Any]) -> CompoundSelect[Any]:
    return union_all(tickets, _ENDED).limit(2 * MOST)


#: It is put together once; so flat, who does not reach all waits a quarter of a millisecond less.
_UNOPENED: Final = _waiting(TicketNotice.ticket_id, literal(0))
_ENDED: Final = jobs.UNSEEN.add_columns(literal(1))
_ALL_NEWS: Final = _with_jobs(_UNOPENED)
