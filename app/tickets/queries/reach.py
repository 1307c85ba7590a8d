"""The ways by which tickets come into somebody's reach, one by one: the rule of `app.tickets.scope.reaches` in parts.

A list takes its page from the first tickets of each way, which an index answers, and so costs the same however many
there are. A test holds both sayings of the rule against each other.
"""

from typing import Final

from sqlalchemy import ColumnElement, select

from app.core.permissions import Actor, Scope
from app.core.work import Work
from app.people.models import StaffProfile, staff_team
from app.tickets.models import Ticket, TicketWatcher

#: With more colleagues than this, asking for each of them costs more than asking for all at once.
_MOST_MATES: Final = 40


def ways(work: Work) -> list[ColumnElement[bool]]:
    """Return the conditions any of which puts a ticket in the actor's reach; none: all tickets are."""
    actor = work.actor
    if actor.is_system or actor.scope is Scope.ALL:
        return []
    found: list[ColumnElement[bool]] = [
        Ticket.assignee_id == actor.user_id,
        Ticket.created_by_id == actor.user_id,
        Ticket.id.in_(select(TicketWatcher.ticket_id).where(TicketWatcher.user_id == actor.user_id)),
    ]
    if actor.scope >= Scope.TEAM and actor.team_ids:
        found += [Ticket.team_id == one for one in sorted(actor.team_ids)]
        found += _of_mates(work, actor)
    if actor.scope >= Scope.OUTLET:
        found += [Ticket.outlet_id == one for one in sorted(actor.outlet_ids)]
    return found


def _of_mates(work: Work, actor: Actor) -> list[ColumnElement[bool]]:
    mates = (
        select(StaffProfile.user_id)
        .join(staff_team, staff_team.c.staff_id == StaffProfile.id)
        .where(staff_team.c.team_id.in_(sorted(actor.team_ids)), StaffProfile.user_id.is_not(None))
    )
    known = set(work.session.scalars(mates.distinct().limit(_MOST_MATES + 1)))
    if len(known) > _MOST_MATES:
        return [Ticket.assignee_id.in_(mates)]
    return [Ticket.assignee_id == one for one in sorted(known - {actor.user_id})]
