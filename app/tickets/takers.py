"""Who took the steps of tickets, as the journal knows it: some steps are open after others only, or to other people."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from sqlalchemy import select

from app.core.work import Work
from app.tickets.models import TicketEvent
from ticket_templates.spec import Transition
from ticket_templates.workflow import Takers


def asked_about(step: Transition) -> set[str]:
    """Return the steps whose takers decide who may take this one, and whether it may be taken yet."""
    return {*step.other_than, *step.after}


def takers(work: Work, wanted: Mapping[int, Iterable[str]]) -> dict[int, Takers]:
    """Return who took each of the ``wanted`` transitions last, by ticket; None where a program did."""
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
    return dict(last)
