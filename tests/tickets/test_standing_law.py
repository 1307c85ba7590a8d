"""Whatever is ordered in whatever order: what was received grows, and what a state has stays answered there."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.tickets import queries, service
from app.tickets.orders import ChangeTicket, NoteOrder
from tests.factories import tickets
from tests.tickets.test_standing import spec

ANSWERS = st.fixed_dictionaries(
    {},
    optional={
        "deposit": st.sampled_from([None, "", "0", "-1", "5", "10", "20", "viel"]),
        "result": st.sampled_from([None, "", " ", "好"]),
        "fault_code": st.sampled_from([None, "E1", "E2"]),
    },
)
STEPS = st.sampled_from([None, None, "start", "wait", "finish", "close", "reopen"])
ORDERS = st.lists(st.tuples(ANSWERS, STEPS), max_size=8)


@pytest.fixture
def template(work):
    return tickets.template(work, spec=spec())


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(far=st.integers(0, 2), orders=ORDERS)
def test_what_stands_stands_whatever_is_ordered(work, template, far, orders):
    ticket = tickets.ticket(work, template, {"fault_code": "E1", "deposit": "7"})
    for step in ("start", "finish")[:far]:
        service.change_ticket(work, ChangeTicket(ticket, answers={"result": "好"}, transition=step))
    before = queries.ticket(work, ticket)
    for answers, step in orders:
        order = ChangeTicket(ticket, answers=answers, transition=step, note=NoteOrder("因为") if step else None)
        (outcome,) = service.change_tickets(work, [order]).outcomes
        after = queries.ticket(work, ticket)
        if outcome.status == "refused":
            assert (after.state, after.values) == (before.state, before.values)
        if before.state != "parts":
            assert after.values.get("deposit", 0) >= before.values.get("deposit", 0)
        kept = before.version.rules.standing(before.state).kept
        assert {one for one in kept if one in before.values} <= after.values.keys()
        before = after
