"""To be told of a ticket is not to have it: who may read one, and who may work on it."""

from dataclasses import replace

import pytest

from app.core.errors import NotAllowedError, NotFoundError
from app.core.permissions import Scope
from app.tickets import queries, service
from app.tickets.orders import ChangeTicket, NoteOrder
from tests.factories import people, tickets

WIDER = {"assigned": Scope.OWN, "made": Scope.OWN, "a mate's": Scope.TEAM, "the team's": Scope.TEAM,
         "the outlet's": Scope.OUTLET, "another's": Scope.ALL}  # fmt: skip


@pytest.fixture
def place(work):
    outlet = people.outlet(work)
    return outlet, people.team(work, outlet_id=outlet.id)


@pytest.fixture
def somebody(work, place):
    """Who works there, as far as a scope goes."""

    def reaching(scope):
        outlet, team = place
        return replace(people.account(work, roles=["dispatcher"], outlet=outlet, teams=[team]), scope=scope)

    return reaching


def _fields(work, place, actor, how):
    outlet, team = place
    mate = people.account(work, roles=["technician"], teams=[team]).user_id
    elsewhere = people.outlet(work)
    stranger = people.account(work, roles=["technician"], outlet=elsewhere).user_id
    # Of another team and outlet, so that nothing but the mate puts it in reach.
    apart = {"team_id": people.team(work).id, "outlet_id": elsewhere.id}
    fields = {"assigned": {"assignee_id": actor.user_id}, "a mate's": {"assignee_id": mate, **apart},
              "the team's": {"team_id": team.id}, "the outlet's": {"outlet_id": outlet.id}, "made": {}}  # fmt: skip
    return fields.get(how, {"assignee_id": stranger})


def _wishes(work):
    return (
        {"transition": "start"},
        {"fields": {"priority": 1}},
        {"fields": {"team_id": people.team(work).id}, "reason": "换组"},
        {"answers": {"quantity": 3}},
        {"checklist": {"tested": True}},
        {"transition": "start", "note": NoteOrder("一并写")},
    )


@pytest.fixture(params=list(WIDER))
def how(request):
    return request.param


@pytest.fixture(params=list(Scope))
def scope(request):
    return request.param


@pytest.fixture
def held(work, make_work, key, place, somebody, how, scope):  # noqa: PLR0917 - the table of cases
    """An actor of a scope, and a ticket that is his in one way or another."""
    actor = somebody(scope)
    maker = make_work(actor) if how == "made" else work
    return actor, tickets.ticket(maker, key, **_fields(work, place, actor, how))


def test_what_is_watched_is_read_and_what_is_on_the_desk_is_worked_on(work, make_work, held, how, scope):
    actor, ticket = held
    reader, on_desk = make_work(actor), scope >= WIDER[how]
    if not on_desk:
        for order in (ChangeTicket(ticket, note=NoteOrder("不在此")), ChangeTicket(ticket, transition="start")):
            with pytest.raises(NotFoundError):
                service.change_ticket(reader, order)
        service.watch(work, ticket, user_id=actor.user_id)
    detail = queries.ticket(reader, ticket)
    assert detail.yours == on_desk
    assert {step.open for step in queries.steps(reader, detail)} == {on_desk}
    for wish in _wishes(work)[: 1 if on_desk else None]:
        (outcome,) = service.change_tickets(reader, [ChangeTicket(ticket, **wish)]).outcomes
        assert [one.code for one in outcome.refusals] == ([] if on_desk else ["not_allowed"]), wish
    assert service.change_ticket(reader, ChangeTicket(ticket, note=NoteOrder("看到了"))).status == "changed"
    assert [entry.body for entry in queries.timeline(reader, ticket) if entry.kind == "note"] == ["看到了"]


def test_of_a_batch_only_what_is_not_ones_own_is_refused(work, make_work, key, somebody):
    actor = somebody(Scope.OWN)
    mine, other = tickets.ticket(work, key, assignee_id=actor.user_id), tickets.ticket(work, key)
    service.watch(work, other, user_id=actor.user_id)
    orders = [ChangeTicket(one, fields={"priority": 2}) for one in (mine, other)]
    outcomes = service.change_tickets(make_work(actor), orders).outcomes
    assert [one.status for one in outcomes] == ["changed", "refused"]
    assert queries.ticket(work, other).priority == 3


def test_who_only_watches_opens_it_to_nobody_and_sends_nobody_away(work, make_work, key, somebody):
    actor = somebody(Scope.OWN)
    stranger = people.account(work, "zhao.si", ["technician"], name="赵四")
    ticket = tickets.ticket(work, key)
    for one in (actor.user_id, other := tickets.account(work)):
        service.watch(work, ticket, user_id=one)
    reader = make_work(actor)
    service.change_ticket(reader, ChangeTicket(ticket, note=NoteOrder("@zhao.si 看看")))
    with pytest.raises(NotFoundError):
        queries.ticket(make_work(stranger), ticket)
    with pytest.raises(NotAllowedError):
        service.watch(reader, ticket, on=False, user_id=other)
    service.watch(reader, ticket, on=False)
    with pytest.raises(NotFoundError):
        queries.ticket(reader, ticket)
