"""Who is told that a ticket comes back: handed back, sent back, opened again, called off."""

from dataclasses import replace

import pytest
from sqlalchemy import select, update

from app.people.models import Account, Outlet
from app.tickets import service
from app.tickets.models import Ticket, TicketNotice
from app.tickets.orders import ChangeTicket, NoteOrder
from app.tickets.queries.notices import news, notices
from tests.clients import statements
from tests.factories import people, tickets
from ticket_templates.spec import State, Transition

WHY = NoteOrder("请补服务后照片")


def flow():
    """The small repair, with steps back: whoever has it declines, others send it back, put it off or call it off."""
    spec = tickets.repair_spec()
    steps = (
        Transition("assign", tickets.named("分配", "Assign"), ("waiting",), "working",
                   roles=frozenset({"dispatcher", "outlet_manager"}), required=("assignee",)),
        Transition("decline", tickets.named("退回派单", "Hand back"), ("working",), "waiting", note_required=True,
                   clears=("assignee",)),
        Transition("rework", tickets.named("返工", "Rework"), ("parts",), "working", note_required=True),
        Transition("put_off", tickets.named("改约", "Put off"), ("working",), "working", note_required=True),
        Transition("cancel", tickets.named("取消", "Cancel"), ("waiting", "working"), "cancelled", note_required=True),
    )  # fmt: skip
    workflow = replace(
        spec.workflow,
        states=(*spec.workflow.states, State("cancelled", tickets.named("已取消", "Cancelled"), "closed")),
        transitions=(*spec.workflow.transitions, *steps),
    )
    return replace(spec, workflow=workflow)


@pytest.fixture
def key(work):
    return tickets.template(work, spec=flow())


@pytest.fixture
def cast(work, make_work):
    """An outlet with its manager, a technician and a dispatcher of headquarters: each in a work of his own."""
    outlet = people.outlet(work)

    class Cast:
        place = outlet.id
        technician = make_work(people.account(work, roles=["technician"], outlet=outlet))
        mate = make_work(people.account(work, roles=["technician"], outlet=outlet))
        manager = make_work(people.account(work, roles=["outlet_manager"], outlet=outlet))
        dispatcher = make_work(people.account(work, roles=["dispatcher"]))
        stranger = make_work(people.account(work, roles=["outlet_manager"], outlet=people.outlet(work)))
        qa = make_work(people.account(work, roles=["qa"]))

    return Cast


def given(by, key, whose, **fields):
    """A ticket that ``by`` gave out and that was opened since: its id."""
    ticket_id = tickets.ticket(by, key, **fields)
    order = ChangeTicket(ticket_id, fields={"assignee_id": whose.actor.user_id}, transition="assign")
    service.change_ticket(by, order)
    service.mark_read(whose, ticket_id)
    return ticket_id


def take(by, ticket_id, step, note=WHY, **answers):
    service.change_ticket(by, ChangeTicket(ticket_id, transition=step, note=note, answers=answers))


def told(work, ticket_id):
    query = select(TicketNotice.user_id, TicketNotice.kind).where(TicketNotice.ticket_id == ticket_id)
    return {row.user_id: row.kind for row in work.session.execute(query)}


def test_what_is_handed_back_is_told_to_whoever_gave_it(work, cast, key):
    ticket_id = given(cast.dispatcher, key, cast.technician, outlet_id=cast.place)
    take(cast.technician, ticket_id, "decline")
    assert told(work, ticket_id) == {cast.dispatcher.actor.user_id: "handed_back"}
    (one,) = notices(cast.dispatcher)
    assert (one.by, one.step, one.reason) == (
        cast.technician.actor.name, tickets.named("退回派单", "Hand back"), "请补服务后照片",
    )  # fmt: skip
    # Given to somebody since, it waits for nobody.
    service.change_ticket(
        cast.manager, ChangeTicket(ticket_id, fields={"assignee_id": cast.mate.actor.user_id}, transition="assign")
    )
    assert news(cast.dispatcher)[0] == set()


