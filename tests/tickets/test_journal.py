"""The law of the journal: replaying it yields the ticket, whatever was done to it."""

from datetime import timedelta
from itertools import count

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from app.tickets import journal, service
from app.tickets.change.read import COLUMNS, NAMES
from app.tickets.models import Ticket, TicketEvent
from app.tickets.orders import ChangeTicket, NoteOrder, OpenTicket
from tests.conftest import NOW
from tests.factories import people, tickets
from ticket_templates import queries as templates

#: Columns that are not the ticket's content: when it was last touched, and its key.
BESIDES = {"id", "changed_at"}

FIELDS = st.fixed_dictionaries(
    {},
    optional={
        "priority": st.integers(0, 5),
        "subject": st.sampled_from(["加急", "", "x" * 301, "Ä"]),
        "team_id": st.sampled_from([None, "team", 999_999]),
        "customer_id": st.sampled_from([None, "customer"]),
        "assignee_id": st.sampled_from([None, "person", 999_999]),
    },
)
ANSWERS = st.fixed_dictionaries(
    {},
    optional={
        "fault": st.sampled_from(["漏水", "异响", ""]),
        "fault_code": st.sampled_from(["E1", "E2", None, "E9"]),
        "quantity": st.sampled_from([1, "2", None, "many", 10**30]),
        "detail": st.sampled_from(["很响", None]),
        "phone": st.sampled_from(["13800138000", "13900139000", None]),
        "result": st.sampled_from(["已换件", None]),
    },
)
ORDERS = st.fixed_dictionaries(
    {},
    optional={
        "fields": FIELDS,
        "answers": ANSWERS,
        "checklist": st.dictionaries(st.sampled_from(["tested", "tidy", "gone"]), st.booleans(), max_size=2),
        "transition": st.sampled_from(["assign", "start", "wait", "finish", "close", "reopen", "gone"]),
        "note": st.sampled_from([None, NoteOrder("备注")]),
    },
)


#: Names of records in another system, each once.
_NUMBERS = map(str, count())


@settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    opened=st.tuples(ANSWERS, FIELDS),
    orders=st.lists(ORDERS, max_size=8),
    imported=st.sampled_from([None, "working", "parts", "done", "closed"]),
)
def test_replaying_the_journal_yields_the_ticket(work, make_work, opened, orders, imported):
    opening, whose = opened
    things = {"team": people.team(work).id, "customer": people.customer(work).id, "person": tickets.assignee(work)}
    key = tickets.template(work, spec=tickets.giving_spec())
    early = NOW - timedelta(days=30) if imported else None
    external = next(_NUMBERS) if imported else None
    columns = {name: things.get(value, value) for name, value in whose.items()}
    order = OpenTicket(
        key, columns, {"fault": "x"} | opening, created_at=early, state=imported, external_id=external,
        external_source=external and "legacy",
    )  # fmt: skip
    outcome = service.open_tickets(work, [order]).outcomes[0]
    if outcome.ticket_id is None:
        return
    for step, wish in enumerate(orders):
        fields = {name: things.get(value, value) for name, value in wish.get("fields", {}).items()}
        later = make_work(now=NOW + timedelta(minutes=7 * step))
        change = service.change_tickets(later, [ChangeTicket(outcome.ticket_id, **{**wish, "fields": fields})])
        assert change.outcomes[0].status in {"changed", "unchanged", "refused"}
    record = work.session.execute(select(*COLUMNS).where(Ticket.id == outcome.ticket_id)).one()
    stored = {name: value for name, value in zip(NAMES, record, strict=True) if name not in BESIDES}
    events = work.session.execute(
        select(TicketEvent.at, TicketEvent.kind, TicketEvent.changes, TicketEvent.version)
        .where(TicketEvent.ticket_id == outcome.ticket_id)
        .order_by(TicketEvent.id)
    ).mappings()
    replayed = journal.replay(events, lambda version_id: templates.version(work, version_id))
    assert {name: replayed.get(name) for name in stored} == stored
