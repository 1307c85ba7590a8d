"""Row scope of people's records: the one builder every list, page, export, lookup and REST answer asks.

A customer is reached through its outlet, or through a ticket: whoever must go there must see where. Contacts, phones
and sites follow their customer.

Two reaches, as tickets have: what hangs on a ticket one watches is read; it is changed, and named on tickets, by those
on whose desk a ticket of it is. Were it enough to be told of a ticket, a mention would give the customer away.
"""

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, false, or_, select, true, union
from sqlalchemy.orm import aliased

from app.core.permissions import Actor, Scope
from app.people.models import Contact, Customer, Outlet, Phone, Site, StaffProfile, Team, staff_team
from app.people.neighbours import TICKET, WATCHER


def customers(actor: Actor) -> ColumnElement[bool]:
    """Return the condition on `Customer` that holds for the customers the actor may read."""
    return true() if _everything(actor) else _served(actor, tickets_in_reach(actor))


def customers_on_desk(actor: Actor) -> ColumnElement[bool]:
    """Return the condition on `Customer` that holds for those the actor may work on."""
    return true() if _everything(actor) else _served(actor, tickets_on_desk(actor))


def customer(actor: Actor) -> ColumnElement[bool]:
    """Return the condition of `customers` for a statement that names its customer.

    A list reads the tickets in reach once. For one card that would be every ticket of a large outlet: here the tickets
    of that customer are looked through instead.
    """
    if _everything(actor):
        return true()
    return or_(_own(actor), exists().where(TICKET.c.customer_id == Customer.id, tickets_in_reach(actor)))


def _everything(actor: Actor) -> bool:
    return actor.is_system or actor.scope is Scope.ALL


def _served(actor: Actor, tickets: ColumnElement[bool]) -> ColumnElement[bool]:
    """Return the rule of customers: of the actor's outlets, made by the actor, or of one of ``tickets``."""
    return or_(_own(actor), Customer.id.in_(select(TICKET.c.customer_id).where(tickets)))


def _own(actor: Actor) -> ColumnElement[bool]:
    if actor.scope is Scope.OUTLET:
        return Customer.outlet_id.in_(actor.outlet_ids)
    return Customer.created_by_id == actor.user_id


def tickets_in_reach(actor: Actor, ticket: Any = TICKET.c, watcher: Any = WATCHER.c) -> ColumnElement[bool]:
    """Return which tickets an actor below the whole company may read: those of any of the `ways_to_tickets`.

    The ticket desk passes its own models for the columns, so that whoever may open a ticket may see its customer.
    """
    ways = ways_to_tickets(actor, ticket, watcher)
    if actor.scope is Scope.OWN:
        # A handful of tickets: found by their indexes, then sorted, instead of walking a list of a million.
        inside: ColumnElement[bool] = ticket.id.in_(union(*(select(ticket.id).where(way) for way in ways)))
        return inside
    return or_(*ways)


def tickets_on_desk(actor: Actor, ticket: Any = TICKET.c) -> ColumnElement[bool]:
    """Return which tickets an actor below the whole company may work on: to be told of one is not to have it."""
    return or_(*_ways_to_desk(actor, ticket, None))


def ways_to_tickets(
    actor: Actor, ticket: Any, watcher: Any, known_mates: Collection[int] | None = None
) -> list[ColumnElement[bool]]:
    """Return what puts a ticket in the reach of an actor below the whole company, one by one and the widest first.

    Those on the desk, and those watched. An index answers each way in the order of a list; so that it does for the
    colleagues as well, whoever has read who they are passes them.
    """
    watched = select(watcher.ticket_id).where(watcher.user_id == actor.user_id)
    return [*_ways_to_desk(actor, ticket, known_mates), ticket.id.in_(watched)]


def _ways_to_desk(actor: Actor, ticket: Any, known_mates: Collection[int] | None) -> list[ColumnElement[bool]]:
    """Return the rule of the desk.

    own: assigned to or made by the actor; team: also those of the actor's teams and of their members; outlet: also
    those of the actor's outlets.
    """
    found: list[ColumnElement[bool]] = []
    if actor.scope is Scope.OUTLET:
        found += [ticket.outlet_id == one for one in sorted(actor.outlet_ids)]
    if actor.scope >= Scope.TEAM and actor.team_ids:
        found += [ticket.team_id == one for one in sorted(actor.team_ids)]
        if known_mates is None:
            found.append(ticket.assignee_id.in_(mates(actor)))
        else:
            found += [ticket.assignee_id == one for one in sorted(known_mates) if one != actor.user_id]
    return [*found, ticket.assignee_id == actor.user_id, ticket.created_by_id == actor.user_id]


