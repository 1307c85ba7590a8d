"""A step that empties fields: nobody ends the work a second time with what was said the first time."""

import io
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from sqlalchemy import select

from app.core.errors import DomainError
from app.core.permissions import Scope
from app.tickets import attachments, journal, queries, service
from app.tickets.change.read import COLUMNS, NAMES
from app.tickets.models import Ticket, TicketEvent
from app.tickets.orders import ChangeTicket
from tests.clients import statements
from tests.factories import tickets
from ticket_templates import queries as templates
from ticket_templates.spec import FieldUse, Section

CLEARED = ("result", "phone", "fault_code", "checklist")


def reopening(work, clears=CLEARED, **more):
    """A repair whose reopening empties the result, a phone that is sealed, and the code another field hangs on."""
    spec = tickets.repair_spec()
    steps = tuple(replace(one, clears=clears) if one.key == "reopen" else one for one in spec.workflow.transitions)
    return tickets.template(work, spec=replace(spec, workflow=replace(spec.workflow, transitions=steps), **more))


def done(work, key, answers):
    ticket_id = tickets.ticket(work, key, {"result": "已换件"} | answers)
    service.change_ticket(work, ChangeTicket(ticket_id, transition="start"))
    service.change_ticket(work, ChangeTicket(ticket_id, transition="finish"))
    return ticket_id


def last(work, ticket_id):
    query = select(TicketEvent).where(TicketEvent.ticket_id == ticket_id).order_by(TicketEvent.id.desc())
    return work.session.scalars(query).first()


ANSWERS = st.fixed_dictionaries(
    {},
    optional={
        "fault_code": st.sampled_from(["E1", "E2"]),
        "detail": st.sampled_from(["很响"]),
        "quantity": st.integers(0, 9),
        "phone": st.sampled_from(["13800138000", "13900139000"]),
    },
)


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(answers=ANSWERS, ticks=st.sets(st.sampled_from(["tested", "tidy"])), beside=ANSWERS)
def test_after_it_every_cleared_field_is_empty_and_journaled(work, answers, ticks, beside):
    key = reopening(work)
    ticket_id = done(work, key, answers)
    if ticks:
        service.change_ticket(work, ChangeTicket(ticket_id, checklist=dict.fromkeys(ticks, True)))
    before = queries.ticket(work, ticket_id).columns
    beside = {name: one for name, one in beside.items() if name not in CLEARED and name != "detail"}
    service.change_ticket(work, ChangeTicket(ticket_id, transition="reopen", answers=beside))
    after = queries.ticket(work, ticket_id).columns
    event = last(work, ticket_id)
    assert (after["state"], after["checklist"]) == ("working", {})
    assert not after["values"].keys() & {*CLEARED, "detail"}
    gone = {name: one for name, one in before["values"].items() if name in {*CLEARED, "detail"}}
    journaled = {name.removeprefix("values."): pair[0] for name, pair in event.changes.items() if pair[1] is None}
    assert journaled == gone | {f"checklist.{item}": before["checklist"][item] for item in ticks}
    kept = {name: one for name, one in before["values"].items() if name not in gone} | beside
    assert after["values"] == kept
    assert (event.kind, event.transition, event.version) == ("transitioned", "reopen", before["version"] + 1)
    # Who thinks better of it puts back what the journal kept.
    version = templates.version(work, after["version_id"])
    service.change_ticket(work, ChangeTicket(ticket_id, answers=version.unsealed(gone)))
    assert queries.ticket(work, ticket_id).values == version.unsealed(before["values"]) | beside
    replayed = journal.replay(events(work, ticket_id), lambda _id: version)
    record = work.session.execute(select(*COLUMNS).where(Ticket.id == ticket_id)).one()
    stored = dict(zip(NAMES, record, strict=True))
    assert {name: replayed.get(name) for name in stored if name not in ("id", "changed_at")} == {
        name: one for name, one in stored.items() if name not in ("id", "changed_at")
    }


def events(work, ticket_id):
    return work.session.execute(
        select(TicketEvent.at, TicketEvent.kind, TicketEvent.changes, TicketEvent.version)
        .where(TicketEvent.ticket_id == ticket_id)
        .order_by(TicketEvent.id)
    ).mappings()


def test_what_it_empties_is_not_answered_with_it(work):
    ticket_id = done(work, reopening(work), {"phone": "13800138000"})
    wish = {"answers": {"result": "再修", "quantity": 3, "phone": ""}, "checklist": {"tested": True, "tidy": False}}
    with pytest.raises(DomainError) as refused:
        service.change_ticket(work, ChangeTicket(ticket_id, transition="reopen", **wish))
    assert [(one.field, one.code) for one in refused.value.refusals] == [
        ("result", "cleared"), ("checklist", "cleared"),
    ]  # fmt: skip
    assert "“Reopen” empties this" in str(refused.value.refusals[0].message)
    assert queries.ticket(work, ticket_id).state == "done"


