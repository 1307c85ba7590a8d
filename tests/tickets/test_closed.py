"""A closed ticket stays as it is until somebody opens it again; what was closed is what is counted and paid."""

from dataclasses import replace

import pytest

from app.core.errors import DomainError
from app.tickets import queries, service
from app.tickets.orders import ChangeTicket, NoteOrder
from tests.factories import tickets
from ticket_templates.spec import Transition


@pytest.fixture
def closed(work):
    """A closed ticket of a template that lets it be opened again."""
    key = tickets.template(work)
    return closed_of(work, key)


def closed_of(work, key):
    ticket_id = tickets.ticket(work, key, {"result": "已修好"})
    for step in ("start", "finish", "close"):
        service.change_ticket(work, ChangeTicket(ticket_id, transition=step, checklist={"tested": True}))
    assert queries.ticket(work, ticket_id).category == "closed"
    return ticket_id


@pytest.mark.parametrize(
    "wish",
    [
        {"answers": {"fault": "改"}},
        {"answers": {"nonsense": 1}},
        {"fields": {"priority": 1}},
        {"fields": {"team_id": None}},
        {"checklist": {"tidy": True}},
        {"fields": {"subject": "改"}, "note": NoteOrder("改")},
    ],
)
def test_nothing_on_it_changes(work, closed, wish):
    before = queries.ticket(work, closed).columns
    with pytest.raises(DomainError) as refused:
        service.change_ticket(work, ChangeTicket(closed, **wish))
    assert [one.code for one in refused.value.refusals] == ["closed"]
    assert "“Reopen”" in str(refused.value.refusals[0].message)
    assert queries.ticket(work, closed).columns == before


def test_notes_go_on_and_a_step_opens_it_with_what_it_changes(work, closed):
    service.change_ticket(work, ChangeTicket(closed, note=NoteOrder("客户来电致谢")))
    service.change_ticket(work, ChangeTicket(closed, transition="reopen", answers={"fault": "又坏了"}))
    found = queries.ticket(work, closed)
    assert (found.category, found.values["fault"], found.columns["closed_at"]) == ("open", "又坏了", None)
    service.change_ticket(work, ChangeTicket(closed, answers={"fault": "还是坏的"}))


def test_where_no_step_leads_on_the_refusal_says_so(work):
    spec = tickets.repair_spec()
    steps = [one for one in spec.workflow.transitions if one.key != "reopen"]
    steps.append(Transition("reopen", tickets.named("重开", "Reopen"), ("done",), "working"))
    key = tickets.template(work, spec=replace(spec, workflow=replace(spec.workflow, transitions=tuple(steps))))
    with pytest.raises(DomainError) as refused:
        service.change_ticket(work, ChangeTicket(closed_of(work, key), fields={"priority": 1}))
    assert "any more" in str(refused.value.refusals[0].message)
