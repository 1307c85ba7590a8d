"""Other tickets in a ticket's journal: an entry about one out of reach is not there for the reader."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import select

from app.core.work import Work
from app.tickets import scope
from app.tickets.links.kinds import LINK
from app.tickets.models import Ticket, TicketEvent

#: Kinds of the journal that name another ticket.
NAMING: Final = ("linked", "unlinked", "merged", "unmerged", "absorbed", "released", "split")
#: What the journal of a merged ticket calls the one it was merged into.
MERGED_INTO: Final = "merged_into"


def hidden_events(work: Work, ticket_id: int) -> list[int]:
    """Return the entries of a ticket's journal that name a ticket out of the actor's reach."""
    reach = scope.reaches(work.actor)
    if reach is None:
        return []
    query = select(TicketEvent.id, TicketEvent.changes).where(
        TicketEvent.ticket_id == ticket_id, TicketEvent.kind.in_(NAMING)
    )
    naming = {one: others(changes) for one, changes in work.session.execute(query)}
    known = set().union(*naming.values())
    if known:
        known = set(work.session.scalars(select(Ticket.id).where(Ticket.id.in_(sorted(known)), reach)))
    return [one for one, named in naming.items() if not named <= known]


def others(changes: Mapping[str, Sequence[Any]]) -> set[int]:
    """Return the tickets that changes in a journal name."""
    return {one for name, pair in changes.items() if is_naming(name) for one in pair if one is not None}


def is_naming(name: str) -> bool:
    """Whether what the journal calls ``name`` is another ticket."""
    return name.startswith(LINK) or name == MERGED_INTO


def numbers(work: Work, ticket_ids: Collection[int]) -> dict[int, str]:
    """Return the numbers of tickets within reach."""
    if not ticket_ids:
        return {}
    query = select(Ticket.id, Ticket.number).where(Ticket.id.in_(sorted(ticket_ids)))
    query = scope.in_reach(query, work.actor)
    return {row.id: row.number for row in work.session.execute(query)}