def test_who_takes_the_step_need_not_be_able_to_type_the_field(work, make_work):
    key = reopening(work, clears=("secret", "result"))
    ticket_id = done(work, key, {"secret": "难缠"})
    dispatcher = make_work(tickets.actor(work, "dispatcher", without=["ticket.change"]))
    assert "secret" not in queries.ticket(dispatcher, ticket_id).values
    service.change_ticket(dispatcher, ChangeTicket(ticket_id, transition="reopen"))
    assert not queries.ticket(work, ticket_id).values.keys() & {"secret", "result"}


def test_guards_and_needs_look_at_what_is_there_before(work, make_work):
    spec = tickets.repair_spec()
    guard = {"field": "values.result", "op": "is_not_empty"}
    steps = tuple(
        replace(one, clears=("result",), guard=guard) if one.key == "reopen" else one
        for one in spec.workflow.transitions
    )
    key = tickets.template(work, spec=replace(spec, workflow=replace(spec.workflow, transitions=steps)))
    ticket_id = done(work, key, {})
    step = next(one for one in queries.steps(work, queries.ticket(work, ticket_id)) if one.transition.key == "reopen")
    assert (step.open, step.clears) == (True, ("result",))
    service.change_ticket(work, ChangeTicket(ticket_id, transition="reopen"))
    # The way to the end asks for it anew.
    with pytest.raises(DomainError) as refused:
        service.change_ticket(work, ChangeTicket(ticket_id, transition="finish"))
    assert [(one.field, one.code) for one in refused.value.refusals] == [("result", "required")]


def test_a_batch_reads_no_ticket_by_itself(work):
    key = reopening(work)
    ids = [done(work, key, {"phone": "13800138000"}) for _one in range(2)]
    more = [done(work, key, {"fault_code": "E2"}) for _one in range(6)]
    engine = work.session.get_bind().engine
    with statements(engine) as few:
        service.change_tickets(work, [ChangeTicket(one, transition="reopen") for one in ids])
    with statements(engine) as many:
        found = service.change_tickets(work, [ChangeTicket(one, transition="reopen") for one in more])
    assert {one.status for one in found.outcomes} == {"changed"}
    assert len(many) == len(few)


def test_a_number_drawn_beside_it_is_drawn_once(work):
    spec = tickets.repair_spec()
    number = tickets.field_spec("visit_no", "auto_number", "次数", settings={"pattern": "V-{seq:3}"})
    shown = FieldUse("visit_no", visible_when={"field": "values.quantity", "op": "is", "value": 2})
    sections = (*spec.sections, Section("visits", tickets.named("上门"), (shown,), on_create=False))
    key = reopening(work, fields=spec.fields | {"visit_no": number}, sections=sections)
    ids = [done(work, key, {"phone": "13800138000"}) for _one in range(2)]
    service.change_tickets(work, [ChangeTicket(one, transition="reopen", answers={"quantity": 2}) for one in ids])
    found = [queries.ticket(work, one).values for one in ids]
    assert [one["visit_no"] for one in found] == ["V-001", "V-002"]
    assert not {"phone", "result"} & found[0].keys()


def test_one_who_only_sees_his_own_may_reopen_it(work, make_work):
    ticket_id = done(work, reopening(work), {"phone": "13800138000"})
    stranger = make_work(tickets.actor(work, "technician", scope=Scope.OWN))
    refused = service.change_tickets(stranger, [ChangeTicket(ticket_id, transition="reopen")]).outcomes[0]
    assert refused.status == "refused"
    assert queries.ticket(work, ticket_id).values["result"] == "已换件"


def test_an_old_signature_stays_in_the_history_and_signs_nothing_more(work):
    spec = tickets.repair_spec()
    signature = tickets.field_spec("signature", "signature", "客户签名")
    sections = (*spec.sections, Section("sign", tickets.named("签名"), (FieldUse("signature"),), on_create=False))
    steps = tuple(
        replace(one, required=("signature",))
        if one.key == "finish"
        else replace(one, clears=("signature",), target="waiting")
        if one.key == "reopen"
        else one
        for one in spec.workflow.transitions
    )
    flow = replace(spec.workflow, transitions=steps)
    spec = replace(spec, fields=spec.fields | {"signature": signature}, sections=sections, workflow=flow)
    ticket_id = tickets.ticket(work, tickets.template(work, spec=spec))
    stream = io.BytesIO()
    Image.new("RGB", (60, 20), "white").save(stream, "PNG")
    stream.seek(0)
    signed = attachments.upload(work, "签名.png", stream)
    service.change_ticket(work, ChangeTicket(ticket_id, transition="start", answers={"signature": signed.id}))
    for step in ("finish", "reopen", "start"):
        service.change_ticket(work, ChangeTicket(ticket_id, transition=step))
    with pytest.raises(DomainError) as refused:
        service.change_ticket(work, ChangeTicket(ticket_id, transition="finish"))
    assert [(one.field, one.code) for one in refused.value.refusals] == [("signature", "required")]
    assert [one.id for one in attachments.files_of(work, ticket_id)] == [signed.id]
    entry = next(one for one in queries.timeline(work, ticket_id, kinds=["file"]) if one.transition == "重开")
    assert [(one.id, one.filename, one.is_image) for one in entry.files] == [(signed.id, "签名.png", True)]
