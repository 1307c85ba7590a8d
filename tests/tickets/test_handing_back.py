"""A step that takes a ticket out of somebody's hands: it waits among those nobody has, and is given out anew."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from app.core.errors import DomainError, NotFoundError
from app.core.permissions import Scope
from app.tickets import journal, queries, service
from app.tickets.change.read import COLUMNS, NAMES
from app.tickets.models import Ticket, TicketEvent, TicketNotice
from app.tickets.orders import ChangeTicket, NoteOrder
from app.tickets.queries import TicketQuery
from tests.factories import people, tickets
from ticket_templates import queries as templates
from ticket_templates.spec import Transition

WHY = NoteOrder("今天排不开")


def handing_back(work, clears=("assignee",), shown_when=None):
    """A repair whose second step leads back to where tickets wait; ``shown_when`` is when its code is asked for."""
    spec = tickets.repair_spec()
    decline = Transition(
        "decline", tickets.named("退回派单", "Hand back"), ("working",), "waiting", note_required=True, clears=clears
    )
    flow = replace(spec.workflow, transitions=(*spec.workflow.transitions, decline))
    main, rest = spec.sections
    uses = tuple(replace(use, visible_when=shown_when) if use.field == "quantity" else use for use in main.fields)
    sections = (replace(main, fields=uses), rest) if shown_when else spec.sections
    return tickets.template(work, spec=replace(spec, workflow=flow, sections=sections))


@pytest.fixture
def place(work):
    """An outlet and a team of it."""
    outlet = people.outlet(work)
    return outlet.id, people.team(work, outlet_id=outlet.id).id


def held(work, key, place, user_id, **answers):
    outlet, team = place
    ticket_id = tickets.ticket(work, key, answers, assignee_id=user_id, team_id=team, outlet_id=outlet)
    service.change_ticket(work, ChangeTicket(ticket_id, transition="start"))
    return ticket_id


def columns_of(work, ticket_id):
    return queries.ticket(work, ticket_id).columns


def test_who_hands_it_back_needs_no_right_to_hand_over_and_keeps_none(work, make_work, place):
    actor = tickets.actor(work, "technician", scope=Scope.OWN, without=["ticket.transfer", "ticket.change"])
    tickets.assignee(work, actor.user_id)
    key = handing_back(work)
    ticket_id = held(work, key, place, actor.user_id)
    his = make_work(actor)
    (step,) = [one for one in queries.steps(his, queries.ticket(his, ticket_id)) if one.transition.key == "decline"]
    assert (step.open, step.clears) == (True, ("assignee",))
    before = columns_of(work, ticket_id)
    assert work.session.scalars(select(TicketNotice.user_id).where(TicketNotice.ticket_id == ticket_id)).all()
    assert service.change_ticket(his, ChangeTicket(ticket_id, transition="decline", note=WHY)).status == "changed"
    after = columns_of(work, ticket_id)
    assert (after["state"], after["assignee_id"]) == ("waiting", None)
    assert (after["outlet_id"], after["team_id"]) == place
    assert after["version"] == before["version"] + 1
    event = work.session.scalars(
        select(TicketEvent).where(TicketEvent.ticket_id == ticket_id).order_by(TicketEvent.id.desc())
    ).first()
    assert event.changes == {"state": ["working", "waiting"], "assignee_id": [actor.user_id, None]}
    assert (event.kind, event.transition, event.actor_id) == ("transitioned", "decline", actor.user_id)
    # It waits among those nobody has, rings no bell, and is gone from the desk of whoever declined.
    assert [row.id for row in queries.ticket_page(work, TicketQuery(assignee="none", templates=[key])).rows] == [
        ticket_id
    ]
    assert not work.session.scalars(select(TicketNotice.user_id).where(TicketNotice.ticket_id == ticket_id)).all()
    with pytest.raises(NotFoundError):
        queries.ticket(his, ticket_id)
    again = service.change_tickets(his, [ChangeTicket(ticket_id, transition="start")]).outcomes[0]
    assert again.status == "refused"


def test_without_its_note_it_stays_in_his_hands(work, place):
    user_id = tickets.assignee(work)
    ticket_id = held(work, handing_back(work), place, user_id)
    with pytest.raises(DomainError) as refused:
        service.change_ticket(work, ChangeTicket(ticket_id, transition="decline"))
    assert [(one.field, one.code) for one in refused.value.refusals] == [("note", "note_required")]
    assert columns_of(work, ticket_id)["assignee_id"] == user_id


def test_nobody_is_named_with_a_step_that_takes_it_from_everybody(work, place):
    ticket_id = held(work, handing_back(work, ("assignee", "team")), place, tickets.assignee(work))
    wish = {"assignee_id": tickets.assignee(work), "team_id": str(place[1])}
    with pytest.raises(DomainError) as refused:
        service.change_ticket(work, ChangeTicket(ticket_id, fields=wish, transition="decline", note=WHY))
    assert [(one.field, one.code) for one in refused.value.refusals] == [
        ("assignee_id", "cleared"), ("team_id", "cleared"),
    ]  # fmt: skip
    assert columns_of(work, ticket_id)["state"] == "working"


def test_a_team_that_came_with_the_new_assignee_goes_with_the_step(work, place):
    ticket_id = tickets.ticket(work, handing_back(work, ("team",)))
    service.change_ticket(work, ChangeTicket(ticket_id, transition="start"))
    mate = people.account(work, roles=["technician"], teams=[people.team(work, outlet_id=place[0])]).user_id
    order = ChangeTicket(ticket_id, fields={"assignee_id": mate}, transition="decline", note=WHY)
    service.change_ticket(work, order)
    after = columns_of(work, ticket_id)
    assert (after["assignee_id"], after["team_id"]) == (mate, None)


def test_what_is_only_asked_while_somebody_holds_it_goes_too(work, place):
    key = handing_back(work, shown_when={"field": "assignee_id", "op": "is_not_empty"})
    ticket_id = held(work, key, place, tickets.assignee(work), quantity=3)
    assert queries.ticket(work, ticket_id).values["quantity"] == 3
    service.change_ticket(work, ChangeTicket(ticket_id, transition="decline", note=WHY))
    assert "quantity" not in queries.ticket(work, ticket_id).values


def test_of_a_batch_the_held_ones_are_let_go_and_the_journal_replays_them(work, place):
    key = handing_back(work, ("assignee", "team"))
    ids = [held(work, key, place, tickets.assignee(work)), tickets.ticket(work, key)]
    service.change_ticket(work, ChangeTicket(ids[1], transition="start"))
    (idle,) = [one for one in queries.steps(work, queries.ticket(work, ids[1])) if one.transition.key == "decline"]
    assert idle.clears == ()
    found = service.change_tickets(work, [ChangeTicket(one, transition="decline", note=WHY) for one in ids])
    assert {one.status for one in found.outcomes} == {"changed"}
    for one in ids:
        columns = columns_of(work, one)
        assert (columns["assignee_id"], columns["team_id"], columns["state"]) == (None, None, "waiting")
        events = work.session.execute(
            select(TicketEvent.at, TicketEvent.kind, TicketEvent.changes, TicketEvent.version)
            .where(TicketEvent.ticket_id == one)
            .order_by(TicketEvent.id)
        ).mappings()
        version = templates.version(work, columns["version_id"])
        replayed = journal.replay(events, lambda _id, version=version: version)
        stored = dict(zip(NAMES, work.session.execute(select(*COLUMNS).where(Ticket.id == one)).one(), strict=True))
        kept = stored.keys() - {"id", "changed_at"}
        assert {name: replayed.get(name) for name in kept} == {name: stored[name] for name in kept}
