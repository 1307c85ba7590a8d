"""Who is to see that a ticket waits for him: whoever is named on it, is given it, has it back, watches or has it."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from sqlalchemy import Table, delete

from app.core.work import Work
from app.tickets.change import bulk
from app.tickets.change.plan import DONE, Plan
from app.tickets.change.return_notices import coming_back, ways_of
from app.tickets.change.watch_notices import overheard
from app.tickets.models import TicketNotice

#: What a company brings along from elsewhere, by a command or a job, or what made itself, is no news to anybody.
_SILENT: Final = frozenset({"import", "ticket_import", "system"})
#: What somebody is told because the ticket is his.
_TO_HOLDER: Final = ("assigned", "returned", "reopened")
_NOTICE: Table = TicketNotice.__table__  # type: ignore[assignment]
_KEY: Final = ("user_id", "ticket_id")
#: What still asks something of somebody is not covered up by what he only hears; what was handed back asks nothing
#: of anybody once somebody has it.
_COVERS: Final = """
 (excluded.kind <> 'noted' OR ticket_notice.kind IN ('noted', 'handed_back'))
 AND (excluded.kind NOT IN ('resolved', 'closed') OR ticket_notice.kind <> 'mentioned')
 AND (excluded.kind <> 'noted' OR ticket_notice.kind <> 'handed_back'
      OR EXISTS (SELECT 1 FROM ticket WHERE ticket.id = excluded.ticket_id AND ticket.assignee_id IS NOT NULL))"""


def tell(work: Work, plans: Sequence[Plan[Any]], mentioned: Iterable[tuple[int, int]]) -> None:
    """Note for whom ``plans`` are news; ``mentioned`` are (ticket id, account id).

    As many statements for a thousand tickets as for one.
    """
    if work.cause.kind in _SILENT:
        return
    moved = [plan for plan in plans if "assignee_id" in plan.new]
    _take_back(work, moved)
    ways = ways_of(plans)
    news = overheard(work, ways)
    news |= {
        (plan.new["assignee_id"], plan.ticket_id): "assigned"
        for plan in moved
        if plan.new["assignee_id"] is not None and plan.column("category") not in DONE
    }
    news |= {(user_id, ticket_id): "mentioned" for ticket_id, user_id in mentioned}
    # That it is back says more than that one is named where that is explained.
    news |= coming_back(work, ways)
    rows = [
        {"user_id": user_id, "ticket_id": ticket_id, "at": work.now, "kind": kind, "by_id": work.actor.user_id}
        for (user_id, ticket_id), kind in sorted(news.items())
        if user_id != work.actor.user_id
    ]
    bulk.upsert(work.session.connection(), _NOTICE, _KEY, (*_KEY, "at", "kind", "by_id"), rows, where=_COVERS)


def _take_back(work: Work, moved: Sequence[Plan[Any]]) -> None:
    """Whom a ticket was taken from before he opened it has nothing to open."""
    left = {plan.row["assignee_id"] for plan in moved if plan.row.get("assignee_id") is not None}
    if left:
        ids = [plan.ticket_id for plan in moved]
        work.session.execute(
            delete(TicketNotice).where(
                TicketNotice.user_id.in_(left), TicketNotice.ticket_id.in_(ids), TicketNotice.kind.in_(_TO_HOLDER)
            )
        )


def mark_read(work: Work, ticket_id: int | None) -> None:
    """Forget that the actor was to open a ticket, since he has; None: all of them."""
    statement = delete(TicketNotice).where(TicketNotice.user_id == work.actor.user_id)
    work.session.execute(statement if ticket_id is None else statement.where(TicketNotice.ticket_id == ticket_id))
