"""Links as a person sees them: those to tickets out of reach do not exist, and nothing hints at them."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import bindparam, case, func, or_, select

from app.core.work import Work
from app.tickets import scope
from app.tickets.change.read import COLUMNS
from app.tickets.links import merges
from app.tickets.links.kinds import ENDS, End, seen
from app.tickets.links.models import TicketLink
from app.tickets.models import Attachment, Ticket, TicketNote, TicketWatcher
from app.tickets.queries.detail import TicketDetail
from app.tickets.queries.page import newest
from app.tickets.queries.selection import TicketQuery
from app.tickets.rows import TicketRow

#: A family of hundreds is a list, not a panel.
MOST_SHOWN: Final = 100
_OFFERED: Final = 12
_FAMILY: Final[Any] = bindparam("family", expanding=True)
_OTHER: Final = case((TicketLink.source_id.in_(_FAMILY), TicketLink.target_id), else_=TicketLink.source_id)
#: Asked by every ticket page, and so put together once.
_LINKED: Final = (
    select(*COLUMNS, TicketLink.source_id, TicketLink.target_id, TicketLink.kind.label("link_kind"))
    .join(Ticket, Ticket.id == _OTHER)
    .where(or_(TicketLink.source_id.in_(_FAMILY), TicketLink.target_id.in_(_FAMILY)), _OTHER.not_in(_FAMILY))
    .order_by(TicketLink.id.desc())
    .limit(MOST_SHOWN)
)


@dataclass(frozen=True, slots=True)
class Linked:
    """Another ticket, and what it is to this one."""

    end: End
    ticket: TicketRow
    #: Whether the link may be taken away: both tickets are the actor's to change.
    removable: bool


def linked(work: Work, detail: TicketDetail) -> list[Linked]:
    """Return the tickets a ticket is linked with, within reach; by kind, the newest of each first.

    The links of what was merged into it are seen on it, and stay with that.
    """
    family = [detail.id, *sorted(merges.into(work, [detail.id]))]
    records = work.rows(scope.in_reach(_LINKED, work.actor), {"family": family}).all()
    if not records:
        return []
    rows = detail.reader.rows([record[:-3] for record in records], pointers=("assignee_id",), fields=())
    mine = yours(work, [row.id for row in rows]) if detail.yours and not detail.is_merged else set()
    found: dict[tuple[str, int], Linked] = {}
    for record, row in zip(records, rows, strict=True):
        end = seen(record.link_kind, as_source=record.source_id in family)
        own = detail.id in (record.source_id, record.target_id)
        removable = own and row.id in mine and not row.is_merged
        if own or (end.name, row.id) not in found:
            found[end.name, row.id] = Linked(end, row, removable)
    order = list(ENDS)
    return sorted(found.values(), key=lambda one: order.index(one.end.name))


def candidates(work: Work, detail: TicketDetail, typed: str) -> list[TicketRow]:
    """Return which tickets may be meant for a link by a number or words, the newest first."""
    if not typed.strip():
        return []
    rows = newest(work, TicketQuery(text=typed.strip()[:200], size=_OFFERED, columns=("number", "subject")))
    mine = yours(work, [row.id for row in rows])
    return [row for row in rows if row.id in mine and row.id != detail.id and not row.is_merged]


def yours(work: Work, ticket_ids: Collection[int]) -> set[int]:
    """Return those of the tickets that are the actor's to change."""
    mine = scope.yours(work.actor)
    if mine is None or not ticket_ids:
        return set(ticket_ids)
    return set(work.session.scalars(select(Ticket.id).where(Ticket.id.in_(sorted(ticket_ids)), mine)))


def holdings(work: Work, ticket_id: int) -> dict[str, int]:
    """Return how many notes, files, watchers and links (of those within reach) a ticket has; one statement."""
    reach = scope.reaches(work.actor)
    other = case((TicketLink.source_id == ticket_id, TicketLink.target_id), else_=TicketLink.source_id)
    links = select(func.count()).where(or_(TicketLink.source_id == ticket_id, TicketLink.target_id == ticket_id))
    if reach is not None:
        links = links.where(other.in_(select(Ticket.id).where(reach)))
    counted = {
        "notes": select(func.count()).where(TicketNote.ticket_id == ticket_id),
        "files": select(func.count()).where(Attachment.ticket_id == ticket_id),
        "watchers": select(func.count()).where(TicketWatcher.ticket_id == ticket_id),
        "links": links,
    }
    every = select(*(one.scalar_subquery().label(name) for name, one in counted.items()))
    return dict(work.session.execute(every).mappings().one())