def mates(actor: Actor) -> Select[Any]:
    """Return a select of the accounts of the actor's teams."""
    return (
        select(StaffProfile.user_id)
        .join(staff_team, staff_team.c.staff_id == StaffProfile.id)
        .where(staff_team.c.team_id.in_(sorted(actor.team_ids)), StaffProfile.user_id.is_not(None))
    )


def of_customer(customer_id: Any, actor: Actor) -> ColumnElement[bool]:
    """Return the condition on a table with a customer's key; rows of no customer are for those who reach all."""
    if _everything(actor):
        return true()
    inside: ColumnElement[bool] = customer_id.in_(select(Customer.id).where(customers(actor)))
    return inside


def of_customer_on_desk(customer_id: Any, actor: Actor) -> ColumnElement[bool]:
    """Return the condition on a table with a customer's key, for those who may work on the customer."""
    if _everything(actor):
        return true()
    inside: ColumnElement[bool] = customer_id.in_(select(Customer.id).where(customers_on_desk(actor)))
    return inside


def contacts(actor: Actor) -> ColumnElement[bool]:
    """Return the condition on `Contact`."""
    return of_customer(Contact.customer_id, actor)


def contacts_on_desk(actor: Actor) -> ColumnElement[bool]:
    """Return the condition on `Contact` of customers the actor may work on."""
    return of_customer_on_desk(Contact.customer_id, actor)


def phones(actor: Actor) -> ColumnElement[bool]:
    """Return the condition on `Phone`."""
    return of_customer(Phone.customer_id, actor)


def phones_on_desk(actor: Actor) -> ColumnElement[bool]:
    """Return the condition on `Phone` of customers the actor may work on."""
    return of_customer_on_desk(Phone.customer_id, actor)


def sites(actor: Actor) -> ColumnElement[bool]:
    """Return the condition on `Site`."""
    return of_customer(Site.customer_id, actor)


def sites_on_desk(actor: Actor) -> ColumnElement[bool]:
    """Return the condition on `Site` of customers the actor may work on."""
    return of_customer_on_desk(Site.customer_id, actor)


def outlets(actor: Actor) -> ColumnElement[bool]:
    """Return the condition on `Outlet`: one's own, below the whole company."""
    return true() if actor.is_system or actor.scope is Scope.ALL else Outlet.id.in_(actor.outlet_ids)


def teams(actor: Actor) -> ColumnElement[bool]:
    """Return the condition on `Team`: one's own and those of one's outlets."""
    if actor.is_system or actor.scope is Scope.ALL:
        return true()
    return or_(Team.id.in_(actor.team_ids), Team.outlet_id.in_(actor.outlet_ids))


def staff(actor: Actor) -> ColumnElement[bool]:
    """Return the condition on `StaffProfile`: oneself, one's team, one's outlet or everybody."""
    if actor.is_system or actor.scope is Scope.ALL:
        return true()
    if actor.scope is Scope.OUTLET:
        return StaffProfile.outlet_id.in_(actor.outlet_ids)
    own: ColumnElement[bool] = StaffProfile.user_id == actor.user_id
    if actor.scope is Scope.TEAM:
        mates = select(staff_team.c.staff_id).where(staff_team.c.team_id.in_(actor.team_ids))
        return or_(own, StaffProfile.id.in_(mates))
    return own


def colleagues(actor: Actor, account_id: Any) -> ColumnElement[bool]:
    """Return which accounts may be named (assigned, mentioned): of one's outlets and teams, and of headquarters."""
    if actor.is_system or actor.scope is Scope.ALL:
        return true()
    # Under its own name: a query that reads the profiles itself would lend it its own row.
    place = aliased(StaffProfile)
    elsewhere = exists().where(
        place.user_id == account_id,
        place.outlet_id.is_not(None),
        place.outlet_id.not_in(actor.outlet_ids) if actor.outlet_ids else true(),
    )
    mates = (
        select(StaffProfile.user_id)
        .join(staff_team, staff_team.c.staff_id == StaffProfile.id)
        .where(staff_team.c.team_id.in_(actor.team_ids) if actor.team_ids else false())
    )
    return or_(~elsewhere, account_id.in_(mates))
