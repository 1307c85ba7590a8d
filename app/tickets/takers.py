"""Who took the steps of tickets, as the journal knows it: some steps are open after others only, or to other people."""

from collections import defaultdict
from collections.abc import Collection, Mapping

from sqlalchemy import select

from app.core.work import Work
from app.people.colleagues import roles_of_others
from app.tickets.models import TicketEvent
from ticket_templates.spec import Transition
from ticket_templates.workflow import Takers


def takers(work: Work, wanted: Mapping[int, Collection[Transition]]) -> dict[int, Takers]:
    """Return who took last what it depends on whether the ``wanted`` steps may be taken, by ticket and transition.

    None where that bars nobody: a program took it, or the actor did and is the only one who may take what follows. A
    shop of one person has nobody else to ask; its history says who took both.
    """
    keys = {key for steps in wanted.values() for step in steps for key in (*step.other_than, *step.after)}
    if not keys:
        return {}
    query = (
        select(TicketEvent.ticket_id, TicketEvent.transition, TicketEvent.actor_id)
        .where(TicketEvent.ticket_id.in_(sorted(wanted)), TicketEvent.transition.in_(sorted(keys)))
        .order_by(TicketEvent.id)
    )
    last: dict[int, dict[str, int | None]] = defaultdict(dict)
    for ticket, step, actor in work.session.execute(query):
        last[ticket][str(step)] = actor
    own = {
        ticket: {key for key, actor in taken.items() if actor is not None and actor == work.actor.user_id}
        for ticket, taken in last.items()
    }
    if any(own.values()):
        others = roles_of_others(work)
        for ticket, taken in last.items():
            barred = [step for step in wanted[ticket] if step.other_than and _may_take(step, others)]
            taken.update(dict.fromkeys(own[ticket].difference(*(step.other_than for step in barred))))
    return dict(last)


def _may_take(step: Transition, roles: Collection[str]) -> bool:
    return not step.roles.isdisjoint(roles) if step.roles else bool(roles)
