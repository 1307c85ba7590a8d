"""What was merged into what, as it is read."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import bindparam, select, true

from app.core.i18n import Message, _
from app.core.work import Work
from app.tickets import scope
from app.tickets.links.files import MOST_STEPS
from app.tickets.links.models import TicketMerge
from app.tickets.models import Ticket

#: So long a merge can be undone.
UNDONE_WITHIN: Final = timedelta(days=7)
#: Asked by every ticket page, and so put together once.
_INTO: Final = select(TicketMerge.source_id, TicketMerge.target_id).where(
    TicketMerge.target_id.in_(bindparam("targets", expanding=True))
)


@dataclass(frozen=True, slots=True)
class Merge:
    """Where a ticket went; without a number the target is out of the actor's reach."""

    source_id: int
    target_id: int
    number: str | None
    at: datetime


def of_sources(work: Work, ticket_ids: Iterable[int]) -> dict[int, Merge]:
    """Return what the tickets were merged into, by source; one statement."""
    wanted = sorted(set(ticket_ids))
    if not wanted:
        return {}
    reach = scope.reaches(work.actor)
    query = (
        select(
            TicketMerge.source_id,
            TicketMerge.target_id,
            Ticket.number,
            TicketMerge.at,
            true() if reach is None else reach,
        )
        .join(Ticket, Ticket.id == TicketMerge.target_id)
        .where(TicketMerge.source_id.in_(wanted))
    )
    found = work.rows(query)
    return {one: Merge(one, target, number if reached else None, at) for one, target, number, at, reached in found}


def into(work: Work, ticket_ids: Collection[int]) -> dict[int, int]:
    """Return what was merged into the tickets, over all steps: source → its target; a statement a step."""
    return work.once(("merged into", frozenset(ticket_ids)), lambda: _into(work, ticket_ids))


def _into(work: Work, ticket_ids: Collection[int]) -> dict[int, int]:
    found: dict[int, int] = {}
    asked = set(ticket_ids)
    for _step in range(MOST_STEPS):
        if not asked:
            break
        rows = work.rows(_INTO, {"targets": sorted(asked)})
        some = {source: target for source, target in rows if source not in found}
        found |= some
        asked = set(some)
    return found


def steps_below(merged: dict[int, int], ticket_id: int) -> int:
    """Return over how many steps others (see `into`) were merged into a ticket."""
    steps, row = 0, {ticket_id}
    while row := {source for source, target in merged.items() if target in row}:
        steps += 1
    return steps


def gone_on(merge: Merge | None) -> Message:
    """Return that a ticket was merged, and where it goes on, as far as the actor may know."""
    if merge is None or merge.number is None:
        return _("This ticket was merged into another one; nothing on it can be changed any more.")
    return _("This ticket was merged into %(number)s; go on there.", number=merge.number)


def numbers(work: Work, ticket_ids: Collection[int]) -> dict[int, str]:
    """Return the numbers of tickets that were merged into one the actor may see."""
    if not ticket_ids:
        return {}
    query = select(Ticket.id, Ticket.number).where(Ticket.id.in_(sorted(ticket_ids)))
    return {row.id: row.number for row in work.rows(query)}
