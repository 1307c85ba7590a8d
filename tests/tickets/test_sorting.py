"""Lists by any column: the same order on both databases, each ticket once both ways, what is empty last."""

import base64
from dataclasses import replace
from datetime import timedelta
from itertools import product

import pytest

from app.core.deadline import TooLongError
from app.core.errors import DomainError
from app.core.permissions import Scope
from app.tickets import queries, service
from app.tickets.columns import COLUMNS
from app.tickets.orders import ChangeTicket, OpenTicket
from app.tickets.queries import TicketQuery, ticket_page
from app.tickets.queries import page as pages
from app.tickets.sorting import RECKONED
from tests.conftest import NOW
from tests.factories import people, tickets

ANSWERS = ("values.fault", "values.fault_code", "values.quantity")
#: Subjects as they come, and the order of their sound: figures and letters first, in either case, then Chinese.
SUBJECTS = ("张三的空调", "空调漏水", "ABC", "abd", "安装", "100%", "空调漏水", "Öl")


@pytest.fixture
def many(work, key):
    """Tickets with equal and empty values: customers, people, places, answers."""
    customers = [people.customer(work, name) for name in ("李四", "阿强", "ACME")]
    outlets = [people.outlet(work, name=name) for name in ("浦东", "爱民")]
    teams = [people.team(work, name=name) for name in ("二班", "一班")]
    people_ids = [people.account(work, name=name, roles=["technician"]).user_id for name in ("王师傅", "艾师傅")]
    found = []
    for place, subject in enumerate(SUBJECTS):
        fields = {"subject": subject, "customer_id": customers[place % 4].id if place % 4 < 3 else None,
                  "outlet_id": outlets[place % 2].id if place % 3 else None,
                  "team_id": teams[place % 2].id if place % 5 else None,
                  "assignee_id": people_ids[place % 2] if place % 2 else None}  # fmt: skip
        answers = {"fault": subject, "fault_code": [None, "E2", "E1"][place % 3], "quantity": [None, 10, 9][place % 3]}
        order = OpenTicket(
            key, fields, {name: one for name, one in answers.items() if one is not None},
            created_at=NOW - timedelta(days=place // 2), channel=("phone", "desk", "x-other")[place % 3],
            state="done" if place % 3 == 0 else None, external_id=f"X{place % 3}-{place}" if place % 4 else None,
            external_source="old" if place % 4 else None,
        )  # fmt: skip
        found.append(service.open_ticket(work, order).ticket_id)
    return found


def walked(work, query):
    """Return the tickets of all pages, which are the same on the way there and on the way back."""
    there = [ticket_page(work, query)]
    while there[-1].next_cursor:
        there.append(ticket_page(work, replace(query, cursor=there[-1].next_cursor)))
    back = there[-1:]
    while back[0].previous_cursor:
        back.insert(0, ticket_page(work, replace(query, cursor=back[0].previous_cursor)))
    assert [[row.id for row in page.rows] for page in back] == [[row.id for row in page.rows] for page in there], query
    return [row.id for page in there for row in page.rows]


def test_each_ticket_once_both_ways(work, many):
    for sort, descending in product([*RECKONED, *ANSWERS], (True, False)):
        query = TicketQuery(sort=sort, descending=descending, size=3)
        forward = walked(work, query)
        assert sorted(forward) == sorted(many), query
        assert forward == [row.id for row in ticket_page(work, replace(query, size=50)).rows], query
        assert [row.id for chunk in queries.stream(work, query, chunk=3) for row in chunk] == forward, query


def test_the_same_for_who_reaches_tickets_in_several_ways_and_in_a_place(work, make_work, many):
    team = people.team(work)
    actor = replace(tickets.actor(work, scope=Scope.TEAM), team_ids=frozenset({team.id}))
    for one in many[1:6]:
        service.change_ticket(work, ChangeTicket(one, fields={"team_id": team.id}))
    service.watch(work, many[0], user_id=actor.user_id)
    reader = make_work(actor)
    for sort, descending in product(("subject", "customer", "assignee", "values.quantity"), (True, False)):
        query = TicketQuery(sort=sort, descending=descending, size=2)
        whole = walked(work, replace(query, size=50))
        expected = [one for one in whole if one in many[:6]]
        assert walked(reader, query) == expected, query
        narrowed = replace(query, team_id=team.id)
        assert walked(work, narrowed) == [one for one in expected if one != many[0]], query
        found = walked(work, replace(query, text="空调"))
        assert len(found) == 3, query
        assert found == [one for one in whole if one in found], query


def shown(work, sort, **more):
    found = ticket_page(
        work, TicketQuery(sort=sort, descending=False, columns=("number", *more.pop("columns", ())), **more)
    )
    return found.rows


def test_texts_come_in_the_order_of_their_sound(work, many):
    assert [row.subject for row in shown(work, "subject")] == [
        "100%", "ABC", "abd", "Öl", "安装", "空调漏水", "空调漏水", "张三的空调",
    ]  # fmt: skip
    names = [row.named("customer_id").partition(" (")[0] for row in shown(work, "customer", columns=("customer",))]
    assert names == ["ACME", "ACME", "阿强", "阿强", "李四", "李四", "", ""]


def test_numbers_come_by_size_and_choices_as_their_options_stand(work, many):
    assert [row.value("quantity") for row in shown(work, "values.quantity")] == [9, 9, 10, 10, 10, None, None, None]
    codes = [row.value("fault_code") for row in shown(work, "values.fault_code")]
    assert codes == ["E1", "E1", "E2", "E2", "E2", None, None, None]


def test_what_somebody_may_not_read_gives_no_order(work, make_work, key, many):
    query = TicketQuery(sort="values.secret")
    technician = make_work(replace(tickets.actor(work, "technician"), scope=Scope.ALL))
    assert "secret" not in ticket_page(technician, TicketQuery()).rows[0].readable
    for sort in ("values.phone", "values.nothing", "values.photos", "tags", "values.", "values.a'b", "x" * 500):
        with pytest.raises(DomainError) as told:
            ticket_page(work, replace(query, sort=sort))
        assert told.value.refusals[0].field == "sort"
    with pytest.raises(DomainError):
        ticket_page(technician, query)


def test_an_order_nobody_waits_for_is_refused(work, many, monkeypatch):
    def late(*_args):
        raise TooLongError("late")

    monkeypatch.setattr(pages, "within", late)
    with pytest.raises(DomainError) as told:
        ticket_page(work, TicketQuery(sort="subject"))
    assert [(one.field, one.code) for one in told.value.refusals] == [("sort", "too_many")]
    assert ticket_page(work, TicketQuery(sort="created")).rows


def test_a_cursor_tells_no_names_and_a_foreign_one_is_refused(work, many):
    first = ticket_page(work, TicketQuery(sort="customer", descending=False, size=2))
    other = ticket_page(work, TicketQuery(sort="subject", descending=False, size=2))
    assert b"ACME" not in base64.urlsafe_b64decode(first.next_cursor + "==")
    for sort, cursor in (("customer", other.next_cursor), ("customer", "W3RydWUsWyJjdXN0b21lciJdLFsxXV0")):
        with pytest.raises(DomainError) as told:
            ticket_page(work, TicketQuery(sort=sort, cursor=cursor))
        assert told.value.refusals[0].code == "bad_cursor"


def test_every_column_but_tags_gives_an_order():
    assert {name for name, one in COLUMNS.items() if not one.sortable} == {"tags"}
    assert {name for name, one in COLUMNS.items() if one.reckoned} == set(RECKONED)


def test_a_page_goes_on_though_the_ticket_it_ended_with_was_emptied_or_filled(work):
    key = tickets.template(work)
    made = [tickets.ticket(work, key, {"fault_code": one} if one else {}) for one in ("E1", "E1", "E2", "", "")]
    wish = {"templates": [key], "sort": "values.fault_code", "descending": False, "size": 1}

    def read(cursor=None):
        return ticket_page(work, TicketQuery(cursor=cursor, **wish))

    walked, page = [], read()
    while True:
        walked.append(page.rows[0].id)
        if page.next_cursor is None:
            break
        page = read(page.next_cursor)
    assert walked[2] == made[2]
    assert sorted(walked) == sorted(made)
    third = read(read(read().next_cursor).next_cursor)
    assert third.rows[0].id == made[2]
    # It stands among the empty ones now: the page goes on from there, or from where it stood.
    service.change_ticket(work, ChangeTicket(made[2], answers={"fault_code": None}))
    beyond = read(third.next_cursor)
    assert beyond.rows
    assert beyond.rows[0].id in (made[3], made[4])
    # And the other way about.
    service.change_ticket(work, ChangeTicket(beyond.rows[0].id, answers={"fault_code": "E1"}))
    assert [row.id for row in read(beyond.previous_cursor).rows] != [beyond.rows[0].id]
