"""Customers of one phone are told apart by what happened with them, as far as the reader may know it."""

from dataclasses import replace
from datetime import UTC, datetime

from app.core.permissions import Scope
from app.tickets.queries import Apart, told_apart
from tests.clients import statements
from tests.factories import people, tickets

PHONE = "13800138000"


def test_tickets_and_units_are_counted_within_reach(work, make_work):
    key = tickets.template(work)
    busy, quiet = (people.customer(work, name, phone=PHONE) for name in ("张三", "张三"))
    early = make_work(now=datetime(2026, 1, 2, tzinfo=UTC))
    tickets.ticket(early, key, customer_id=busy.id)
    own = people.account(work, "", ["technician"])
    late = make_work(now=datetime(2026, 3, 4, tzinfo=UTC))
    tickets.ticket(late, key, customer_id=busy.id, assignee_id=own.user_id)
    gone, there = (people.installed_product(work, busy) for _each in range(2))
    gone.replaced_by_id = there.id
    people.installed_product(work, busy)
    everything = told_apart(work, [busy.id, quiet.id])
    assert everything == {
        busy.id: Apart(2, datetime(2026, 3, 4, tzinfo=UTC), 2), quiet.id: Apart(0, None, 0)
    }  # fmt: skip
    technician = make_work(people.role_actor("technician", user_id=own.user_id, scope=Scope.OWN))
    assert told_apart(technician, [busy.id])[busy.id].tickets == 1
    blind = people.role_actor("technician", user_id=own.user_id, scope=Scope.OWN)
    blind = replace(blind, permissions=blind.permissions - {"ticket.read", "installed_product.read"})
    assert told_apart(make_work(blind), [busy.id]) == {busy.id: Apart(None, None, None)}


def test_as_many_statements_for_twelve_as_for_one(work):
    customers = [people.customer(work).id for _each in range(12)]
    engine = work.session.get_bind().engine
    with statements(engine) as one:
        told_apart(work, customers[:1])
    with statements(engine) as many:
        told_apart(work, customers)
    assert len(one) == len(many) == 2
    assert told_apart(work, []) == {}
