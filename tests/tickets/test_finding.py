"""The one search box: what is typed in any usual form is found, by those who may see it, and by nobody else."""

import pytest

from app.core.permissions import Scope
from app.tickets import service
from app.tickets.orders import ChangeTicket
from app.tickets.queries import Target, TicketQuery, exact, find, ticket_page
from tests.factories import people, tickets
from ticket_templates import numbering

PHONE = "13800138000"
PHONES = [PHONE, "138 0013 8000", "+86 138-0013-8000", "0086 13800138000", "１３８００１３８０００"]


@pytest.fixture
def customer(work):
    return people.customer(work, "深圳海天酒店", phone=PHONE)


@pytest.fixture
def unit(work, customer):
    return people.installed_product(work, customer, serial="KF-35/7001")


def listed(work, typed):
    return {row.id for row in ticket_page(work, TicketQuery(text=typed)).rows}


@pytest.mark.parametrize("typed", PHONES)
def test_a_phone_in_any_form_finds_customer_and_tickets(work, key, customer, typed):
    of_customer = tickets.ticket(work, key, customer_id=customer.id)
    answered = tickets.ticket(work, key, {"phone": PHONE})
    tickets.ticket(work, key, {"phone": "13900139000"})
    assert listed(work, typed) == {of_customer, answered} == {row.id for row in find(work, typed).tickets}
    assert [(one.id, one.name) for one in find(work, typed).customers] == [(customer.id, customer.name)]
    assert exact(work, typed) == Target("customer", customer.id)


def test_a_phone_of_an_answer_follows_its_changes(work, key):
    ticket = tickets.ticket(work, key, {"phone": "010-62345678 转 8001"})
    assert listed(work, "01062345678") == {ticket}
    service.change_ticket(work, ChangeTicket(ticket, answers={"quantity": 3}))
    assert listed(work, "010 6234 5678") == {ticket}
    service.change_ticket(work, ChangeTicket(ticket, answers={"phone": "13900139000"}))
    assert listed(work, "01062345678") == set()
    assert listed(work, "13900139000") == {ticket}


def test_words_that_look_like_a_phone_are_still_words(work, key, customer):
    named = tickets.ticket(work, key, {"fault": f"{PHONE} 来电"})
    of_customer = tickets.ticket(work, key, customer_id=customer.id)
    assert listed(work, PHONE) == {named, of_customer}


NUMBERS = [
    "WX-20261121-0001", "wx-20261121-0001", "wx202611210001", "20261121-1", "202611210001", "ＷＸ20261121 0001",
]  # fmt: skip


@pytest.mark.parametrize("typed", NUMBERS)
def test_a_number_is_found_without_its_dashes(work, key, typed):
    ticket, _other = tickets.tickets(work, key, 2)
    assert ticket in listed(work, typed) & {row.id for row in find(work, typed).tickets}
    assert exact(work, typed) == Target("ticket", "WX-20261121-0001")


@pytest.mark.parametrize(
    ("typed", "begun"),
    [
        ("WX-2025", "WX-2025"), ("wx-20250", "WX-20250"), ("WX-20251231-", "WX-20251231-"), ("WX-", None),
        ("WX-20251231-0", None), ("WX-202x", None), ("XX-2025", None), ("WX 2025", None), ("2025", None), ("", None),
    ],
)  # fmt: skip
def test_what_a_number_begins_with_is_told_from_other_words(typed, begun):
    assert numbering.begun("WX-{yyyy}{mm}{dd}-{seq:4}", typed) == begun


def test_a_fragment_is_found_and_leads_nowhere(work, key):
    first, _second = tickets.tickets(work, key, 2)
    assert listed(work, "0001") == {first}
    assert exact(work, "0001") is None


@pytest.mark.parametrize("typed", ["KF-35/7001", "kf-35/7001", " kf-35/7001 "])
def test_a_serial_leads_to_its_unit(work, key, customer, unit, typed):
    ticket = tickets.ticket(work, key, installed_product_id=unit.id)
    assert exact(work, typed) == Target("installed_product", unit.id)
    assert listed(work, typed) == {ticket}
    (found,) = find(work, "kf-35").units
    assert (found.serial, found.customer) == ("KF-35/7001", customer.name)


