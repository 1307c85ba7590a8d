"""Amounts that steps add to and take off: what is typed is what comes in or goes out this time, and no more."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from app.core.errors import DomainError
from app.tickets import queries, service
from app.tickets.models import TicketEvent
from app.tickets.orders import ChangeTicket, MergeTickets
from tests.factories import tickets
from tests.factories.tickets import field_spec, named
from ticket_templates.spec import FieldUse, TemplateSpec, Transition

#: What is to be collected and what was; nobody types over what was.
RECEIVED = FieldUse("received", read_only=True, lowered_in=("parts",))


def move(key: str, source: str, target: str = "", **more: Any) -> Transition:
    return Transition(key, named(key), (source,), target, **more)


STEPS = (
    move("collect", "waiting", required=("received",), adds=("received", "visits"), shows=("due", "visits")),
    move("overpaid", "waiting", "parts"),
    move("pay_back", "parts", required=("received",), takes_off=("received",), shows=("due", "note_of_money")),
    move("back", "parts", "waiting"),
    move("settle", "waiting", "done", shows=("received", "due"), adds=("received",),
         guard={"field": "values.due", "op": "is", "value": 0}, message=named("未收 {due}。", "Still due: {due}.")),
    move("close", "done", "closed"),
)  # fmt: skip


def spec(received: FieldUse = RECEIVED, most: int | None = None) -> TemplateSpec:
    small = tickets.repair_spec()
    uses = (FieldUse("fee"), received, FieldUse("visits"), FieldUse("due"), FieldUse("note_of_money"))
    fields = (
        field_spec("fee", "money", "费用"),
        field_spec("received", "money", "已收金额", settings={} if most is None else {"max": most}),
        field_spec("visits", "integer", "上门次数"),
        field_spec("due", "computed", "未收金额", settings={"formula": "sum(fee) - sum(received)", "result": "money"}),
        field_spec("note_of_money", "text", "凭证号"),
    )
    states = tuple(one for one in small.workflow.states if one.key != "working")
    return replace(
        small,
        fields=dict(small.fields) | {one.key: one for one in fields},
        sections=(replace(small.sections[0], fields=(*small.sections[0].fields, *uses)), small.sections[1]),
        workflow=replace(small.workflow, states=states, transitions=STEPS),
        checklist=(),
    )


@pytest.fixture
def key(work):
    return tickets.template(work, spec=spec())


@pytest.fixture
def clerk(work, make_work):
    return make_work(tickets.actor(work, "administrator"))


def take(work, ticket_id: int, step: str | None, **answers: Any) -> dict[str, str]:
    """Take a step; the code each field is refused with."""
    try:
        service.change_ticket(work, ChangeTicket(ticket_id, answers=answers, transition=step))
    except DomainError as error:
        return {one.field: one.code for one in error.refusals}
    return {}


def values(work, ticket_id: int) -> dict[str, Any]:
    return queries.ticket(work, ticket_id).values


def test_what_is_typed_is_what_comes_in_this_time(work, clerk, key):
    own = tickets.ticket(work, key, {"fee": "300"})
    assert take(clerk, own, "collect", received="100", visits="1") == {}
    assert take(clerk, own, "collect", received="150") == {}
    assert take(clerk, own, "collect", received="0.5", visits=2) == {}
    found = values(work, own)
    assert (found["received"], found["visits"], found["due"]) == (25050, 3, 4950)
    assert _movements(work, own) == [(None, 10000), (10000, 25000), (25000, 25050)]


def test_nobody_types_over_it_anywhere_else(work, clerk, key):
    own = tickets.ticket(work, key, {"fee": "300"})
    assert take(clerk, own, "collect", received="100") == {}
    for answer in ("200", "100", "50", None):
        assert take(clerk, own, None, received=answer) == {"received": "read_only"}
        assert take(clerk, own, "overpaid", received=answer) == {"received": "read_only"}
    assert values(work, own)["received"] == 10000


@pytest.mark.parametrize("wrong", ["0", "-5", 0, "0.00", "1.005", "viel", True])
def test_an_amount_that_is_none_is_refused_at_its_field(work, clerk, key, wrong):
    own = tickets.ticket(work, key, {"fee": "300"})
    assert take(clerk, own, "collect", received="100") == {}
    assert take(clerk, own, "collect", received=wrong).keys() == {"received"}
    assert values(work, own)["received"] == 10000


def test_what_the_step_requires_is_needed_anew_each_time(work, clerk, key):
    own = tickets.ticket(work, key, {"fee": "300"})
    assert take(clerk, own, "collect", visits="1") == {"received": "required"}
    assert take(clerk, own, "collect", received="100") == {}
    for nothing in ({}, {"received": ""}, {"received": None}):
        assert take(clerk, own, "collect", visits="1", **nothing) == {"received": "required"}
    collect = next(one for one in queries.steps(clerk, queries.ticket(clerk, own)) if one.transition.key == "collect")
    assert (collect.missing, collect.open, collect.blocked) == (("received",), False, False)
    # What is only shown may be left: nothing comes in.
    assert take(clerk, own, "settle", received="") == {"transition": "guard"}
    assert take(clerk, own, "settle", received="200") == {}
    assert values(work, own)["received"] == 30000


def test_guards_and_what_they_say_see_the_sum(work, clerk, key):
    own = tickets.ticket(work, key, {"fee": "300"})
    assert take(clerk, own, "collect", received="100") == {}
    with pytest.raises(DomainError) as error:
        service.change_ticket(clerk, ChangeTicket(own, answers={"received": "50"}, transition="settle"))
    assert [str(one.message) for one in error.value.refusals] == ["Still due: CN¥150.00."]
    settle = next(one for one in queries.steps(clerk, queries.ticket(clerk, own)) if one.transition.key == "settle")
    assert (settle.answerable, settle.blocked) == (True, False)


def test_no_more_goes_out_than_is_there(work, clerk, key):
    own = tickets.ticket(work, key, {"fee": "300"})
    assert take(clerk, own, "collect", received="100") == {}
    assert take(clerk, own, "overpaid") == {}
    with pytest.raises(DomainError) as error:
        service.change_ticket(clerk, ChangeTicket(own, answers={"received": "100.01"}, transition="pay_back"))
    (told,) = error.value.refusals
    assert (told.field, told.code) == ("received", "too_much")
    assert "¥100.00" in told.message.in_("zh_Hans")
    assert take(clerk, own, "pay_back", received="30") == {}
    assert take(clerk, own, "pay_back", received="70") == {}
    assert values(work, own)["received"] == 0
    assert take(clerk, own, "pay_back", received="1") == {"received": "too_much"}


def test_what_goes_out_with_a_step_is_said_by_it_wherever_it_begins(work, clerk):
    free = replace(RECEIVED, read_only=False, lowered_in=("done",))
    own = tickets.ticket(work, tickets.template(work, spec=spec(free)), {"received": "100"})
    assert take(clerk, own, "overpaid", received="90") == {"received": "lowered"}
    assert take(clerk, own, "overpaid") == {}
    assert take(clerk, own, "pay_back", received="10") == {}
    assert values(work, own)["received"] == 9000


def test_a_guard_that_is_asked_first_looks_at_what_is_there_and_not_at_what_is_typed(work, clerk):
    due = {"field": "values.due", "op": "is_at_least", "value": "0.01"}
    paid = replace(STEPS[0], guard=due, guard_first=True, message=named("已收清。", "All is paid."))
    made = spec()
    made = replace(made, workflow=replace(made.workflow, transitions=(paid, *STEPS[1:])))
    own = tickets.ticket(work, tickets.template(work, spec=made), {"fee": "100"})
    # The last of it leaves nothing due, and more than is due is another question.
    assert take(clerk, own, "collect", received="40") == {}
    assert take(clerk, own, "collect", received="70") == {}
    assert take(clerk, own, "collect", received="1") == {"transition": "guard"}
    step = next(one for one in queries.steps(clerk, queries.ticket(clerk, own)) if one.transition.key == "collect")
    assert (step.open, step.blocked, str(step.reasons[0])) == (False, True, "All is paid.")


def test_limits_are_those_of_what_is_there(work, clerk):
    own = tickets.ticket(work, tickets.template(work, spec=spec(most=250)), {"fee": "300"})
    assert take(clerk, own, "collect", received="200") == {}
    assert take(clerk, own, "collect", received="50.01") == {"received": "too_large"}
    assert take(clerk, own, "collect", received="50") == {}
    assert take(clerk, own, "collect", received="9" * 40) == {"received": "out_of_range"}


def test_many_at_once_each_add_to_their_own(work, clerk, key):
    had = [tickets.ticket(work, key, {"fee": "300"}) for _ in range(3)]
    assert take(clerk, had[1], "collect", received="100") == {}
    wish = {"received": "20"}
    orders = [ChangeTicket(one, answers=wish, transition="collect") for one in (*had, had[1])]
    assert {one.status for one in service.change_tickets(clerk, orders).outcomes} == {"changed"}
    assert [values(work, one)["received"] for one in had] == [2000, 14000, 2000]


def test_who_may_not_change_it_lets_nothing_in(work, make_work):
    barred = replace(RECEIVED, write_roles=frozenset({"finance"}))
    own = tickets.ticket(work, tickets.template(work, spec=spec(barred)))
    clerk = make_work(tickets.actor(work, "administrator"))
    assert take(clerk, own, "collect", received="1") == {"received": "not_allowed"}


def test_a_ticket_with_money_on_it_is_not_merged_away(work, clerk):
    key = tickets.template(work, spec=spec(replace(RECEIVED, lowered_in=())))
    source, target = tickets.ticket(work, key), tickets.ticket(work, key)
    assert take(clerk, source, "collect", received="1") == {}
    (outcome,) = service.merge_tickets(clerk, [MergeTickets(source, target)]).outcomes
    assert "Received CN¥1.00" in str(outcome.refusals[0].message)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    moves=st.lists(
        st.tuples(st.integers(0, 2), st.sampled_from(["collect", "pay_back"]), st.integers(-1, 400)), max_size=10
    )
)
def test_it_is_the_sum_of_what_came_and_went_and_never_below_nothing(work, make_work, key, moves):
    people = [make_work(tickets.actor(work, "administrator")) for _ in range(3)]
    own, there = tickets.ticket(work, key, {"fee": "3"}), 0
    for who, step, amount in moves:
        state = queries.ticket(work, own).state
        if (state == "parts") != (step == "pay_back"):
            assert take(people[who], own, "overpaid" if state == "waiting" else "back") == {}
        moved = amount if step == "collect" else -amount
        fits = amount > 0 and there + moved >= 0
        assert (take(people[who], own, step, received=f"{amount / 100:.2f}") == {}) is fits
        there += moved if fits else 0
        found = values(work, own)
        assert (found.get("received", 0), found.get("due")) == (there, 300 - there)
    assert sum(new - (old or 0) for old, new in _movements(work, own)) == there


def _movements(work, ticket_id: int) -> list[tuple[int | None, int]]:
    """Return what the journal says was there before and after, each time it changed."""
    query = select(TicketEvent.changes).where(TicketEvent.ticket_id == ticket_id).order_by(TicketEvent.id)
    return [tuple(one["values.received"]) for one in work.session.scalars(query) if "values.received" in one]
