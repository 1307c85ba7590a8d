"""Numbers of tickets and of their fields: without a gap, whoever is refused, and nobody waits crosswise."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import sessionmaker

from app.core.db import open_engine
from app.core.permissions import SYSTEM
from app.core.unit_of_work import Transactions
from app.core.work import Cause
from app.switchboard import HANDLERS
from app.tickets import queries, service
from app.tickets.change.number import Sequences
from app.tickets.models import Ticket, TicketCounter
from app.tickets.orders import ChangeTicket, OpenTicket
from tests.clients import statements
from tests.conftest import NOW
from tests.factories import tickets
from ticket_templates.spec import FieldUse, Section

CAUSE = Cause("person")
ROUNDS = 12
NUMBERED = {
    key: tickets.field_spec(key, "auto_number", zh, settings={"pattern": pattern})
    for key, zh, pattern in (("report", "报告号", "R-{yyyy}-{seq:4}"), ("delivery", "送货单号", "D-{seq:5}"))
}


def spec(*order, pattern="WX-{seq:4}"):
    """The small template with auto numbers in this order; the first is part of the subject."""
    base = tickets.repair_spec(pattern)
    main = base.sections[0]
    # The last comes with an answer.
    condition = {"field": "values.fault_code", "op": "is", "value": "E2"}
    uses = [FieldUse(key, visible_when=condition if key == order[-1] else None) for key in order]
    section = Section(main.key, main.labels, (*main.fields, *uses))
    fields, subject = {**base.fields, **NUMBERED}, f"{{{order[0]}}} {{fault}}"
    return replace(base, fields=fields, sections=(section, *base.sections[1:]), subject=subject)


@pytest.fixture
def key(work):
    return tickets.template(work, spec=spec("report", "delivery"))


def values(work, ticket_id):
    held = queries.ticket(work, ticket_id).values
    return held.get("report"), held.get("delivery")


def test_a_day_begins_at_midnight_where_the_company_is(work, make_work):
    """At 01:00 in Shanghai London still has the day before; and two tickets of one London day have two days here."""
    daily = replace(NUMBERED["report"], settings={"pattern": "R-{yyyy}{mm}{dd}-{seq:2}"})
    base = spec("report", pattern="WX-{yyyy}{mm}{dd}-{seq:4}")
    always = replace(base.sections[0], fields=(*base.sections[0].fields[:-1], FieldUse("report")))
    key = tickets.template(
        work, spec=replace(base, fields=base.fields | {"report": daily}, sections=(always, *base.sections[1:]))
    )
    night = datetime(2026, 11, 20, 17, 0, tzinfo=UTC)
    made = [
        service.open_ticket(make_work(now=night + timedelta(hours=later)), OpenTicket(key, {}, {"fault": "x"}))
        for later in (-2, 0, 15, 23)
    ]
    expected = ["WX-20261120-0001", "WX-20261121-0001", "WX-20261121-0002", "WX-20261122-0001"]
    assert [one.number for one in made] == expected
    assert [values(work, one.ticket_id)[0] for one in made] == [
        "R-20261120-01", "R-20261121-01", "R-20261121-02", "R-20261122-01",
    ]  # fmt: skip
    # So in one batch, as an import brings them, whatever their order.
    orders = [
        OpenTicket(key, {}, {"fault": "x"}, created_at=night + timedelta(hours=later)) for later in (2, -2, 0, -1)
    ]
    assert [one.number for one in service.open_tickets(work, orders).outcomes] == [
        "WX-20261121-0003", "WX-20261120-0002", "WX-20261121-0004", "WX-20261121-0005",
    ]  # fmt: skip


def test_a_refused_order_takes_no_number(work, key):
    orders = [
        OpenTicket(key, {}, {"fault": "一", "fault_code": "E2"}),
        OpenTicket(key, {}, {}),
        OpenTicket(key, {}, {"fault": "二", "quantity": "many"}),
        OpenTicket(key, {"priority": 9}, {"fault": "三"}),
        OpenTicket(key, {}, {"fault": "四", "fault_code": "E2"}),
    ]
    outcomes = service.open_tickets(work, orders).outcomes
    assert [one.status for one in outcomes] == ["changed", "refused", "refused", "refused", "changed"]
    first, last = outcomes[0], outcomes[-1]
    assert [first.number, last.number] == ["WX-0001", "WX-0002"]
    assert values(work, first.ticket_id) == ("R-2026-0001", "D-00001")
    assert values(work, last.ticket_id) == ("R-2026-0002", "D-00002")
    assert queries.ticket(work, last.ticket_id).subject == "R-2026-0002 四"
    assert {row.subject for row in queries.ticket_page(work, queries.TicketQuery(text="R-2026-0002")).rows} == {
        "R-2026-0002 四"
    }


def test_a_refused_change_takes_no_number(work, key):
    one, two = (tickets.ticket(work, key, {"fault_code": "E1"}) for _one in range(2))
    assert [values(work, one), values(work, two)] == [("R-2026-0001", None), ("R-2026-0002", None)]
    wished = {"fault_code": "E2"}
    orders = [
        ChangeTicket(one, answers={**wished, "quantity": "many"}),
        ChangeTicket(one, transition="finish", answers=wished),
        ChangeTicket(two, answers=wished, fields={"subject": "别的"}),
        ChangeTicket(one, answers=wished),
    ]
    outcomes = service.change_tickets(work, orders).outcomes
    assert [outcome.status for outcome in outcomes] == ["refused", "refused", "changed", "changed"]
    assert [values(work, two), values(work, one)] == [("R-2026-0002", "D-00001"), ("R-2026-0001", "D-00002")]
    assert queries.ticket(work, two).subject == "别的"
    (entry,) = [one for one in queries.timeline(work, two) if one.kind == "changed"]
    assert "D-00001" in [change.new for change in entry.changes]


def test_a_batch_moves_its_counters_with_one_statement(work, key):
    other = tickets.template(work, spec=spec("delivery", "report", pattern="AZ-{yyyy}{mm}{dd}-{seq}"))
    orders = [
        OpenTicket(one, {}, {"fault": "x", "fault_code": "E2"}, created_at=NOW - timedelta(days=day))
        for day in range(5)
        for one in (key, other)
    ]
    with statements(work.session.get_bind()) as seen:
        service.open_tickets(work, orders)
    assert sum("ticket_counter" in statement for statement in seen) == 1
    counters = dict(work.session.execute(select(TicketCounter.scope, TicketCounter.last)).all())
    assert counters["WX-"] == 5
    assert counters["field report:R-2026-"] == counters["field delivery:D-"] == 10
    assert len(counters) == 3 + 5


def test_long_scopes_are_told_apart():
    asked = Sequences()
    for end in "12":
        asked("k" * 80 + end)
    assert len(set(asked.asked)) == 2
    assert max(map(len, asked.asked)) <= 60


def test_batches_that_need_several_counters_never_wait_crosswise(fresh_database, company):
    options = {} if "sqlite" in fresh_database else {"pool_size": 4}
    engine = open_engine(fresh_database, **options)
    house = Transactions(sessionmaker(engine, expire_on_commit=False), HANDLERS, company, clock=lambda: NOW)
    with house.unit_of_work(SYSTEM, CAUSE) as work:
        keys = [
            tickets.template(work, spec=spec("report", "delivery", pattern="A-{seq}")),
            tickets.template(work, spec=spec("delivery", "report", pattern="B-{seq}")),
        ]
    barrier = threading.Barrier(4)

    def open_some(place):
        barrier.wait()
        for _round in range(ROUNDS):
            with house.unit_of_work(SYSTEM, CAUSE) as work:
                ordered = keys if place % 2 else keys[::-1]
                orders = [OpenTicket(key, {}, {"fault": "x", "fault_code": "E2"}) for key in ordered] + [
                    OpenTicket(keys[0], {}, {})
                ]
                service.open_tickets(work, orders)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(open_some, range(4)))
    number = 4 * ROUNDS
    with house.reading(SYSTEM) as work:
        held = work.session.scalars(select(Ticket.values)).all()
        numbers = work.session.scalars(select(Ticket.number)).all()
    engine.dispose()
    assert sorted(one["report"] for one in held) == [f"R-2026-{i:04d}" for i in range(1, 2 * number + 1)]
    assert sorted(one["delivery"] for one in held) == [f"D-{i:05d}" for i in range(1, 2 * number + 1)]
    assert sorted(numbers) == sorted(f"{letter}-{i}" for letter in "AB" for i in range(1, number + 1))