def test_where_nobody_gave_it_the_dispatchers_are_told(work, cast, key):
    # A program did.
    ticket_id = tickets.ticket(work, key, assignee_id=cast.technician.actor.user_id, outlet_id=cast.place)
    take(cast.technician, ticket_id, "decline")
    assert set(told(work, ticket_id)) == {cast.dispatcher.actor.user_id}
    near = people.account(work, roles=["dispatcher"], outlet=work.session.get(Outlet, cast.place))
    again = tickets.ticket(work, key, assignee_id=cast.technician.actor.user_id, outlet_id=cast.place)
    take(cast.technician, again, "decline")
    assert set(told(work, again)) == {near.user_id}


def test_where_nobody_dispatches_those_who_may_give_it_out_there_are(work, cast, key):
    work.session.execute(update(Account).where(Account.id == cast.dispatcher.actor.user_id).values(active=False))
    ticket_id = tickets.ticket(work, key, assignee_id=cast.technician.actor.user_id, outlet_id=cast.place)
    take(cast.technician, ticket_id, "decline")
    assert set(told(work, ticket_id)) == {cast.manager.actor.user_id}


def test_what_is_sent_back_put_off_or_called_off_is_told_to_whoever_has_it(work, cast, key):
    ticket_id = given(cast.dispatcher, key, cast.technician, outlet_id=cast.place)
    holder = cast.technician.actor.user_id
    take(cast.technician, ticket_id, "wait")
    assert told(work, ticket_id) == {}
    for step, kind in (("rework", "returned"), ("put_off", "returned"), ("cancel", "cancelled")):
        service.mark_read(cast.technician, None)
        take(cast.qa, ticket_id, step)
        assert told(work, ticket_id) == {holder: kind}
        assert [(one.kind, one.reason) for one in notices(cast.technician)] == [(kind, WHY.body)]


def test_what_one_does_oneself_is_no_news(work, cast, key):
    ticket_id = given(cast.dispatcher, key, cast.technician, outlet_id=cast.place)
    for step in ("wait", "rework", "put_off"):
        take(cast.technician, ticket_id, step)
    assert told(work, ticket_id) == {}
    take(cast.dispatcher, ticket_id, "decline")
    assert told(work, ticket_id) == {}


def test_what_is_opened_again_is_told_to_its_last_holder_and_its_watchers(work, cast, key):
    ticket_id = given(cast.dispatcher, key, cast.technician, outlet_id=cast.place)
    service.watch(cast.dispatcher, ticket_id, on=True, user_id=cast.stranger.actor.user_id)
    take(cast.technician, ticket_id, "finish", None, result="好")
    assert told(work, ticket_id) == {cast.stranger.actor.user_id: "resolved"}
    take(cast.dispatcher, ticket_id, "reopen")
    assert told(work, ticket_id) == {
        cast.technician.actor.user_id: "reopened", cast.stranger.actor.user_id: "reopened",
    }  # fmt: skip
    # What was taken from him meanwhile is no longer his news.
    order = ChangeTicket(ticket_id, fields={"assignee_id": cast.mate.actor.user_id}, reason="换人")
    service.change_ticket(cast.dispatcher, order)
    assert told(work, ticket_id)[cast.mate.actor.user_id] == "assigned"
    assert cast.technician.actor.user_id not in told(work, ticket_id)


def test_what_came_back_out_of_reach_is_not_shown(work, cast, key):
    ticket_id = given(cast.dispatcher, key, cast.technician, outlet_id=cast.place)
    take(cast.qa, ticket_id, "put_off")
    assert news(cast.technician)[0] == {ticket_id}
    work.session.execute(update(Ticket).where(Ticket.id == ticket_id).values(assignee_id=cast.mate.actor.user_id))
    assert (news(cast.technician)[0], notices(cast.technician)) == (set(), [])


def test_many_tickets_take_no_more_statements_than_two(work, cast, key):
    def handed_back(count):
        orders = tickets.tickets(work, key, count)
        fields = {"assignee_id": cast.technician.actor.user_id, "outlet_id": cast.place}
        service.change_tickets(
            cast.dispatcher, [ChangeTicket(one, fields=fields, transition="assign") for one in orders]
        )
        with statements(work.session.get_bind().engine) as asked:
            service.change_tickets(cast.manager, [ChangeTicket(one, transition="decline", note=WHY) for one in orders])
        rows = work.session.execute(select(TicketNotice.ticket_id).where(TicketNotice.ticket_id.in_(orders))).all()
        assert len(rows) == count
        return len(asked)

    # PostgreSQL takes many rows by COPY, which is seen as no statement.
    assert handed_back(2) >= handed_back(200)
