"""Who names an assignee gives him the ticket: none stands among those nobody has, on nobody's list."""

import pytest
from sqlalchemy import select

from app.core.errors import DomainError, NotAllowedError
from app.tickets import queries, service
from app.tickets.models import Ticket, TicketEvent, TicketNotice
from app.tickets.orders import ChangeTicket, OpenTicket, SplitTicket
from tests.clients import statements
from tests.conftest import NOW
from tests.factories import people, tickets

FAULT = {"fault": "漏水"}


@pytest.fixture
def giving(work):
    """The key of a template whose first state has a step that gives a ticket to somebody, with its customer."""
    return tickets.template(work, spec=tickets.giving_spec("customer", roles=("dispatcher", "technician")))


@pytest.fixture
def boss(work, make_work):
    return make_work(tickets.actor(work, "dispatcher"))


def standing(work, ticket_id):
    columns = queries.ticket(work, ticket_id).columns
    return columns["state"], columns["assignee_id"]


def refused(error):
    return [(one.field, one.code) for one in error.value.refusals]


def test_a_ticket_opened_with_an_assignee_is_given_to_him(work, make_work, giving):
    outlet = people.outlet(work)
    team = people.team(work, outlet_id=outlet.id)
    person = people.account(work, "", ["technician"], outlet, [team]).user_id
    boss = make_work(tickets.actor(work, "dispatcher"))
    fields = {"customer_id": people.customer(work).id, "assignee_id": person, "priority": 1}
    outcome = service.open_ticket(boss, OpenTicket(giving, fields, FAULT))
    ticket = queries.ticket(boss, outcome.number)
    assert (ticket.state, ticket.category, ticket.lock_version, ticket.priority) == ("working", "open", 2, 1)
    assert [ticket.columns[name] for name in ("assignee_id", "team_id", "outlet_id")] == [person, team.id, outlet.id]
    query = select(TicketEvent).where(TicketEvent.ticket_id == ticket.id).order_by(TicketEvent.id)
    opened, given = work.session.scalars(query).all()
    assert (opened.kind, opened.version, opened.changes["state"][1]) == ("opened", 1, "waiting")
    assert "assignee_id" not in opened.changes
    assert (given.kind, given.transition, given.version) == ("transitioned", "assign", 2)
    assert (given.changes["assignee_id"], given.changes["state"]) == ([None, person], ["waiting", "working"])
    notice = work.session.execute(select(TicketNotice).where(TicketNotice.ticket_id == ticket.id)).scalar_one()
    assert (notice.user_id, notice.kind) == (person, "assigned")
    # Whose place the order names has it.
    elsewhere = people.team(work)
    named = service.open_ticket(boss, OpenTicket(giving, fields | {"team_id": elsewhere.id}, FAULT))
    assert queries.ticket(boss, named.number).columns["team_id"] == elsewhere.id


def test_what_cannot_be_given_is_not_opened(work, make_work, boss, giving):
    person, customer = tickets.assignee(work), people.customer(work).id
    orders = [
        OpenTicket(giving, {"assignee_id": person}, FAULT),
        OpenTicket(giving, {"assignee_id": person, "customer_id": customer}, FAULT),
        OpenTicket(giving, {"assignee_id": 2**31 - 1, "customer_id": customer}, FAULT),
        OpenTicket(giving, {}, FAULT),
    ]
    outcomes = service.open_tickets(boss, orders).outcomes
    assert [one.status for one in outcomes] == ["refused", "changed", "refused", "changed"]
    assert [[(one.field, one.code) for one in each.refusals] for each in outcomes] == [
        [("assignee_id", "required")], [], [("assignee_id", "not_found")], [],
    ]  # fmt: skip
    assert "“Assign” is not possible yet" in outcomes[0].refusals[0].message.in_("en")
    assert [one.number for one in outcomes if one.number] == ["WX-20261121-0001", "WX-20261121-0002"]
    assert len(work.session.scalars(select(Ticket.id)).all()) == 2
    assert standing(boss, outcomes[3].ticket_id) == ("waiting", None)
    for role, without in (("clerk", ()), ("dispatcher", ("ticket.transition",)), ("dispatcher", ("ticket.transfer",))):
        other = make_work(tickets.actor(work, role, without=without))
        with pytest.raises(NotAllowedError) as error:
            service.open_ticket(other, orders[1])
        assert refused(error) == [("assignee_id", "not_allowed")]


def test_a_record_that_says_its_state_keeps_it(work, giving):
    person = tickets.assignee(work)
    order = OpenTicket(giving, {"assignee_id": person}, FAULT, state="waiting", created_at=NOW)
    assert standing(work, service.open_ticket(work, order).ticket_id) == ("waiting", person)


def test_no_change_names_who_has_what_waits_to_be_given(work, boss, giving):
    person = tickets.assignee(work)
    ticket_id = tickets.ticket(work, giving, customer_id=people.customer(work).id)
    for order in (
        ChangeTicket(ticket_id, fields={"assignee_id": person}, reason="给他"),
        ChangeTicket(ticket_id, fields={"assignee_id": person, "priority": 1}),
    ):
        with pytest.raises(DomainError) as error:
            service.change_ticket(boss, order)
        assert refused(error) == [("assignee_id", "not_given")]
    source = tickets.ticket(work, giving)
    split = OpenTicket(giving, {"assignee_id": person, "customer_id": people.customer(work).id}, FAULT)
    assert standing(boss, service.split_ticket(boss, SplitTicket(source, split)).ticket_id) == ("working", person)
    service.change_ticket(boss, ChangeTicket(ticket_id, fields={"assignee_id": person}, transition="assign"))
    assert standing(boss, ticket_id) == ("working", person)


def test_many_are_given_with_no_more_statements_than_one(work, boss, giving):
    person, customer = tickets.assignee(work), people.customer(work).id
    order = OpenTicket(giving, {"assignee_id": person, "customer_id": customer}, FAULT)
    service.open_ticket(boss, order)

    def asked(many):
        with statements(work.session.get_bind()) as seen:
            assert {one.status for one in service.open_tickets(boss, [order] * many).outcomes} == {"changed"}
        return len(seen)

    # Many are written in another way than a few.
    assert asked(40) == asked(25)