def test_a_customer_is_found_by_number_and_any_part_of_the_name(work, key, customer):
    ticket = tickets.ticket(work, key, customer_id=customer.id)
    for typed in (customer.code, customer.code.lower(), "深圳", "海天", "酒店", "深圳海天酒店"):
        assert customer.id in [one.id for one in find(work, typed).customers], typed
    assert listed(work, customer.code) == {ticket}
    assert exact(work, customer.code) == Target("customer", customer.id)
    assert exact(work, "海天") is None


@pytest.mark.parametrize("typed", ["74640432", "746404", "640432"])
def test_digits_of_a_name_or_a_number_find_their_customer(work, typed):
    named = people.customer(work, "寻74640432 大酒店")
    numbered = people.customer(work, "按编号", code="K-74640432")
    assert {one.id for one in find(work, typed).customers} == {named.id, numbered.id}


def test_the_phone_of_somebody_finds_nobody_else(work, customer):
    people.customer(work, f"转接 {PHONE}")
    assert [one.id for one in find(work, PHONE).customers] == [customer.id]


def test_what_begins_with_it_comes_first(work):
    inside = people.customer(work, "大海天公司")
    begins = people.customer(work, "海天公司")
    assert [one.id for one in find(work, "海天公司").customers] == [begins.id, inside.id]


def test_two_with_one_phone_are_a_list(work, customer):
    people.customer(work, "海天分店", phone=PHONE)
    assert exact(work, PHONE) is None
    assert len(find(work, PHONE).customers) == 2


HOSTILE = [
    "", " ", "1", "海", "\x00", "\x00\x00", "%", "__", "'", '"*', "\\", "￿" * 300, "1" * 400, "😀😀", "9" * 60, "+",
    "+86", "-- ..", "a" * 61,
]  # fmt: skip


@pytest.mark.parametrize("typed", HOSTILE)
def test_whatever_is_typed_is_answered(work, key, customer, unit, typed):
    tickets.ticket(work, key, customer_id=customer.id, installed_product_id=unit.id)
    assert find(work, typed).number == 0
    assert exact(work, typed) is None
    ticket_page(work, TicketQuery(text=typed))


def test_wildcards_mean_themselves(work):
    people.customer(work, "百分百")
    odd = people.customer(work, "100% 电器")
    assert [one.id for one in find(work, "00% ").customers] == [odd.id]
    assert find(work, "1_0").customers == []


def test_everybody_finds_what_they_may_see(work, make_work, key, customer, unit):
    mine = tickets.ticket(work, key, {"phone": "13900139000"})
    other = tickets.ticket(work, key, customer_id=customer.id, installed_product_id=unit.id)
    own = tickets.actor(work, "technician", scope=Scope.OWN)
    tickets.assignee(work, own.user_id)
    service.change_ticket(work, ChangeTicket(mine, fields={"assignee_id": own.user_id}))
    technician = make_work(own)
    assert listed(technician, "13900139000") == {mine}
    for typed in (PHONE, customer.code, unit.serial, "海天", "WX202611210002"):
        assert find(technician, typed).number == 0, typed
        assert exact(technician, typed) is None
        assert listed(technician, typed) == set()
    service.change_ticket(work, ChangeTicket(other, fields={"assignee_id": own.user_id}))
    assert exact(technician, PHONE) == Target("customer", customer.id)
    assert [row.id for row in find(technician, unit.serial).tickets] == [other]


def test_a_group_needs_its_permission(work, make_work, key, customer, unit):
    tickets.ticket(work, key, customer_id=customer.id, installed_product_id=unit.id)

    def found(*without):
        findings = find(make_work(tickets.actor(work, without=without)), "海天")
        return len(findings.tickets), len(findings.customers)

    assert found() == (1, 1)
    assert found("customer.read") == (1, 0)
    assert found("ticket.read") == (0, 1)
    blind = make_work(tickets.actor(work, without=["customer.read", "installed_product.read"]))
    assert find(blind, unit.serial).units == ()
    assert exact(blind, PHONE) is exact(blind, unit.serial) is None
    assert listed(blind, PHONE) == set()


def test_a_phone_is_masked_for_who_may_not_see_it(work, make_work, customer):
    clerk, finance = (make_work(tickets.actor(work, role)) for role in ("clerk", "finance"))
    assert find(clerk, PHONE).customers[0].phone == "138 0013 8000"
    assert find(finance, PHONE).customers[0].phone == "•••• 8000"
