"""The ways by which tickets come into somebody's reach, one by one (see `app.people.scope.ways_to_tickets`).

A list takes its page from the first tickets of each way, which an index answers, and so costs the same however many
there are.
"""

from collections.abc import Collection
from typing import Final

from sqlalchemy import ColumnElement

from app.core.permissions import Scope
from app.core.work import Work
from app.people import scope
from app.tickets.models import Ticket, TicketWatcher

#: With more colleagues than this, asking for each of them costs more than asking for all at once.
_MOST_MATES: Final = 40


def ways(work: Work) -> list[ColumnElement[bool]]:
    """Return the conditions any of which puts a ticket in the actor's reach; none: all tickets are."""
    actor = work.actor
    if actor.is_system or actor.scope is Scope.ALL:
        return []
    return scope.ways_to_tickets(actor, Ticket, TicketWatcher, _mates(work))


def _mates(work: Work) -> Collection[int] | None:
    """Return the accounts of the actor's teams; None: there are too many."""
    actor = work.actor
    if actor.scope < Scope.TEAM or not actor.team_ids:
        return ()
    known = set(work.session.scalars(scope.mates(actor).distinct().limit(_MOST_MATES + 1)))
    return known if len(known) <= _MOST_MATES else None
