"""A hand-over changes whose ticket it is, says why, and leaves no ticket that contradicts itself."""

import pytest
from sqlalchemy import select

from app.core.errors import DomainError
from app.core.work import Cause
from app.tickets import queries, service
from app.tickets.models import TicketEvent, TicketNote
from app.tickets.orders import ChangeTicket
from tests.factories import people, tickets


@pytest.fixture
def shops(work):
    """Two outlets with a team and somebody in it each, as (outlet, team, person)."""
    found = []
    for _ in range(2):
        outlet = people.outlet(work)
        team = people.team(work, outlet_id=outlet.id)
        person = people.account(work, roles=["technician"], outlet=outlet, teams=[team]).user_id
        found.append((outlet.id, team.id, person))
    return found


def _held(work, ticket):
    columns = queries.ticket(work, ticket).columns
    return columns["outlet_id"], columns["team_id"], columns["assignee_id"]


def _refused(work, order):
    with pytest.raises(DomainError) as caught:
        service.change_ticket(work, order)
    return [(one.field, one.code) for one in caught.value.refusals]


def test_a_hand_over_needs_another_holder_and_a_reason(clerk, key, shops):
    (_outlet, team, person), (_other_outlet, _other_team, other) = shops
    ticket = tickets.ticket(clerk, key, assignee_id=person)
    same = {"assignee_id": person, "team_id": team}
    assert _refused(clerk, ChangeTicket(ticket, reason="")) == [("assignee_id", "unchanged"), ("reason", "required")]
    assert _refused(clerk, ChangeTicket(ticket, fields=same, reason="换人")) == [("assignee_id", "unchanged")]
    for reason in (None, "", " \u200b\n"):
        order = ChangeTicket(ticket, fields={"assignee_id": other}, reason=reason)
        assert _refused(clerk, order) == [("reason", "required")]
    assert _held(clerk, ticket) == shops[0]
    assert (
        service.change_ticket(clerk, ChangeTicket(ticket, fields={"assignee_id": other}, reason="休假")).status
        == "changed"
    )
    assert clerk.session.scalar(select(TicketNote.body)) == "休假"


def test_who_gives_a_ticket_to_its_first_holder_needs_no_reason(clerk, key, shops):
    person = shops[0][2]
    ticket = tickets.ticket(clerk, key)
    assert service.change_ticket(clerk, ChangeTicket(ticket, fields={"assignee_id": person})).status == "changed"


def test_a_step_and_what_no_person_does_need_no_reason(work, make_work, clerk, key, shops):
    first, second = (one[2] for one in shops)
    ticket = tickets.ticket(clerk, key, assignee_id=first)
    step = ChangeTicket(ticket, fields={"assignee_id": second}, transition="start")
    assert service.change_ticket(clerk, step).status == "changed"
    by_rule = make_work(clerk.actor, cause=Cause("rule", "night"))
    assert service.change_ticket(by_rule, ChangeTicket(ticket, fields={"assignee_id": first})).status == "changed"


@pytest.mark.parametrize("transition", [None, "start"])
def test_team_and_outlet_follow_the_assignee(clerk, key, shops, transition):
    here, there = shops
    ticket = tickets.ticket(clerk, key, assignee_id=here[2])
    assert _held(clerk, ticket) == here
    reason = None if transition else "他更近"
    service.change_ticket(
        clerk, ChangeTicket(ticket, fields={"assignee_id": there[2]}, transition=transition, reason=reason)
    )
    assert _held(clerk, ticket) == there
    query = select(TicketEvent.changes).where(TicketEvent.ticket_id == ticket).order_by(TicketEvent.id.desc()).limit(1)
    changes = clerk.session.scalar(query)
    assert [changes[name] for name in ("outlet_id", "team_id", "assignee_id")] == [
        list(one) for one in zip(here, there, strict=True)
    ]


def test_what_the_order_names_stays_as_named(clerk, key, shops):
    here, there = shops
    ticket = tickets.ticket(clerk, key, assignee_id=here[2])
    named = {"assignee_id": there[2], "team_id": here[1], "outlet_id": here[0]}
    service.change_ticket(clerk, ChangeTicket(ticket, fields=named, reason="借调"))
    assert _held(clerk, ticket) == (here[0], here[1], there[2])


def test_a_team_the_assignee_is_in_stays_and_one_of_the_outlet_left_does_not(work, clerk, key, shops):
    here, there = shops
    both = people.team(work)
    people_of_two = people.account(work, roles=["technician"], teams=[both, *_teams(work, here[1])]).user_id
    ticket = tickets.ticket(clerk, key, team_id=both.id, outlet_id=here[0])
    service.change_ticket(clerk, ChangeTicket(ticket, fields={"assignee_id": people_of_two}))
    assert _held(clerk, ticket) == (here[0], both.id, people_of_two)
    alone = people.account(work, roles=["technician"], outlet=_outlet(work, there[0])).user_id
    service.change_ticket(clerk, ChangeTicket(ticket, fields={"assignee_id": alone}, reason="x"))
    assert _held(clerk, ticket) == (there[0], None, alone)
    office = people.account(work, roles=["technician"]).user_id
    service.change_ticket(clerk, ChangeTicket(ticket, fields={"assignee_id": office}, reason="x"))
    assert _held(clerk, ticket) == (there[0], None, office)


def _teams(work, *ids):
    return [work.session.get_one(people.Team, one) for one in ids]


def _outlet(work, key):
    return work.session.get_one(people.Outlet, key)
