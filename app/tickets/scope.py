"""Which tickets and files an actor reaches: the conditions every read and the change path put into statements.

Two reaches: whoever watches a ticket, as everybody mentioned on it does, may read it and write notes; its fields and
its state are changed by those on whose desk it is.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, literal, or_, select, union_all

from app.core.permissions import Actor, Scope
from app.core.work import Work
from app.people import scope as people_scope
from app.people.identity import actors_of
from app.tickets.links.files import merged_files
from app.tickets.models import Attachment, Ticket, TicketWatcher

#: People asked about in one statement; SQLite joins no more than 500 selects.
_AT_ONCE: Final = 100


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
    within = select(Ticket.id).where(reach)
    # What was merged into a ticket is seen on it.
    return or_(Attachment.ticket_id.in_(within), merged_files(within), own)


def within(work: Work, user_id: int, ticket_ids: Collection[int]) -> set[int]:
    """Return those of the tickets that an account may see by itself, with the rights it has now."""
    return {ticket for ticket, _user in within_each(work, {user_id: ticket_ids})}


def within_each(work: Work, asked: Mapping[int, Collection[int]]) -> set[tuple[int, int]]:
    """Return the (ticket id, account id) of the tickets each account may see by itself, as ``asked`` by account.

    Two statements, however many are asked about.
    """
    people = [pair for pair in actors_of(work.session, asked).items() if pair[1].may("ticket.read")]
    found: set[tuple[int, int]] = set()
    for start in range(0, len(people), _AT_ONCE):
        each = [_seen(user_id, one, asked[user_id]) for user_id, one in people[start : start + _AT_ONCE]]
        found.update((row[0], row[1]) for row in work.session.execute(union_all(*each)))
    return found


def _seen(user_id: int, person: Actor, ticket_ids: Iterable[int]) -> Select[Any, Any]:
    query = select(Ticket.id, literal(user_id)).where(Ticket.id.in_(sorted(set(ticket_ids))))
    reach = reaches(person)
    return query if reach is None else query.where(reach)
