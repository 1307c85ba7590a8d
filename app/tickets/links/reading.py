"""Links as a person sees them: those to tickets out of reach do not exist, and nothing hints at them."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from sqlalchemy import case, or_, select

from app.core.work import Work
from app.tickets import scope
from app.tickets.change.read import COLUMNS
from app.tickets.links.kinds import ENDS, End, seen
from app.tickets.links.models import TicketLink
from app.tickets.models import Ticket
from app.tickets.queries.detail import TicketDetail
from app.tickets.queries.page import newest
from app.tickets.queries.selection import TicketQuery
from app.tickets.rows import TicketRow

#: A family of hundreds is a list, not a panel.
MOST_SHOWN: Final = 100
_OFFERED: Final = 12


@dataclass(frozen=True, slots=True)
class Linked:
    """Another ticket, and what it is to this one."""

    end: End
    ticket: TicketRow
    #: Whether the link may be taken away: both tickets are the actor's to change.
    removable: bool


def linked(work: Work, detail: TicketDetail) -> list[Linked]:
    """Return the tickets a ticket is linked with, within reach; by kind, the newest of each first."""
    other = case((TicketLink.source_id == detail.id, TicketLink.target_id), else_=TicketLink.source_id)
    query = (
        select(*COLUMNS, TicketLink.kind.label("link_kind"), TicketLink.source_id.label("link_source"))
        .join(Ticket, Ticket.id == other)
        .where(or_(TicketLink.source_id == detail.id, TicketLink.target_id == detail.id))
    )
    if (reach := scope.reaches(work.actor)) is not None:
        query = query.where(reach)
    records = work.session.execute(query.order_by(TicketLink.id.desc()).limit(MOST_SHOWN)).all()
    if not records:
        return []
    rows = detail.reader.rows([record[:-2] for record in records], pointers=("assignee_id",), fields=())
    mine = yours(work, [row.id for row in rows])
    found = [
        Linked(seen(record.link_kind, as_source=record.link_source == detail.id), row, detail.yours and row.id in mine)
        for record, row in zip(records, rows, strict=True)
    ]
    order = list(ENDS)
    return sorted(found, key=lambda one: order.index(one.end.name))


def candidates(work: Work, detail: TicketDetail, typed: str) -> list[TicketRow]:
    """Return which tickets may be meant for a link by a number or words, the newest first."""
    if not typed.strip():
        return []
    rows = newest(work, TicketQuery(text=typed.strip()[:200], size=_OFFERED, columns=("number", "subject")))
    mine = yours(work, [row.id for row in rows])
    return [row for row in rows if row.id in mine and row.id != detail.id]


def yours(work: Work, ticket_ids: Collection[int]) -> set[int]:
    """Return those of the tickets that are the actor's to change."""
    mine = scope.yours(work.actor)
    if mine is None or not ticket_ids:
        return set(ticket_ids)
    return set(work.session.scalars(select(Ticket.id).where(Ticket.id.in_(sorted(ticket_ids)), mine)))
