"""Changing tickets: fields, answers, checklist, steps, hand-overs, notes, conflicts."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from app.core.errors import ConflictError, DomainError, NotAllowedError, NotFoundError
from app.core.permissions import Scope
from app.people.access_tables import ACCOUNT
from app.tickets import queries, service
from app.tickets.events import PeopleMentioned, TicketsChanged
from app.tickets.models import TicketEvent, TicketNote
from app.tickets.orders import ChangeTicket, NoteOrder
from app.tickets.priorities import PRIORITIES
from tests.conftest import NOW
from tests.factories import people, tickets
from ticket_templates.spec import Check, ChecklistItem, FieldUse, Section


@pytest.fixture
def ticket(work, key):
    return tickets.ticket(work, key)


def journal(work, ticket):
    query = select(TicketEvent).where(TicketEvent.ticket_id == ticket).order_by(TicketEvent.id)
    return work.session.scalars(query).all()


def test_fields_and_answers_change_together(clerk, ticket):
    outcome = service.change_ticket(
        clerk, ChangeTicket(ticket, 1, {"priority": 1}, {"quantity": 4, "fault_code": "E1"})
    )
    found = queries.ticket(clerk, ticket)
    assert outcome.status == "changed"
    assert (found.priority, found.values["quantity"], found.lock_version) == (1, 4, 2)
    event = journal(clerk, ticket)[-1]
    assert event.changes == {"priority": [3, 1], "values.fault_code": [None, "E1"], "values.quantity": [None, 4]}
    assert (event.kind, event.actor_id, event.version) == ("changed", clerk.actor.user_id, 2)
    assert isinstance(clerk.events[-1], TicketsChanged)


def test_all_that_is_wrong_is_told_at_once(clerk, ticket):
    wrong = {"priority": 9, "customer_id": 10**9}, {"quantity": "many", "nothing": 1}
    with pytest.raises(DomainError) as told:
        service.change_ticket(clerk, ChangeTicket(ticket, 1, *wrong, note=NoteOrder("x" * 30_000)))
    assert {one.field for one in told.value.refusals} == {"priority", "customer_id", "quantity", "nothing", "note"}


def test_what_is_already_so_changes_nothing(clerk, ticket):
    before = len(journal(clerk, ticket))
    assert (
        service.change_ticket(clerk, ChangeTicket(ticket, 1, {"priority": 3}, {"fault": "空调不制冷"})).status
        == "unchanged"
    )
    assert len(journal(clerk, ticket)) == before
    assert queries.ticket(clerk, ticket).lock_version == 1


def test_the_subject_follows_the_answers_until_somebody_writes_one(clerk, ticket):
    service.change_ticket(clerk, ChangeTicket(ticket, answers={"fault": "漏水"}))
    assert queries.ticket(clerk, ticket).subject == "漏水"
    service.change_ticket(clerk, ChangeTicket(ticket, fields={"subject": "加急：漏水"}))
    service.change_ticket(clerk, ChangeTicket(ticket, answers={"fault": "异响"}))
    assert queries.ticket(clerk, ticket).subject == "加急：漏水"


def test_a_stale_version_is_a_conflict_that_says_what_changed(work, clerk, ticket):
    service.change_ticket(work, ChangeTicket(ticket, 1, {"priority": 1}))
    with pytest.raises(ConflictError):
        service.change_ticket(clerk, ChangeTicket(ticket, 1, {"priority": 2}))
    assert queries.ticket(clerk, ticket).priority == 1
    (since,) = queries.changes_since(clerk, ticket, 1)
    words = [(change.field, change.old, change.new) for change in since.changes]
    assert words == [("priority", PRIORITIES[3].in_("zh_Hans"), PRIORITIES[1].in_("zh_Hans"))]
    assert service.change_ticket(clerk, ChangeTicket(ticket, 1, note=NoteOrder("只是备注"))).status == "changed"


def test_a_way_through_the_workflow(clerk, make_work, ticket):
    later = make_work(clerk.actor, now=NOW + timedelta(hours=1))
    service.change_ticket(later, ChangeTicket(ticket, transition="start"))
    found = queries.ticket(clerk, ticket).columns
    assert (found["state"], found["category"]) == ("working", "open")
    assert (found["state_since"], found["due_at"]) == (later.now, later.now + timedelta(hours=8))
    with pytest.raises(DomainError) as caught:
        service.change_ticket(later, ChangeTicket(ticket, transition="finish"))
    assert caught.value.refusals[0].field == "result"
    service.change_ticket(later, ChangeTicket(ticket, answers={"result": "换电容"}, transition="finish"))
    found = queries.ticket(clerk, ticket).columns
    assert (found["resolved_at"], found["due_at"], found["closed_at"]) == (later.now, None, None)
    with pytest.raises(DomainError) as caught:
        service.change_ticket(later, ChangeTicket(ticket, transition="close"))
    assert caught.value.refusals[0].field == "checklist"
    service.change_ticket(later, ChangeTicket(ticket, checklist={"tested": True}, transition="close"))
    found = queries.ticket(clerk, ticket).columns
    assert (found["category"], found["closed_at"], found["resolved_at"]) == ("closed", later.now, later.now)
    assert found["checklist"]["tested"]["by"] == clerk.actor.user_id
    kinds = [event.kind for event in journal(clerk, ticket)]
    assert kinds == ["opened", "transitioned", "transitioned", "transitioned"]
    with pytest.raises(DomainError):
        service.change_ticket(later, ChangeTicket(ticket, transition="reopen"))
    dispatcher = make_work(tickets.actor(clerk, "dispatcher"))
    service.change_ticket(dispatcher, ChangeTicket(ticket, transition="reopen"))
    found = queries.ticket(clerk, ticket).columns
    assert (found["category"], found["closed_at"], found["resolved_at"]) == ("open", None, None)


@pytest.mark.parametrize(
    ("order", "where"),
    [
        ({"transition": "gone"}, "transition"),
        ({"transition": "finish"}, "transition"),
        ({"checklist": {"nothing": True}}, "checklist"),
        ({"fields": {"subject": ""}}, "subject"),
        ({"fields": {"state": "done"}}, "state"),
        ({"answers": {"fault": ""}}, "fault"),
        ({"note": NoteOrder("x" * 20_001)}, "note"),
        ({"note": NoteOrder("x", files=(99,))}, "note"),
    ],
)
def test_a_refused_change_changes_nothing(clerk, ticket, order, where):
    with pytest.raises(DomainError) as caught:
        service.change_ticket(clerk, ChangeTicket(ticket, **({"fields": {"priority": 1}} | order)))
    assert where in {refusal.field for refusal in caught.value.refusals}
    assert queries.ticket(clerk, ticket).priority == 3
    assert len(journal(clerk, ticket)) == 1


def test_a_hand_over_has_its_permission_and_its_reason(work, make_work, clerk, ticket):
    team = people.team(work)
    technician = make_work(tickets.actor(work, "technician", scope=Scope.ALL))
    with pytest.raises(NotAllowedError):
        service.change_ticket(technician, ChangeTicket(ticket, fields={"team_id": team.id}))
    service.change_ticket(clerk, ChangeTicket(ticket, fields={"team_id": team.id}, reason="需要制冷组"))
    event = journal(clerk, ticket)[-1]
    assert (event.kind, event.changes) == ("transferred", {"team_id": [None, team.id]})
    note = work.session.execute(select(TicketNote)).scalar_one()
    assert (note.body, note.public) == ("需要制冷组", False)


@pytest.mark.parametrize("role", ["technician", "clerk"])
@pytest.mark.parametrize("also", [{}, {"outlet_id": None}])
def test_the_outlet_that_follows_from_the_customer_is_no_hand_over(work, make_work, ticket, role, also):
    outlet = people.outlet(work)
    customer = people.customer(work, outlet_id=outlet.id)
    whoever = make_work(tickets.actor(work, role, scope=Scope.ALL))
    service.change_ticket(whoever, ChangeTicket(ticket, fields={"customer_id": customer.id} | also))
    event = journal(work, ticket)[-1]
    assert event.kind == "changed"
    assert event.changes == {"customer_id": [None, customer.id], "outlet_id": [None, outlet.id]}


def test_a_hand_over_beside_a_customer_stays_one(work, make_work, clerk, ticket):
    outlet = people.outlet(work)
    customer = people.customer(work, outlet_id=outlet.id)
    wish = {"customer_id": customer.id, "outlet_id": outlet.id}
    technician = make_work(tickets.actor(work, "technician", scope=Scope.ALL))
    with pytest.raises(NotAllowedError) as caught:
        service.change_ticket(technician, ChangeTicket(ticket, fields=wish))
    assert [one.field for one in caught.value.refusals] == ["outlet_id"]
    service.change_ticket(clerk, ChangeTicket(ticket, fields=wish))
    assert journal(work, ticket)[-1].kind == "transferred"


def test_the_reason_stays_internal_beside_a_public_note(work, clerk, ticket):
    team = people.team(work)
    order = ChangeTicket(
        ticket, fields={"team_id": team.id}, reason="客户难缠", note=NoteOrder("已转专家组", public=True)
    )
    service.change_ticket(clerk, order)
    notes = work.session.execute(select(TicketNote.body, TicketNote.public).order_by(TicketNote.id)).all()
    assert [tuple(note) for note in notes] == [("客户难缠", False), ("已转专家组", True)]


def test_who_is_mentioned_watches(work, clerk, ticket):
    colleague = tickets.account(work, "li.lei")
    service.change_ticket(clerk, ChangeTicket(ticket, note=NoteOrder("请 @li.lei 看看，@nobody 也看看。mail@li.lei")))
    assert [watcher.user_id for watcher in queries.watchers(clerk, ticket)] == [colleague]
    assert PeopleMentioned(ticket, work.session.scalar(select(TicketNote.id)), (colleague,)) in clerk.events
    assert queries.ticket(clerk, ticket).lock_version == 1


def test_who_does_not_work_here_any_more_is_neither_mentioned_nor_made_to_watch(work, clerk, ticket):
    gone = tickets.account(work, "gone.away")
    work.session.execute(update(ACCOUNT).where(ACCOUNT.c.id == gone).values(active=False))
    service.change_ticket(clerk, ChangeTicket(ticket, note=NoteOrder("@gone.away 请看")))
    assert work.session.scalar(select(TicketNote.mentions)) == []
    assert [one for one in clerk.events if isinstance(one, PeopleMentioned)] == []
    for user_id in (gone, 10**9):
        with pytest.raises(DomainError) as refused:
            service.watch(clerk, ticket, user_id=user_id)
        assert [(one.field, one.code) for one in refused.value.refusals] == [("user_id", "not_found")]
    assert queries.watchers(clerk, ticket) == []


def test_who_only_reads_neither_watches_nor_writes(work, make_work, ticket):
    """Whatever door he comes by: a page, a program, a job."""
    reader = make_work(tickets.actor(work, scope=Scope.ALL, without=["ticket.note"]))
    before = len(journal(work, ticket))
    for on in (True, False):
        with pytest.raises(NotAllowedError, match="watch"):
            service.watch(reader, ticket, on=on)
    for order in (NoteOrder("看过"), NoteOrder("看过", public=True)):
        with pytest.raises(DomainError) as refused:
            service.change_ticket(reader, ChangeTicket(ticket, note=order))
        assert [(one.field, one.code) for one in refused.value.refusals] == [("note", "not_allowed")]
    assert queries.watchers(work, ticket) == []
    assert work.session.scalars(select(TicketNote)).all() == []
    assert len(journal(work, ticket)) == before


def test_when_it_was_solved_stays_when_it_is_closed_later(work, make_work, ticket):
    def step(hours, name, **answers):
        system = make_work(now=NOW + timedelta(hours=hours))
        service.change_ticket(
            system, ChangeTicket(ticket, answers=answers, transition=name, checklist={"tested": True})
        )
        columns = queries.ticket(system, ticket).columns
        return columns["resolved_at"], columns["closed_at"]

    assert step(1, "start") == (None, None)
    solved = NOW + timedelta(hours=2)
    assert step(2, "finish", result="好") == (solved, None)
    assert step(30, "close") == (solved, NOW + timedelta(hours=30))
    # Opened again it is neither, and is solved when it is solved the next time.
    assert step(40, "reopen") == (None, None)
    assert step(41, "finish") == (NOW + timedelta(hours=41), None)


def test_watching_begins_and_ends(clerk, ticket):
    service.watch(clerk, ticket)
    service.watch(clerk, ticket)
    assert [watcher.user_id for watcher in queries.watchers(clerk, ticket)] == [clerk.actor.user_id]
    service.watch(clerk, ticket, on=False)
    assert queries.watchers(clerk, ticket) == []
    assert [event.kind for event in journal(clerk, ticket)] == ["opened", "watched", "watched"]


def test_one_refused_ticket_stops_no_other(clerk, key):
    first, second = tickets.tickets(clerk, key, 2)
    orders = [
        ChangeTicket(first, transition="start"),
        ChangeTicket(999_999, transition="start"),
        ChangeTicket(second, transition="finish"),
        ChangeTicket(first, transition="wait", note=NoteOrder("等压缩机")),
    ]
    result = service.change_tickets(clerk, orders)
    assert [outcome.status for outcome in result.outcomes] == ["changed", "refused", "refused", "changed"]
    assert result.outcomes[1].refusals[0].code == "not_found"
    assert queries.ticket(clerk, first).state == "parts"


def test_a_ticket_out_of_scope_is_not_there(work, make_work, ticket):
    stranger = make_work(tickets.actor(work, "technician"))
    with pytest.raises(NotFoundError):
        service.change_ticket(stranger, ChangeTicket(ticket, transition="start"))
    with pytest.raises(NotFoundError):
        queries.ticket(stranger, ticket)
    with pytest.raises(NotFoundError):
        service.watch(stranger, ticket)


def test_an_unchanged_personal_answer_keeps_its_seal(clerk, ticket):
    service.change_ticket(clerk, ChangeTicket(ticket, answers={"phone": "13800138000"}))
    before = queries.ticket(clerk, ticket).columns["values"]["phone"]
    service.change_ticket(clerk, ChangeTicket(ticket, answers={"phone": "138 0013 8000", "quantity": 2}))
    assert queries.ticket(clerk, ticket).columns["values"]["phone"] == before
    assert "values.phone" not in journal(clerk, ticket)[-1].changes


def test_an_answer_that_hides_clears_what_it_hid(clerk, ticket):
    service.change_ticket(clerk, ChangeTicket(ticket, answers={"fault_code": "E2", "detail": "像拖拉机"}))
    service.change_ticket(clerk, ChangeTicket(ticket, answers={"fault_code": "E1"}))
    assert "detail" not in queries.ticket(clerk, ticket).values
    assert journal(clerk, ticket)[-1].changes["values.detail"] == ["像拖拉机", None]


def test_nobody_opens_a_ticket_to_another_by_letting_him_watch(work, make_work, key):
    mine = make_work(people.account(work, "", ["technician"]))
    ticket = tickets.ticket(work, key, assignee_id=mine.actor.user_id)
    stranger = people.account(work, "stranger.watch", ["technician"])
    colleague = people.account(work, "colleague.watch", ["clerk"])
    with pytest.raises(DomainError) as caught:
        service.watch(mine, ticket, user_id=stranger.user_id)
    assert (caught.value.refusals[0].field, caught.value.refusals[0].code) == ("user_id", "out_of_reach")
    service.watch(mine, ticket, user_id=colleague.user_id)
    assert [one.user_id for one in queries.watchers(mine, ticket)] == [colleague.user_id]
    with pytest.raises(NotFoundError):
        queries.ticket(make_work(stranger), ticket)
    dispatcher = make_work(people.account(work, "", ["dispatcher"]))
    service.watch(dispatcher, ticket, user_id=stranger.user_id)
    assert queries.ticket(make_work(stranger), ticket).id == ticket


def test_a_mention_opens_a_ticket_only_by_whom_may_hand_it_over(work, make_work, key):
    mine = make_work(people.account(work, "", ["technician"]))
    ticket = tickets.ticket(work, key, assignee_id=mine.actor.user_id)
    stranger = people.account(work, "stranger.named", ["technician"])
    colleague = people.account(work, "colleague.named", ["clerk"])
    note = NoteOrder("@stranger.named @colleague.named 请看")
    service.change_ticket(mine, ChangeTicket(ticket, note=note))
    assert [one.user_id for one in queries.watchers(mine, ticket)] == [colleague.user_id]
    assert [one.user_ids for one in mine.events if isinstance(one, PeopleMentioned)] == [(colleague.user_id,)]
    service.change_ticket(make_work(people.account(work, "", ["dispatcher"])), ChangeTicket(ticket, note=note))
    assert stranger.user_id in {one.user_id for one in queries.watchers(mine, ticket)}


def test_a_ticket_without_a_desk_gets_its_assignees(work, make_work, key):
    clerk = make_work(people.account(work))
    outlet, other, team = people.outlet(work), people.outlet(work), people.team(work)
    technician = people.account(work, "", ["technician"], outlet, [team])
    manager = make_work(people.account(work, "", ["outlet_manager"], outlet))
    opened = tickets.ticket(work, key, assignee_id=technician.user_id)
    handed, kept = tickets.tickets(work, key, 2)
    wish = {"assignee_id": technician.user_id}
    service.change_ticket(clerk, ChangeTicket(handed, fields=wish, transition="start"))
    service.change_ticket(clerk, ChangeTicket(kept, fields=wish | {"outlet_id": other.id}))
    for ticket in (opened, handed):
        found = queries.ticket(manager, ticket).columns
        assert (found["team_id"], found["outlet_id"]) == (team.id, outlet.id)
        assert journal(work, ticket)[-1].changes["team_id"] == [None, team.id]
        assert journal(work, ticket)[-1].changes["outlet_id"] == [None, outlet.id]
    assert queries.ticket(clerk, kept).columns["outlet_id"] == other.id


def test_a_visit_agreed_by_a_step_does_not_lie_in_the_past(work, make_work):
    spec = tickets.repair_spec()
    visit, deadline = (
        tickets.field_spec("visit_at", "datetime", "上门"),
        tickets.field_spec("promised_on", "date", "承诺", settings={"min": "today"}),
    )
    fields = {one.key: one for one in (visit, deadline)}
    uses = tuple(FieldUse(key) for key in fields)
    sections = (*spec.sections, Section("visit", tickets.named("上门"), uses))
    steps = tuple(replace(one, required=(*fields,)) if one.key == "start" else one for one in spec.workflow.transitions)
    past = Check("visit_at", tickets.named("已经过去", "That time has passed."), refuse_when="visit_at < now")
    spec = replace(spec, fields=spec.fields | fields, sections=sections, checks=(past,),
                   workflow=replace(spec.workflow, transitions=steps))  # fmt: skip
    answers = {"visit_at": (NOW + timedelta(hours=1)).isoformat(), "promised_on": NOW.date().isoformat()}
    ticket = tickets.ticket(work, tickets.template(work, spec=spec), answers)
    late = make_work(now=NOW + timedelta(days=2))
    # What stands there may stay until a step says it anew.
    service.change_ticket(late, ChangeTicket(ticket, answers={"quantity": 2}))
    with pytest.raises(DomainError) as told:
        service.change_ticket(late, ChangeTicket(ticket, transition="start"))
    assert {(one.field, one.code) for one in told.value.refusals} == {
        ("visit_at", "check"),
        ("promised_on", "too_early"),
    }
    # What is typed wrongly with the step is told once, not again as what the step says anew.
    gone = {"visit_at": (late.now - timedelta(hours=1)).isoformat(), "promised_on": late.now.date().isoformat()}
    with pytest.raises(DomainError) as told:
        service.change_ticket(late, ChangeTicket(ticket, transition="start", answers=gone))
    assert [(one.field, one.code) for one in told.value.refusals] == [("visit_at", "check")]
    ahead = {"visit_at": (late.now + timedelta(hours=1)).isoformat(), "promised_on": late.now.date().isoformat()}
    assert service.change_ticket(late, ChangeTicket(ticket, transition="start", answers=ahead)).status == "changed"


def test_a_step_is_judged_by_what_was_understood_of_its_answers(work):
    spec = tickets.repair_spec()
    only = {"field": "values.fault_code", "op": "is", "value": "E1"}
    item = ChecklistItem("cooled", tickets.named("已试冷", "Cooled"), when=only)
    steps = tuple(replace(one, checklist=True) if one.key == "start" else one for one in spec.workflow.transitions)
    spec = replace(spec, checklist=(item,), workflow=replace(spec.workflow, transitions=steps))
    ticket = tickets.ticket(work, tickets.template(work, spec=spec), {"fault_code": "E1"})
    with pytest.raises(DomainError) as told:
        service.change_ticket(
            work, ChangeTicket(ticket, transition="start", answers={"fault_code": "E2", "quantity": "x"})
        )
    assert [one.field for one in told.value.refusals] == ["quantity"]
    # Ticked while it was on the screen: the answer that takes it away takes the tick along.
    tick = {"checklist": {"cooled": True}}
    service.change_ticket(work, ChangeTicket(ticket, transition="start", answers={"fault_code": "E2"}, **tick))
    assert queries.ticket(work, ticket).columns["checklist"] == {}
    service.change_ticket(work, ChangeTicket(ticket, answers={"fault_code": "E1"}, **tick))
    assert queries.ticket(work, ticket).columns["checklist"].keys() == {"cooled"}
