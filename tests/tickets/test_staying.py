"""A step without a target: it is taken, told and counted, and the ticket stays where it is."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.tickets import queries, service
from app.tickets.journal import replay
from app.tickets.models import TicketEvent
from app.tickets.orders import ChangeTicket, NoteOrder, OpenTicket
from tests.factories import tickets
from tests.factories.tickets import field_spec, named
from tests.tickets.test_moving import RECEIVED, spec, take
from ticket_templates import queries as templates
from ticket_templates.spec import FieldUse, Option, TemplateSpec, Transition

PAY = Transition(
    "pay", named("登记收款"), ("waiting", "parts", "done", "closed"), required=("received", "way"), adds=("received",),
    shows=("due",),
)  # fmt: skip
CALL = Transition("call", named("电话联系"), ("waiting", "done"), note_required=True)
GREET = Transition("greet", named("问候"), ("waiting",))
FINISH = Transition("finish", named("完成"), ("waiting",), "done", after=("greet",))


def staying_spec(received: FieldUse = RECEIVED) -> TemplateSpec:
    small = spec(received)
    way = field_spec("way", "choice", "收款方式")
    way = replace(way, options=(Option("cash", named("现金")), Option("card", named("刷卡"))))
    section = small.sections[0]
    return replace(
        small,
        fields=dict(small.fields) | {"way": way},
        sections=(replace(section, fields=(*section.fields, FieldUse("way"))), small.sections[1]),
        workflow=replace(small.workflow, transitions=(PAY, CALL, GREET, FINISH, *small.workflow.transitions)),
    )


@pytest.fixture
def key(work):
    return tickets.template(work, spec=staying_spec())


@pytest.fixture
def clerk(work, make_work):
    return make_work(tickets.actor(work, "administrator"))


def events(work, ticket_id: int) -> list[Any]:
    query = select(TicketEvent).where(TicketEvent.ticket_id == ticket_id).order_by(TicketEvent.id)
    return list(work.session.scalars(query))


def imported(work, key: str, state: str, **answers: Any) -> int:
    answers = {"fault": "E1", **answers}
    (outcome,) = service.open_tickets(work, [OpenTicket(key, {}, answers, state=state)]).outcomes
    assert not outcome.refusals
    return outcome.ticket_id


def test_the_ticket_stays_and_its_time_runs_on(work, make_work, key):
    own = tickets.ticket(work, key, {"fee": "300"})
    before = queries.ticket(work, own)
    later = make_work(tickets.actor(work, "administrator"), now=work.now + timedelta(hours=2))
    assert take(later, own, "pay", received="100", way="cash") == {}
    after = queries.ticket(work, own)
    assert (after.state, after.values["received"], after.values["due"]) == ("waiting", 10000, 20000)
    for name in ("state", "category", "state_since", "due_at", "resolved_at", "reopened_at"):
        assert after.columns[name] == before.columns[name], name
    assert (after.lock_version, after.columns["changed_at"]) == (before.lock_version + 1, later.now)
    (event,) = [one for one in events(work, own) if one.transition]
    assert (event.kind, event.transition, "state" in event.changes) == ("transitioned", "pay", False)


def test_it_is_journalled_though_nothing_changed_and_others_may_wait_for_it(work, clerk, key):
    own = tickets.ticket(work, key)
    assert take(clerk, own, "finish") == {"transition": "not_before"}
    (outcome,) = service.change_tickets(clerk, [ChangeTicket(own, transition="greet")]).outcomes
    assert outcome.status == "changed"
    told = events(work, own)[-1]
    assert (told.kind, told.transition, told.changes) == ("transitioned", "greet", {})
    assert told.version == queries.ticket(work, own).lock_version
    assert take(clerk, own, "finish") == {}


def test_a_note_it_asks_for_is_asked_for(work, clerk, key):
    own = tickets.ticket(work, key)
    assert take(clerk, own, "call") == {"note": "note_required"}
    service.change_ticket(clerk, ChangeTicket(own, transition="call", note=NoteOrder("没有人接")))
    assert queries.ticket(work, own).state == "waiting"


def test_replaying_the_journal_yields_the_ticket(work, clerk, key):
    own = tickets.ticket(work, key, {"fee": "300"})
    for step, answers in (("pay", {"received": "100", "way": "cash"}), ("greet", {}), ("overpaid", {}),
                          ("pay", {"received": "50", "way": "cash"})):  # fmt: skip
        assert take(clerk, own, step, **answers) == {}
    version = templates.published_version(work, key)
    told = [{name: getattr(one, name) for name in ("changes", "at", "kind", "version")} for one in events(work, own)]
    again, columns = replay(told, lambda _id: version), queries.ticket(work, own).columns
    for name in ("state", "category", "state_since", "due_at", "values", "version"):
        assert again[name] == columns[name], name


def test_on_a_closed_ticket_it_brings_what_it_asks_for_and_nothing_else(work, clerk, key):
    own = imported(work, key, "closed", fee="300")
    assert take(clerk, own, None, way="cash") == {"": "closed"}
    assert take(clerk, own, "pay", received="100", way="cash", fee="100") == {"": "closed"}
    (outcome,) = service.change_tickets(
        clerk,
        [ChangeTicket(own, fields={"priority": 1}, answers={"received": "100", "way": "cash"}, transition="pay")],
    ).outcomes
    assert [one.code for one in outcome.refusals] == ["closed"]
    before = queries.ticket(work, own).columns["closed_at"]
    assert take(clerk, own, "pay", received="100", way="cash") == {}
    found = queries.ticket(work, own)
    assert (found.state, found.columns["closed_at"], found.values["due"]) == ("closed", before, 20000)
    assert found.values["fee"] == 30000


def test_where_the_work_is_done_it_does_not_ask_again_for_what_that_needs(work, clerk, key):
    # Imported as it was: the required fault is missing there, and is no matter of a payment.
    own = imported(work, key, "done", fee="300")
    assert take(clerk, own, "pay", received="100", way="cash") == {}


def test_the_history_tells_of_each_payment_how_much_and_how(work, clerk, key):
    own = tickets.ticket(work, key, {"fee": "300"})
    for amount, way in (("100", "cash"), ("50", "cash"), ("20", "card"), ("30", "cash")):
        assert take(clerk, own, "pay", received=amount, way=way) == {}
    told = []
    for entry in reversed(queries.timeline(clerk, own)):
        if entry.transition:
            said = {change.field: change for change in entry.changes}
            told.append((entry.moved, said["values.received"].moved, said["values.way"].again))
    assert told == [
        ("已收金额 +¥100.00 · 现金", "+¥100.00", False), ("已收金额 +¥50.00 · 现金", "+¥50.00", True),
        ("已收金额 +¥20.00 · 刷卡", "+¥20.00", False), ("已收金额 +¥30.00 · 现金", "+¥30.00", False),
    ]  # fmt: skip
    # What stood already changed nothing: a form opened before is asked nothing about it.
    second = queries.changes_since(clerk, own, 2)[0]
    assert {one.field for one in second.changes} == {"values.received", "values.due"}
    assert second.moved == "已收金额 +¥50.00 · 现金"


def test_what_goes_out_is_told_as_less(work, clerk, key):
    own = tickets.ticket(work, key, {"fee": "300"})
    for step, answers in (
        ("pay", {"received": "100", "way": "cash"}),
        ("overpaid", {}),
        ("pay_back", {"received": "40"}),
    ):
        assert take(clerk, own, step, **answers) == {}
    entry = queries.timeline(clerk, own)[0]
    assert {one.field: one.moved for one in entry.changes}["values.received"] == "\u2212¥40.00"


def test_what_nobody_types_names_the_steps_that_change_it(work, clerk, key):
    own = tickets.ticket(work, key, {"fee": "300"})
    (outcome,) = service.change_tickets(clerk, [ChangeTicket(own, answers={"received": "100"})]).outcomes
    (told,) = outcome.refusals
    assert (told.field, told.code) == ("received", "read_only")
    # Those taken on the way, and the one that leads to where less is said.
    steps = "“登记收款”, “collect”, “pay_back”, “overpaid”"
    assert str(told.message) == f"“Received” is not typed here; these steps change it: {steps}."


def test_a_ticket_of_the_past_brings_what_was_received_along(work, make_work, key):
    clerk = make_work(tickets.actor(work, "administrator"))
    fresh = OpenTicket(key, {}, {"fault": "E1", "fee": "300", "received": "100"})
    (outcome,) = service.open_tickets(clerk, [fresh]).outcomes
    assert [(one.field, one.code) for one in outcome.refusals] == [("received", "read_only")]
    old = replace(fresh, external_id="A-1", external_source="旧系统")
    (outcome,) = service.open_tickets(clerk, [old]).outcomes
    assert not outcome.refusals
    assert queries.ticket(work, outcome.ticket_id).values["due"] == 20000


def test_who_may_not_change_an_amount_brings_none_along_from_the_past(work, make_work):
    barred = replace(RECEIVED, write_roles=frozenset({"finance"}))
    key = tickets.template(work, spec=staying_spec(barred))
    old = OpenTicket(key, {}, {"fault": "E1", "received": "100"}, external_id="A-2", external_source="旧系统")
    clerk = make_work(tickets.actor(work, "administrator"))
    (outcome,) = service.open_tickets(clerk, [old]).outcomes
    assert [(one.field, one.code) for one in outcome.refusals] == [("received", "not_allowed")]


def test_it_is_nobody_s_next_step(work, key):
    version = templates.published_version(work, key)
    assert "pay" in {one.key for one in version.rules.steps_from("done")}
    assert [one.key for one in version.rules.leading_from("done")] == ["close"]
    assert version.rules.leading_from("closed") == ()
