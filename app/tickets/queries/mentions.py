"""Notes in which somebody named the person who asks."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, func, select, type_coerce
from sqlalchemy.dialects.postgresql import JSONB

from app.core.work import Work
from app.people.models import Account
from app.tickets import scope
from app.tickets.models import Ticket, TicketNote, TicketWatcher

#: What is older was seen, or nobody waits for it any more.
LATELY: Final = timedelta(days=14)
_SHOWN = 5
#: A line of a note; more is read on the ticket.
_LINE = 160


@dataclass(frozen=True, slots=True)
class Mention:
    """A note that names its reader: on which ticket, by whom, when, and how it begins."""

    number: str
    subject: str
    by: str
    at: datetime
    line: str
    public: bool


def mentions(work: Work) -> list[Mention]:
    """Return the latest notes by others that name the actor, on tickets he may read; one statement.

    Whoever is mentioned watches the ticket: his few tickets are walked, never the notes of all.
    """
    me = work.actor.user_id
    if me is None or not work.actor.may("ticket.read"):
        return []
    query = (
        select(
            Ticket.number, Ticket.subject, Account.name,
            TicketNote.at, func.substr(TicketNote.body, 1, 2 * _LINE), TicketNote.public,
        )
        .select_from(TicketWatcher)
        .join(TicketNote, TicketNote.ticket_id == TicketWatcher.ticket_id)
        .join(Ticket, Ticket.id == TicketNote.ticket_id)
        .join(Account, Account.id == TicketNote.author_id)
        .where(TicketWatcher.user_id == me, TicketNote.author_id != me, _names(work, me))
        .where(TicketNote.at > work.now - LATELY)
        .order_by(TicketNote.at.desc(), TicketNote.id.desc())
        .limit(_SHOWN)
    )  # fmt: skip
    query = scope.in_reach(query, work.actor)
    return [
        Mention(number, subject, name, at, " ".join(str(body).split())[:_LINE], public)
        for number, subject, name, at, body, public in work.session.execute(query)
    ]


def _names(work: Work, user_id: int) -> ColumnElement[bool]:
    """Return whether a note mentions the account."""
    mentioned: Any = TicketNote.mentions
    if work.dialect == "postgresql":
        return type_coerce(mentioned, JSONB).contains([user_id])
    each = func.json_each(mentioned).table_valued("value")
    return select(each.c.value).where(each.c.value == user_id).exists()
