"""What the actor was named on or given and has not opened since."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Select, select

from app.core.work import Work
from app.people.models import Account
from app.tickets import scope
from app.tickets.models import Ticket, TicketNotice

#: More than anybody opens one by one; a number beyond is said as "99+".
MOST: Final = 100


@dataclass(frozen=True, slots=True)
class Notice:
    """One ticket that waits to be opened: why, by whom, since when."""

    number: str
    subject: str
    kind: str
    by: str
    at: datetime


def unopened(work: Work) -> set[int]:
    """Return the ids of the tickets, `MOST` at most; one statement over the actor's own rows."""
    return set(work.session.scalars(_of(work, select(TicketNotice.ticket_id)).limit(MOST)))


def notices(work: Work) -> list[Notice]:
    """Return the latest first."""
    columns: tuple[Any, ...] = (Ticket.number, Ticket.subject, TicketNotice.kind, Account.name, TicketNotice.at)
    query = _of(work, select(*columns)).outerjoin(Account, Account.id == TicketNotice.by_id)
    query = query.order_by(TicketNotice.at.desc(), TicketNotice.ticket_id.desc()).limit(MOST)
    return [
        Notice(number, subject, kind, by or "", at) for number, subject, kind, by, at in work.session.execute(query)
    ]


def _of(work: Work, query: Select[Any]) -> Select[Any]:
    query = query.select_from(TicketNotice).join(Ticket, Ticket.id == TicketNotice.ticket_id)
    query = query.where(TicketNotice.user_id == work.actor.user_id)
    # What went out of reach since is no news.
    reach = scope.reaches(work.actor)
    return query if reach is None else query.where(reach)
