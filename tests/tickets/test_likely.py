"""The hint at tickets that may be the one being made."""

from datetime import timedelta

import pytest

from app.core.permissions import Scope
from app.people import phones
from app.tickets import service
from app.tickets.links.likely import Wanted, likely
from app.tickets.orders import ChangeTicket
from tests.clients import statements
from tests.conftest import NOW
from tests.factories import people, tickets

TOLD = ("空调不制冷，外机有异响",)


@pytest.fixture
def customer(work):
    return people.customer(work, phone="13712345678").id


def found(work, wanted):
    return [(one.ticket.id, one.why.in_("en")) for one in likely(work, wanted)]


def test_same_customer_and_much_the_same_words(work, key, customer):
    same = tickets.ticket(work, key, {"fault": "外机异响，不制冷"}, customer_id=customer)
    tickets.ticket(work, key, {"fault": "换滤网"}, customer_id=customer)
    tickets.ticket(work, key, {"fault": TOLD[0]}, customer_id=people.customer(work).id)
    assert found(work, Wanted(customer, texts=TOLD)) == [(same, "Same customer, much the same words")]
    assert found(work, Wanted(customer)) == []
    assert found(work, Wanted(texts=TOLD)) == []


def test_an_open_ticket_of_the_unit_is_told_whatever_the_words(work, key, customer):
    unit = people.installed_product(work, customer_id=customer).id
    there = tickets.ticket(work, key, {"fault": "漏水"}, installed_product_id=unit)
    assert found(work, Wanted(None, unit)) == [(there, "Same installed product, still open")]


def test_a_household_is_one_by_its_phone(work, key, customer):
    other = people.customer(work, phone="13712345678").id
    there = tickets.ticket(work, key, {"fault": TOLD[0]}, customer_id=other)
    assert found(work, Wanted(customer, texts=TOLD)) == [(there, "Much the same words")]
    typed = frozenset({phones.index_of("137-1234-5678")})
    assert found(work, Wanted(phones=typed, texts=TOLD)) == [(there, "Much the same words")]


def test_what_was_finished_long_ago_is_no_double(work, make_work, key, customer):
    ticket = tickets.ticket(work, key, {"fault": TOLD[0]}, customer_id=customer)
    for transition, more in (("start", {}), ("finish", {"answers": {"result": "好"}})):
        service.change_ticket(work, ChangeTicket(ticket, transition=transition, **more))
    wanted = Wanted(customer, texts=TOLD)
    assert [one for one, _why in found(make_work(now=NOW + timedelta(days=29)), wanted)] == [ticket]
    assert found(make_work(now=NOW + timedelta(days=31)), wanted) == []


def test_nothing_out_of_reach_is_hinted_at_and_what_is_only_watched_is_not_linked(work, make_work, key, customer):
    ticket = tickets.ticket(work, key, {"fault": TOLD[0]}, customer_id=customer)
    own = make_work(tickets.actor(work, scope=Scope.OWN))
    wanted = Wanted(customer, texts=TOLD)
    assert found(own, wanted) == []
    service.watch(work, ticket, user_id=own.actor.user_id)
    assert [(one.ticket.id, one.yours) for one in likely(own, wanted)] == [(ticket, False)]


def test_one_statement_finds_them(work, key, customer):
    tickets.ticket(work, key, {"fault": TOLD[0]}, customer_id=customer)
    wanted = Wanted(customer, 1, frozenset({"x"}), TOLD)
    likely(work, wanted)
    with statements(work.session.get_bind()) as asked:
        assert likely(work, wanted)
    assert len([one for one in asked if "FROM ticket" in one]) == 1
