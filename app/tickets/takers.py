"""Who took the steps of tickets, as the journal knows it: some steps are for somebody else than who took another."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from sqlalchemy import select

from app.core.work import Work
from app.tickets.models import TicketEvent


def takers(work: Work, wanted: Mapping[int, Iterable[str]]) -> dict[int, dict[str, int]]:
    """Return who took each of the ``wanted`` transitions last, by ticket; nobody is named where a program did."""
    steps = {key for keys in wanted.values() for key in keys}
    if not steps:
        return {}
    query = (
        select(TicketEvent.ticket_id, TicketEvent.transition, TicketEvent.actor_id)
        .where(TicketEvent.ticket_id.in_(sorted(wanted)), TicketEvent.transition.in_(sorted(steps)))
        .order_by(TicketEvent.id)
    )
    last: dict[int, dict[str, int | None]] = defaultdict(dict)
    for ticket, step, actor in work.session.execute(query):
        last[ticket][str(step)] = actor
    return {
        ticket: {key: actor for key, actor in by_step.items() if actor is not None} for ticket, by_step in last.items()
    }
