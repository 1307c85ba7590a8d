"""Opening tickets: numbers, defaults, refusals, repeated submissions, imports."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from app.core.errors import DomainError, NotAllowedError
from app.tickets import queries, service
from app.tickets.change.plan import enter
from app.tickets.events import TicketsOpened
from app.tickets.models import Ticket, TicketEvent
from app.tickets.orders import NoteOrder, OpenTicket
from tests.conftest import NOW
from tests.factories import people, tickets
from ticket_templates.models import TicketTemplate
from ticket_templates.spec import State


def test_a_time_limit_runs_from_when_its_step_began_and_ends_with_it():
    timed, free = State("new", {}, "new", limit_minutes=30), State("doing", {}, "open")
    begun = enter(timed, NOW, {})
    assert begun["due_at"] == NOW + timedelta(minutes=30)
    assert enter(free, NOW, begun)["due_at"] is None
    assert enter(timed, NOW + timedelta(hours=1), begun)["due_at"] == NOW + timedelta(minutes=90)


def test_a_ticket_is_opened(work, make_work, key):
    clerk = make_work(tickets.actor(work))
    customer = people.customer(work, "海天家电")
    outcome = service.open_ticket(
        clerk, OpenTicket(key, {"customer_id": customer.id, "priority": 2}, {"fault": "空调不制冷", "quantity": "3"})
    )
    assert (outcome.status, outcome.number) == ("changed", "WX-20261121-0001")
    found = queries.ticket(clerk, outcome.number)
    assert (found.id, found.subject, found.state, found.category, found.priority) == (
        outcome.ticket_id, "空调不制冷", "waiting", "new", 2,
    )  # fmt: skip
    assert found.values == {"fault": "空调不制冷", "quantity": 3}
    assert found.columns["due_at"] == NOW + timedelta(minutes=60)
    assert found.columns["created_by_id"] == clerk.actor.user_id
    assert found.named("customer_id").startswith("海天家电")
    assert found.lock_version == 1


def test_the_outlet_of_the_customer_sees_it_before_anybody_has_it(work, key):
    home, other = people.outlet(work), people.outlet(work)
    customer = people.customer(work, outlet_id=home.id)

    def outlet_of(**columns):
        outcome = service.open_ticket(work, OpenTicket(key, {"customer_id": customer.id} | columns, {"fault": "漏水"}))
        return queries.ticket(work, outcome.number).columns["outlet_id"]

    assert outlet_of() == home.id
    assert outlet_of(outlet_id=other.id) == other.id
    home.active = False
    work.session.flush()
    assert outlet_of() is None


def test_opening_is_journaled_and_told(work, key):
    outcome = service.open_ticket(work, OpenTicket(key, {}, {"fault": "漏水"}, note=NoteOrder("客户很急")))
    event = work.session.execute(select(TicketEvent)).scalar_one()
    assert (event.kind, event.version, event.ticket_id) == ("opened", 1, outcome.ticket_id)
    assert event.changes["values.fault"] == [None, "漏水"]
    assert event.changes["number"] == [None, outcome.number]
    assert [type(one) for one in work.events] == [TicketsOpened]
    assert work.events[0].ticket_ids == (outcome.ticket_id,)
    entries = queries.timeline(work, outcome.ticket_id)
    assert [(entry.kind, entry.body) for entry in entries] == [("note", "客户很急"), ("opened", "")]


def test_a_refused_order_takes_no_number_and_stops_nobody(work, key):
    result = service.open_tickets(
        work,
        [
            OpenTicket(key, {}, {"fault": "一"}),
            OpenTicket(key, {}, {"quantity": 1}),
            OpenTicket(key, {}, {"fault": "二"}),
        ],
    )
    first, refused, second = result.outcomes
    assert [first.number, second.number] == ["WX-20261121-0001", "WX-20261121-0002"]
    assert (refused.status, refused.refusals[0].field, refused.refusals[0].code) == ("refused", "fault", "required")


@pytest.mark.parametrize(
    ("fields", "answers", "where", "code"),
    [
        ({"color": 1}, {}, "color", "unknown_field"),
        ({}, {"color": 1}, "color", "unknown_field"),
        ({"priority": 9}, {}, "priority", "invalid"),
        ({"priority": True}, {}, "priority", "invalid"),
        ({"subject": "x" * 301}, {}, "subject", "invalid"),
        ({"subject": 7}, {}, "subject", "invalid"),
        ({"customer_id": 10**30}, {}, "customer_id", "invalid"),
        ({"customer_id": "abc"}, {}, "customer_id", "invalid"),
        ({"customer_id": 999_999}, {}, "customer_id", "not_found"),
        ({"assignee_id": 2**40}, {}, "assignee_id", "invalid"),
        ({"assignee_id": 2**31 - 1}, {}, "assignee_id", "not_found"),
        ({"team_id": 999_999}, {}, "team_id", "not_found"),
        ({}, {"quantity": "many"}, "quantity", "not_whole"),
        ({}, {"secret": "x"}, "secret", "not_allowed"),
    ],
)
def test_a_refusal_names_its_field(work, make_work, key, *, fields, answers, where, code):
    clerk = make_work(tickets.actor(work))
    with pytest.raises(DomainError) as caught:
        service.open_ticket(clerk, OpenTicket(key, fields, {"fault": "x"} | answers))
    assert where in {refusal.field for refusal in caught.value.refusals}
    if code != "not_whole":
        assert caught.value.refusals[0].code == code


def test_things_of_a_ticket_belong_together(work, key):
    mine, other = people.customer(work), people.customer(work)
    unit = people.installed_product(work, mine)
    outcome = service.open_ticket(work, OpenTicket(key, {"installed_product_id": unit.id}, {"fault": "x"}))
    assert queries.ticket(work, outcome.number).columns["customer_id"] == mine.id
    with pytest.raises(DomainError) as caught:
        service.open_ticket(
            work, OpenTicket(key, {"installed_product_id": unit.id, "customer_id": other.id}, {"fault": "x"})
        )
    assert caught.value.refusals[0].field == "installed_product_id"


def test_an_inactive_team_takes_no_tickets(work, key):
    team = people.team(work, active=False)
    with pytest.raises(DomainError, match="no longer active"):
        service.open_ticket(work, OpenTicket(key, {"team_id": team.id}, {"fault": "x"}))


def test_a_second_submission_finds_the_first(work, make_work, key):
    clerk = make_work(tickets.actor(work))
    order = OpenTicket(key, {}, {"fault": "x"}, submission_key="form-1")
    first = service.open_ticket(clerk, order)
    again = service.open_ticket(clerk, order)
    assert (again.status, again.ticket_id, again.number) == ("unchanged", first.ticket_id, first.number)
    both = service.open_tickets(clerk, [OpenTicket(key, {}, {"fault": "y"}, submission_key="form-2")] * 2)
    assert [outcome.status for outcome in both.outcomes] == ["changed", "unchanged"]
    assert both.outcomes[0].ticket_id == both.outcomes[1].ticket_id
    stranger = make_work(tickets.actor(work))
    with pytest.raises(DomainError, match="Somebody else used this key"):
        service.open_ticket(stranger, order)


def test_an_import_keeps_dates_and_states_and_happens_once(work, make_work, key):
    clerk = make_work(tickets.actor(work))
    long_ago = NOW - timedelta(days=400)
    order = OpenTicket(
        key, {}, {"fault": "旧单"}, "import", external_source="legacy", external_id="A-1",
        created_at=long_ago, state="closed",
    )  # fmt: skip
    first = service.open_ticket(clerk, order)
    found = queries.ticket(clerk, first.number).columns
    assert first.number == "WX-20251017-0001"
    assert (found["created_at"], found["closed_at"], found["resolved_at"]) == (long_ago, long_ago, long_ago)
    assert (found["state"], found["category"], found["due_at"]) == ("closed", "closed", None)
    assert service.open_ticket(clerk, order).status == "unchanged"
    # A limit that was over when a record came in was nobody's here; one that still runs goes on, and so do our own.
    late = NOW - timedelta(minutes=1)
    cases = (("B-1", 61, None), ("B-2", 60, None), ("B-3", 59, NOW + timedelta(minutes=1)), (None, 61, late))
    for external, minutes, due in cases:
        begun = NOW - timedelta(minutes=minutes)
        came = OpenTicket(
            key, {}, {"fault": "x"}, external_source=external and "legacy", external_id=external, created_at=begun,
            state="waiting",
        )  # fmt: skip
        stands = queries.ticket(clerk, service.open_ticket(clerk, came).number).columns
        assert (stands["state_since"], stands["due_at"]) == (begun, due)
    technician = make_work(tickets.actor(work, without=["ticket.import"]))
    with pytest.raises(DomainError, match="may not import"):
        service.open_ticket(technician, order.__class__(key, {}, {"fault": "x"}, state="closed"))


def test_an_import_of_an_unknown_state_or_from_the_future_is_refused(work, key):
    for order, where in (
        (OpenTicket(key, {}, {"fault": "x"}, state="gone"), "state"),
        (OpenTicket(key, {}, {"fault": "x"}, created_at=NOW + timedelta(days=1)), "created_at"),
        (OpenTicket(key, {}, {"fault": "x"}, created_at=datetime(1, 1, 1, tzinfo=UTC)), "created_at"),
        (OpenTicket(key, {}, {"fault": "x"}, external_id="1"), "external_id"),
        (OpenTicket(key, {}, {"fault": "x"}, channel="x" * 21), "channel"),
    ):
        with pytest.raises(DomainError) as caught:
            service.open_ticket(work, order)
        assert caught.value.refusals[0].field == where


def test_who_may_not_open_tickets_is_refused(work, make_work, key):
    technician = make_work(tickets.actor(work, "technician"))
    with pytest.raises(NotAllowedError):
        service.open_ticket(technician, OpenTicket(key, {}, {"fault": "x"}))


def test_an_unknown_or_withdrawn_template_is_refused_at_its_field(work):
    gone = tickets.template(work)
    work.session.scalar(select(TicketTemplate).where(TicketTemplate.key == gone)).withdrawn = True
    work.session.flush()
    result = service.open_tickets(work, [OpenTicket("nothing"), OpenTicket(gone, {}, {"fault": "x"})])
    assert [outcome.refusals[0].field for outcome in result.outcomes] == ["template", "template"]
    assert result.outcomes[1].refusals[0].code == "withdrawn"


def test_personal_answers_are_sealed_at_rest_and_in_the_journal(work, key):
    outcome = service.open_ticket(work, OpenTicket(key, {}, {"fault": "x", "phone": "13800138000"}))
    stored = work.session.execute(select(Ticket.values).where(Ticket.id == outcome.ticket_id)).scalar_one()
    event = work.session.execute(select(TicketEvent.changes)).scalar_one()
    assert stored["phone"].startswith("sealed:")
    assert event["values.phone"] == [None, stored["phone"]]
    assert "138" in str(queries.ticket(work, outcome.number).value("phone"))


def test_many_tickets_at_once_have_numbers_without_a_gap(work, key):
    ids = tickets.tickets(work, key, 1_050)
    numbers = work.session.scalars(select(Ticket.number).where(Ticket.id.in_(ids)).order_by(Ticket.id)).all()
    assert numbers == [f"WX-20261121-{i:04d}" for i in range(1, 1_051)]


def test_a_ticket_from_nowhere_came_over_the_desk(work, key):
    outcome = service.open_ticket(work, OpenTicket(key, {}, {"fault": "x"}, channel=" "))
    assert queries.ticket(work, outcome.number).columns["channel"] == "desk"


def test_keys_tell_nothing_to_whom_may_not_open_or_import(work, make_work, key):
    order = OpenTicket(key, {}, {"fault": "x"}, external_source="old", external_id="A-1")
    service.open_ticket(work, order)
    for without in ("ticket.create", "ticket.import"):
        nobody = make_work(tickets.actor(work, without=[without]))
        (outcome,) = service.open_tickets(nobody, [order]).outcomes
        assert (outcome.status, outcome.ticket_id, outcome.number) == ("refused", None, "")
        assert {one.code for one in outcome.refusals} == {"not_allowed"}


def test_a_source_called_submission_is_no_submission(work, key):
    orders = [
        OpenTicket(key, {}, {"fault": "一"}, submission_key="7"),
        OpenTicket(key, {}, {"fault": "二"}, external_source="submission", external_id="7"),
    ]
    assert [one.status for one in service.open_tickets(work, orders).outcomes] == ["changed", "changed"]
