"""To whom it is news what is written on a ticket and how it ends: who watches it, and who has it."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from sqlalchemy import select

from app.core.work import Work
from app.people.models import Account
from app.tickets.change.plan import Plan
from app.tickets.change.return_notices import News, Ways
from app.tickets.models import TicketWatcher

#: What becomes of a ticket that whoever watches it hears.
_ENDS: Final = frozenset({"resolved", "closed", "cancelled", "reopened"})


def overheard(work: Work, ways: Ways) -> News:
    """Return who hears of changes because he watches the ticket or has it; one statement, or none."""
    # Of a new ticket there is nothing to hear but whose it is.
    heard = {
        plan.ticket_id: (plan, kind)
        for way, plans in ways.items()
        for plan in plans
        if plan.row.get("id") and (kind := _kind(plan, way))
    }
    if not heard:
        return {}
    news = {(user_id, ticket_id): heard[ticket_id][1] for user_id, ticket_id in _watchers(work, sorted(heard))}
    for ticket_id, (plan, kind) in heard.items():
        # Who has it sees it through to its end; what is new to him is what was written, or that it is gone.
        if (holder := plan.column("assignee_id")) is not None and (kind == "merged" or plan.notes):
            news.setdefault((holder, ticket_id), "merged" if kind == "merged" else "noted")
    return news


def _kind(plan: Plan[Any], way: str) -> str:
    if plan.kind == "merged":
        return "merged"
    return way if way in _ENDS else "noted" if plan.notes else ""


def _watchers(work: Work, ticket_ids: Sequence[int]) -> Iterable[tuple[int, int]]:
    query = (
        select(TicketWatcher.user_id, TicketWatcher.ticket_id)
        .join(Account, Account.id == TicketWatcher.user_id)
        .where(TicketWatcher.ticket_id.in_(ticket_ids), Account.active.is_(True))
    )
    return ((row.user_id, row.ticket_id) for row in work.session.execute(query))
