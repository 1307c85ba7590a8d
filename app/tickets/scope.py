"""Which tickets and files an actor reaches: the conditions every read and the change path put into statements.

Two reaches: whoever watches a ticket, as everybody mentioned on it does, may read it and write notes; its fields and
its state are changed by those on whose desk it is.
"""

from collections.abc import Iterable

from sqlalchemy import ColumnElement, or_, select

from app.core.permissions import Actor, Scope
from app.core.work import Work
from app.people import scope as people_scope
from app.people.identity import actor_of
from app.tickets.models import Attachment, Ticket, TicketWatcher


def reaches(actor: Actor) -> ColumnElement[bool] | None:
    """Return the condition on `Ticket` that holds for tickets the actor may read; None: all of them.

    The rule itself is `people_scope.tickets_in_reach`, so that customers follow the tickets they are reached by.
    """
    if actor.is_system or actor.scope is Scope.ALL:
        return None
    return people_scope.tickets_in_reach(actor, Ticket, TicketWatcher)


def yours(actor: Actor) -> ColumnElement[bool] | None:
    """Return the condition on `Ticket` that holds for tickets the actor may work on; None: all of them."""
    if actor.is_system or actor.scope is Scope.ALL:
        return None
    return people_scope.tickets_on_desk(actor, Ticket)


def files(actor: Actor) -> ColumnElement[bool] | None:
    """Return the condition on `Attachment`: of a ticket in reach, or the actor's own unclaimed upload; None: all."""
    if actor.is_system:
        return None
    own = Attachment.ticket_id.is_(None) & (Attachment.uploaded_by_id == actor.user_id)
    reach = reaches(actor)
    if reach is None:
        return or_(Attachment.ticket_id.is_not(None), own)
    return or_(Attachment.ticket_id.in_(select(Ticket.id).where(reach)), own)


def within(work: Work, user_id: int, ticket_ids: Iterable[int]) -> set[int]:
    """Return those of the tickets that an account may see by itself, with the rights it has now."""
    person = actor_of(work.session, user_id)
    if person is None or not person.may("ticket.read"):
        return set()
    query = select(Ticket.id).where(Ticket.id.in_(sorted(set(ticket_ids))))
    if (reach := reaches(person)) is not None:
        query = query.where(reach)
    return set(work.session.scalars(query))
