"""Which tickets an actor reaches: the one condition every read and the change path put into their statement."""

from sqlalchemy import ColumnElement, or_, select, union

from app.core.permissions import Actor, Scope
from app.people.models import StaffProfile, staff_team
from app.tickets.models import Ticket, TicketWatcher


def reaches(actor: Actor) -> ColumnElement[bool] | None:
    """Return the condition on `Ticket` that holds for tickets within the actor's scope; None: all of them.

    own: assigned to, made by or watched by the actor; team: also those of the actor's teams and of their
    members; outlet: also those of the actor's outlets.
    """
    if actor.is_system or actor.scope is Scope.ALL:
        return None
    if actor.scope is Scope.OWN:
        # A handful of tickets: found by their indexes, then sorted, instead of walking a list of a million.
        return Ticket.id.in_(
            union(
                select(Ticket.id).where(Ticket.assignee_id == actor.user_id),
                select(Ticket.id).where(Ticket.created_by_id == actor.user_id),
                _watched(actor),
            )
        )
    wide = [
        Ticket.assignee_id == actor.user_id,
        Ticket.created_by_id == actor.user_id,
        Ticket.id.in_(_watched(actor)),
    ]
    if actor.team_ids:
        members = (
            select(StaffProfile.user_id)
            .join(staff_team, staff_team.c.staff_id == StaffProfile.id)
            .where(staff_team.c.team_id.in_(sorted(actor.team_ids)))
        )
        wide += [Ticket.team_id.in_(sorted(actor.team_ids)), Ticket.assignee_id.in_(members)]
    if actor.scope is Scope.OUTLET and actor.outlet_ids:
        wide.append(Ticket.outlet_id.in_(sorted(actor.outlet_ids)))
    return or_(*wide)


def _watched(actor: Actor):  # type: ignore[no-untyped-def]  # noqa: ANN202 - a select, whose type says nothing here
    return select(TicketWatcher.ticket_id).where(TicketWatcher.user_id == actor.user_id)
