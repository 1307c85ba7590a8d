"""What stands: amounts that changed hands only grow, and steps that wait for another one, at every door."""

from dataclasses import replace
from typing import Any

import pytest

from app.core.errors import DomainError
from app.core.permissions import Scope
from app.people.models import Account
from app.tickets import queries, service
from app.tickets.change import write
from app.tickets.orders import ChangeTicket, NoteOrder, OpenTicket
from tests.clients import statements
from tests.factories import people, tickets
from tests.factories.tickets import field_spec
from ticket_templates.spec import FieldUse, TemplateSpec

#: The deposit is counted in any state; what is given back is said while the ticket waits.
DEPOSIT = FieldUse(
    "deposit",
    lowered_in=("parts",),
    visible_when={"any": [
        {"field": "values.fault_code", "op": "is", "value": "E1"}, {"field": "values.deposit", "op": "is_not_empty"},
    ]},
)  # fmt: skip


def spec(*, after: tuple[str, ...] = (), other_than: tuple[str, ...] = ()) -> TemplateSpec:
    small = tickets.repair_spec()
    steps = tuple(
        replace(one, checklist=False, after=after, other_than=other_than) if one.key == "close" else one
        for one in small.workflow.transitions
    )
    work = replace(small.sections[1], on_create=True, fields=(*small.sections[1].fields, DEPOSIT))
    return replace(
        small,
        fields=dict(small.fields) | {"deposit": field_spec("deposit", "money", "已收金额")},
        sections=(small.sections[0], work),
        workflow=replace(small.workflow, transitions=steps),
    )


@pytest.fixture
def paid(work):
    """A ticket with 150.00 received."""
    key = tickets.template(work, spec=spec())
    return tickets.ticket(work, key, {"fault_code": "E1", "deposit": "150"})


def refused(work, ticket_id, answers: dict[str, Any] | None = None, step: str | None = None) -> dict[str, str]:
    """Change a ticket; the code each field is refused with."""
    try:
        service.change_ticket(work, ChangeTicket(ticket_id, answers=answers or {}, transition=step))
    except DomainError as error:
        return {one.field: one.code for one in error.refusals}
    return {}


def deposit(work, ticket_id):
    return queries.ticket(work, ticket_id).values.get("deposit")


@pytest.mark.parametrize("less", ["149.99", "0", "", None, "-1"])
def test_what_was_received_does_not_become_less(work, paid, less):
    assert refused(work, paid, {"deposit": less}) == {"deposit": "lowered"}
    assert refused(work, paid, {"deposit": less}, "start") == {"deposit": "lowered"}
    assert deposit(work, paid) == 15000


def test_what_was_received_grows_and_is_said_in_all(work, paid):
    assert refused(work, paid, {"deposit": "150"}) == {}
    with pytest.raises(DomainError) as error:
        service.change_ticket(work, ChangeTicket(paid, answers={"deposit": "50"}))
    (told,) = error.value.refusals
    assert str(told.message) == (
        "“Deposit” counts everything up to now: CN¥150.00 is there already and does not become less."
        " What went back is said by: “Wait for parts”."
    )
    assert "¥150.00" in told.message.in_("zh_Hans")
    assert refused(work, paid, {"deposit": "200"}, "start") == {}
    assert deposit(work, paid) == 20000


def test_it_is_lowered_where_what_went_back_is_said(work, paid):
    assert refused(work, paid, step="start") == {}
    # By the state it is in before the step: one does not lower on the way there.
    assert refused(work, paid, {"deposit": "100"}, "wait") == {"deposit": "lowered", "note": "note_required"}
    service.change_ticket(work, ChangeTicket(paid, transition="wait", note=NoteOrder("等配件")))
    assert refused(work, paid, {"deposit": "100"}) == {}
    assert refused(work, paid, {"deposit": None}, "start") == {}
    assert deposit(work, paid) is None


def test_no_answer_hides_what_was_received(work, paid):
    assert refused(work, paid, {"fault_code": "E2"}) == {}
    assert deposit(work, paid) == 15000


def test_nothing_received_is_no_amount_to_keep(work, paid):
    key = tickets.template(work, spec=spec())
    none, nothing = (tickets.ticket(work, key, {"fault_code": "E1"} | more) for more in ({}, {"deposit": "0"}))
    assert refused(work, nothing, {"deposit": None}) == {}
    assert refused(work, none, {"deposit": "-5"}) == {"deposit": "lowered"}


def test_many_at_once_are_told_each_its_own(work):
    key = tickets.template(work, spec=spec())
    had = [tickets.ticket(work, key, {"fault_code": "E1", "deposit": amount}) for amount in ("10", "20", "30")]
    wish = {"deposit": "20"}
    outcomes = service.change_tickets(work, [ChangeTicket(one, answers=wish) for one in had]).outcomes
    assert [one.status for one in outcomes] == ["changed", "unchanged", "refused"]


