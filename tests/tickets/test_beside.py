"""Tickets that stand beside a ticket, on a customer's page and on a unit's: those the reader reaches, and no others."""

from dataclasses import replace

import pytest

from app.core.permissions import Scope
from app.tickets import queries
from tests.factories import people, tickets


@pytest.fixture
def owner(work):
    """A customer with a unit."""
    customer = people.customer(work)
    return {"customer_id": customer.id, "installed_product_id": people.installed_product(work, customer).id}


@pytest.fixture(params=list(Scope))
def technician(work, request):
    """Who works in an outlet and a team, as far as a scope goes."""
    actor = people.account(work, roles=["technician"], outlet=people.outlet(work), teams=[people.team(work)])
    return replace(actor, scope=request.param)


def test_what_is_beside_is_what_is_in_reach(work, make_work, key, owner, technician):
    stranger = people.account(work, roles=["technician"], outlet=people.outlet(work), teams=[people.team(work)])
    mine, theirs = (
        [tickets.ticket(work, key, assignee_id=one.user_id, **owner) for _ticket in range(2)]
        for one in (technician, stranger)
    )
    for one in (mine[1], theirs[1]):
        tickets.finish(work, one)
    reader = make_work(technician)
    seen = {*mine, *theirs} if technician.scope is Scope.ALL else set(mine)

    def ids(rows):
        return {row.id for row in rows}

    card = queries.customer_360(reader, owner["customer_id"])
    assert (ids(card.tickets), card.open_tickets, card.all_tickets) == (seen, len(seen) / 2, len(seen))
    card = queries.customer_360(reader, owner["customer_id"], unit=owner["installed_product_id"])
    assert (ids(card.tickets), card.open_tickets, card.all_tickets) == (seen, len(seen) / 2, len(seen))
    page = queries.customer_tickets(reader, owner["customer_id"])
    assert (ids(page.newest), page.open, page.all) == (seen, len(seen) / 2, len(seen))
    assert ids(queries.unit_tickets(reader, owner["installed_product_id"])) == seen
    beside = queries.related(reader, queries.ticket(reader, mine[0]))
    assert ids(beside.of_unit) == seen - {mine[0]}


def test_other_tickets_of_the_customer_are_in_reach_too(work, make_work, key, owner, technician):
    mine = tickets.ticket(work, key, assignee_id=technician.user_id, customer_id=owner["customer_id"])
    theirs = tickets.ticket(work, key, customer_id=owner["customer_id"])
    reader = make_work(technician)
    beside = queries.related(reader, queries.ticket(reader, mine))
    assert [row.id for row in beside.of_customer] == ([theirs] if technician.scope is Scope.ALL else [])
