"""Who took the steps of tickets, as the journal knows it: some steps are open after others only, or to other people."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from collections.abc import Set as AbstractSet

from sqlalchemy import select

from app.core.work import Work
from app.people.colleagues import colleagues
from app.tickets import scope
from app.tickets.models import TicketEvent
from ticket_templates.spec import Transition
from ticket_templates.workflow import Takers


def takers(work: Work, wanted: Mapping[int, Collection[Transition]]) -> dict[int, Takers]:
    """Return who took last what it depends on whether the ``wanted`` steps may be taken, by ticket and transition.

    None where that bars nobody: a program took it, or the actor did and is the only one who may take what follows on
    this ticket. A shop of one person has nobody else to ask; its history says who took both.
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
        for ticket, barred in _barred(work, wanted, own).items():
            last[ticket].update(dict.fromkeys(own[ticket].difference(*(step.other_than for step in barred))))
    return dict(last)


def _barred(
    work: Work, wanted: Mapping[int, Collection[Transition]], own: Mapping[int, AbstractSet[str]]
) -> dict[int, list[Transition]]:
    """Return the steps the actor leaves to somebody else, since there is one who plays the role and has the ticket.

    Who plays it at another outlet sees nothing of the ticket, and is nobody to wait for.
    """
    open_steps = {
        ticket: [step for step in wanted[ticket] if not keys.isdisjoint(step.other_than)]
        for ticket, keys in own.items()
    }
    barred: dict[int, list[Transition]] = {ticket: [] for ticket in own}
    people = list(colleagues(work).items())
    for start in range(0, len(people), scope.AT_ONCE):
        some = dict(people[start : start + scope.AT_ONCE])
        asked = {
            user: {ticket for ticket, steps in open_steps.items() if any(_plays(roles, step) for step in steps)}
            for user, roles in some.items()
        }
        for ticket, user in scope.at_hand_of_each(work, {user: ids for user, ids in asked.items() if ids}):
            found = [step for step in open_steps[ticket] if _plays(some[user], step)]
            barred[ticket] += found
            open_steps[ticket] = [step for step in open_steps[ticket] if step not in found]
        if not any(open_steps.values()):
            break
    return barred


def _plays(roles: Collection[str], step: Transition) -> bool:
    return not step.roles or not step.roles.isdisjoint(roles)