def test_a_step_waits_for_another_one(work, make_work):
    key = tickets.template(work, spec=spec(after=("finish",), other_than=("start",)))
    clerk, mate = (make_work(tickets.actor(work)) for _who in range(2))
    tickets.assignee(work, clerk.actor.user_id, "clerk")
    imported = service.open_ticket(work, OpenTicket(key, {}, {"fault": "x", "result": "好"}, state="done")).ticket_id
    assert refused(clerk, imported, step="close") == {"transition": "not_before"}
    steps = queries.steps(clerk, queries.ticket(clerk, imported))
    close = next(one for one in steps if one.transition.key == "close")
    assert (close.open, close.blocked) == (False, True)
    assert [str(one) for one in close.reasons] == ["“Finish” was not taken on this ticket yet; take that step first."]
    # What a program took was taken; who took the first step himself does not take this one.
    own = tickets.ticket(work, key)
    assert refused(mate, own, step="start") == {}
    assert refused(work, own, {"result": "好"}, "finish") == {}
    assert refused(mate, own, step="close") == {"transition": "same_person"}
    with statements(clerk.session.connection().engine) as asked:
        assert refused(clerk, own, step="close") == {}
    assert len([one for one in asked if "ticket_event" in one and one.lstrip().startswith("SELECT")]) == 1


def test_who_works_alone_takes_every_step(work, make_work):
    key = tickets.template(work, spec=spec(other_than=("start",)))
    owner = make_work(tickets.actor(work, "administrator"))
    tickets.assignee(work, owner.actor.user_id, "administrator")
    own = tickets.ticket(work, key)
    assert refused(owner, own, step="start") == {}
    assert refused(owner, own, {"result": "好"}, "finish") == {}
    # A partner was there once; who has left takes no step.
    mate = tickets.assignee(work, role="administrator")
    assert refused(owner, own, step="close") == {"transition": "same_person"}
    work.session.get_one(Account, mate).active = False
    work.session.flush()
    (close,) = (one for one in queries.steps(owner, queries.ticket(owner, own)) if one.transition.key == "close")
    assert close.open
    assert refused(owner, own, step="close") == {}


def test_who_has_no_sight_of_the_ticket_is_nobody_to_wait_for(work, make_work):
    there = people.outlet(work)
    people.account(work, roles=["outlet_manager"], outlet=there)
    key = tickets.template(work, spec=spec(other_than=("start",)))
    owner = make_work(tickets.actor(work, "administrator"))
    tickets.assignee(work, owner.actor.user_id, "administrator")
    own = tickets.ticket(work, key)
    for step, answers in (("start", {}), ("finish", {"result": "好"})):
        assert refused(owner, own, answers, step) == {}
    here = tickets.assignee(work, role="technician")

    def barred():
        (close,) = (one for one in queries.steps(owner, queries.ticket(owner, own)) if one.transition.key == "close")
        return not close.open

    assert not barred()
    # One who watches it reads it only; one whose outlet or hands it is in goes on with it.
    write.add_watchers(work, [(own, here)])
    assert not barred()
    for fields in ({"outlet_id": there.id}, {"outlet_id": None, "assignee_id": here}):
        service.change_ticket(owner, ChangeTicket(own, fields=fields, reason="换人"))
        assert barred()
        assert refused(owner, own, step="close") == {"transition": "same_person"}
    service.change_ticket(owner, ChangeTicket(own, fields={"assignee_id": None}, reason="没人"))
    assert refused(owner, own, step="close") == {}


def test_nobody_else_is_who_may_not_take_the_step(work, make_work):
    small = spec(other_than=("start",))
    flow = small.workflow
    steps = tuple(replace(one, roles=frozenset({"finance"})) if one.key == "close" else one for one in flow.transitions)
    key = tickets.template(work, spec=replace(small, workflow=replace(flow, transitions=steps)))
    owner = make_work(tickets.actor(work, "finance", scope=Scope.ALL))
    tickets.assignee(work, owner.actor.user_id, "finance")
    tickets.assignee(work, role="technician")
    own = tickets.ticket(work, key)
    assert refused(owner, own, step="start") == {}
    assert refused(work, own, {"result": "好"}, "finish") == {}
    assert refused(owner, own, step="close") == {}


def test_what_the_state_is_about_is_changed_and_not_emptied(work):
    key = tickets.template(work, spec=spec())
    own = tickets.ticket(work, key, {"result": "先记一笔"})
    assert refused(work, own, step="start") == {}
    assert refused(work, own, {"result": None}) == {}
    assert refused(work, own, {"result": "好"}, "finish") == {}
    assert refused(work, own, {"result": None}) == {"result": "kept"}
    assert refused(work, own, {"result": ""}, "close") == {"result": "kept"}
    assert refused(work, own, {"result": "很好"}) == {}
    # What came without it may stay without.
    imported = service.open_ticket(work, OpenTicket(key, {}, {"fault": "x"}, state="done")).ticket_id
    assert refused(work, imported, {"result": ""}) == {}
    assert refused(work, imported, {"result": "好"}) == {}
    assert refused(work, imported, {"result": None}) == {"result": "kept"}
