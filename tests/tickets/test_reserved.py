"""A state may leave changes to some roles: the work that is reviewed stays as it was handed in."""

from dataclasses import replace

import pytest

from app.core.errors import NotAllowedError
from app.tickets import queries, service
from app.tickets.orders import ChangeTicket, NoteOrder, OpenTicket
from tests.factories import people, tickets
from ticket_templates.spec import Transition


@pytest.fixture
def key(work):
    """A repair that is reviewed while it is done: only quality assurance changes it then."""
    spec = tickets.repair_spec()
    states = tuple(
        replace(one, editable_by=frozenset({"qa"})) if one.key == "done" else one for one in spec.workflow.states
    )
    steps = tuple(
        replace(one, required=("fault_code", "customer"), required_when=()) if one.key == "close" else one
        for one in spec.workflow.transitions
    )
    steps += (Transition("again", tickets.named("再来", "Again"), ("done",), "done"),)
    return tickets.template(work, spec=replace(spec, workflow=replace(spec.workflow, states=states, transitions=steps)))


@pytest.fixture
def in_review(work, key):
    ticket_id = tickets.ticket(work, key, {"result": "已换件"})
    service.change_ticket(work, ChangeTicket(ticket_id, transition="start", answers={"quantity": 1}))
    service.change_ticket(work, ChangeTicket(ticket_id, transition="finish"))
    return ticket_id


@pytest.mark.parametrize(
    "wish",
    [
        {"answers": {"result": "改"}},
        {"answers": {"result": "已换件"}},
        {"answers": {"nonsense": 1}},
        {"fields": {"priority": 1}},
        {"fields": {"subject": "改"}, "note": NoteOrder("改")},
        {"checklist": {"tidy": True}},
        {"transition": "again", "answers": {"result": "改"}},
        {"transition": "close", "answers": {"fault_code": "E1", "result": "改"}},
        {"transition": "close", "answers": {"fault_code": "E1"}, "fields": {"priority": 1}},
        {"transition": "gone", "answers": {"result": "改"}},
    ],
)
def test_who_is_not_named_changes_nothing(work, make_work, in_review, wish):
    before = queries.ticket(work, in_review).columns
    clerk = make_work(tickets.actor(work))
    with pytest.raises(NotAllowedError) as refused:
        service.change_ticket(clerk, ChangeTicket(in_review, **wish))
    (told,) = refused.value.refusals
    assert told.message.in_("en") == ("In the state “Done” only these roles may change the ticket: Quality assurance.")
    assert queries.ticket(work, in_review).columns == before


def test_what_nobody_changes_there_is_told_as_that(work, make_work):
    small = tickets.repair_spec()
    states = tuple(
        replace(one, editable_by=frozenset({"qa"})) if one.key == "working" else one for one in small.workflow.states
    )
    settled = tuple(replace(one, editable_in=("waiting",)) for one in small.sections[0].fields)
    sections = (replace(small.sections[0], fields=settled), small.sections[1])
    spec = replace(small, sections=sections, workflow=replace(small.workflow, states=states))
    ticket_id = tickets.ticket(work, tickets.template(work, spec=spec), {"quantity": 1})
    service.change_ticket(work, ChangeTicket(ticket_id, transition="start"))

    def told(by, **answers):
        (outcome,) = service.change_tickets(by, [ChangeTicket(ticket_id, answers=answers)]).outcomes
        return {one.field: one.code for one in outcome.refusals}

    clerk, qa = make_work(tickets.actor(work)), make_work(tickets.actor(work, "qa"))
    for by in (clerk, qa, work):
        assert told(by, quantity=2) == {"quantity": "settled"}
        # Emptied, or typed so that nobody could read it: it is settled first of all.
        assert told(by, fault=None) == {"fault": "settled"}
        assert told(by, quantity="viele") == {"quantity": "settled"}
    assert told(clerk, quantity=2, result="好") == {"quantity": "settled", "": "not_allowed"}
    assert told(qa, quantity="1", result="好") == {}


def test_who_is_named_and_the_system_change_it(work, make_work, in_review):
    qa = make_work(tickets.actor(work, "qa"))
    change = ChangeTicket(in_review, answers={"result": "更正"}, fields={"priority": 1}, checklist={"tidy": True})
    assert service.change_ticket(qa, change).status == "changed"
    assert service.change_ticket(work, ChangeTicket(in_review, answers={"result": "再更正"})).status == "changed"


def test_what_else_one_may_stays(work, make_work, in_review):
    clerk = make_work(tickets.actor(work))
    team = people.team(work)
    service.change_ticket(clerk, ChangeTicket(in_review, note=NoteOrder("客户来电")))
    service.change_ticket(clerk, ChangeTicket(in_review, fields={"team_id": team.id}, reason="换班组"))
    assert queries.ticket(work, in_review).columns["team_id"] == team.id
    service.change_ticket(clerk, ChangeTicket(in_review, transition="again", note=NoteOrder("再看")))


def test_a_step_is_told_what_it_asks_for(work, make_work, in_review):
    clerk = make_work(tickets.actor(work))
    customer = people.customer(work)
    step = ChangeTicket(
        in_review, transition="close", answers={"fault_code": "E1"}, fields={"customer_id": customer.id},
        checklist={"tested": True},
    )  # fmt: skip
    service.change_ticket(clerk, step)
    found = queries.ticket(work, in_review)
    assert (found.state, found.values["fault_code"], found.columns["customer_id"]) == ("closed", "E1", customer.id)


def test_the_state_it_comes_from_counts(work, make_work, key):
    clerk = make_work(tickets.actor(work))
    ticket_id = tickets.ticket(work, key)
    service.change_ticket(clerk, ChangeTicket(ticket_id, transition="start", answers={"quantity": 2}))
    finish = ChangeTicket(ticket_id, transition="finish", answers={"result": "好了", "quantity": 3})
    assert service.change_ticket(clerk, finish).status == "changed"


def test_a_batch_refuses_those_it_may_not_and_changes_the_others(work, make_work, key, in_review):
    clerk = make_work(tickets.actor(work))
    free = tickets.ticket(work, key)
    wish = {"priority": 1}
    found = service.change_tickets(clerk, [ChangeTicket(one, fields=wish) for one in (in_review, free)]).outcomes
    assert [one.status for one in found] == ["refused", "changed"]
    assert [one.code for one in found[0].refusals] == ["not_allowed"]


def test_a_record_of_the_past_is_imported_into_it(work, make_work, key):
    importer = make_work(tickets.actor(work, "administrator"))
    order = OpenTicket(key, {}, {"fault": "旧单", "result": "已修"}, state="done")
    assert service.open_ticket(importer, order).status == "changed"
