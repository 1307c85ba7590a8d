"""Which tickets and files an actor reaches: the conditions every read and the change path put into statements.

Two reaches: whoever watches a ticket, as everybody mentioned on it does, may read it and write notes; its fields and
its state are changed by those on whose desk it is.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from functools import lru_cache
from typing import Any, Final, TypeVarTuple

from sqlalchemy import ColumnElement, Select, literal, or_, select, union_all

from app.core.permissions import Actor, Scope
from app.core.work import Work
from app.people import scope as people_scope
from app.people.identity import actors_of
from app.tickets.links.files import merged_files
from app.tickets.models import Attachment, Ticket, TicketWatcher

_Columns = TypeVarTuple("_Columns")

#: People asked about in one statement; SQLite joins no more than 500 selects.
AT_ONCE: Final = 100
#: A statement of SQLite has no more than 32,766 parameters.
_MOST_IDS: Final = 20_000
#: Conditions kept by a process: a page asks for its reader's in every statement, and it takes longer to put together
#: than the database takes to answer. Nothing but the actor makes it, so it is true as long as the actor is the same.
_ACTORS: Final = 256


@lru_cache(_ACTORS)
def reaches(actor: Actor) -> ColumnElement[bool] | None:
    """Return the condition on `Ticket` that holds for tickets the actor may read; None: all of them.

    The rule itself is `people_scope.tickets_in_reach`, so that customers follow the tickets they are reached by.
    """
    if actor.is_system or actor.scope is Scope.ALL:
        return None
    return people_scope.tickets_in_reach(actor, Ticket, TicketWatcher)


def in_reach(query: Select[*_Columns], actor: Actor) -> Select[*_Columns]:
    """Return a query of `Ticket` for those the actor may read."""
    reach = reaches(actor)
    return query if reach is None else query.where(reach)


@lru_cache(_ACTORS)
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
    return _each(work, asked, "ticket.read", reaches)


def at_hand_of_each(work: Work, asked: Mapping[int, Collection[int]]) -> set[tuple[int, int]]:
    """Return the (ticket id, account id) of the tickets each account may take on by itself, as ``asked`` by account."""
    return _each(work, asked, "ticket.transition", yours)


def _each(
    work: Work, asked: Mapping[int, Collection[int]], right: str, reach: Callable[[Actor], ColumnElement[bool] | None]
) -> set[tuple[int, int]]:
    people = [pair for pair in actors_of(work.session, asked).items() if pair[1].may(right)]
    found: set[tuple[int, int]] = set()
    at_once = max(1, min(AT_ONCE, _MOST_IDS // max(map(len, asked.values()), default=1)))
    for start in range(0, len(people), at_once):
        each = [_of(user_id, reach(one), asked[user_id]) for user_id, one in people[start : start + at_once]]
        found.update((row[0], row[1]) for row in work.session.execute(union_all(*each)))
    return found


def _of(user_id: int, reach: ColumnElement[bool] | None, ticket_ids: Iterable[int]) -> Select[Any, Any]:
    query = select(Ticket.id, literal(user_id)).where(Ticket.id.in_(sorted(set(ticket_ids))))
    return query if reach is None else query.where(reach)
