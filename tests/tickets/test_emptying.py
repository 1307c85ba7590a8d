"""What an answer hides is emptied: asked once beside booked amounts, by who can be, and kept in the history."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from app.tickets import queries, service
from app.tickets.models import TicketEvent
from app.tickets.orders import ChangeTicket
from tests.factories import tickets
from tests.factories.tickets import repair_spec
from tests.tickets.test_moving import spec


@pytest.fixture
def clerk(work, make_work):
    return make_work(tickets.actor(work, "administrator"))


@pytest.fixture
def own(work):
    """A repair of ¥300 whose fault code shows a further answer."""
    return tickets.ticket(
        work, tickets.template(work, spec=spec()), {"fee": "300", "fault_code": "E2", "detail": "压缩机"}
    )


def change(work, ticket_id, **more):
    answers = more.pop("answers", {"fault_code": "E1"})
    (outcome,) = service.change_tickets(work, [ChangeTicket(ticket_id, answers=answers, **more)]).outcomes
    return outcome


def pay(work, ticket_id):
    assert change(work, ticket_id, answers={"received": "100"}, transition="collect").status == "changed"


def test_beside_booked_amounts_it_is_asked_once_and_stands_in_the_history(work, clerk, own):
    pay(clerk, own)
    asked = change(clerk, own, careful=True, confirmed=False)
    assert [(one.field, one.code) for one in asked.refusals] == [("fault_code", "needs_confirmation")]
    assert "压缩机" in asked.refusals[0].message.in_("zh_Hans")
    assert queries.ticket(work, own).values["detail"] == "压缩机"
    assert change(clerk, own, careful=True, confirmed=True).status == "changed"
    assert "detail" not in queries.ticket(work, own).values
    latest = select(TicketEvent.changes).where(TicketEvent.ticket_id == own).order_by(TicketEvent.id.desc()).limit(1)
    assert work.session.scalar(latest)["values.detail"] == ["压缩机", None]


def test_nobody_is_asked_where_nothing_is_booked_or_nothing_emptied(clerk, own):
    assert change(clerk, own, careful=True, confirmed=False, answers={"fault_code": "E1"}).status == "changed"
    pay(clerk, own)
    # It hides what is empty by now.
    assert change(clerk, own, careful=True, confirmed=False, answers={"fault_code": "E2"}).status == "changed"
    assert change(clerk, own, careful=True, confirmed=False, answers={"fault_code": "E1"}).status == "changed"


def shown_by_column(work, *, readers=frozenset()):
    """A repair whose detail only an urgent one has."""
    small = repair_spec()
    urgent = {"field": "priority", "op": "is", "value": 1}
    (first, *others) = small.sections
    uses = tuple(
        replace(use, visible_when=urgent, read_roles=readers) if use.field == "detail" else use for use in first.fields
    )
    key = tickets.template(work, spec=replace(small, sections=(replace(first, fields=uses), *others)))
    return tickets.ticket(work, key, {"detail": "压缩机"}, priority=1)


@pytest.mark.parametrize(("readers", "said"), [(set(), "压缩机"), ({"qa"}, "one answer you may not read")])
def test_a_column_that_empties_is_asked_about_whatever_is_booked(work, make_work, readers, said):
    own = shown_by_column(work, readers=frozenset(readers))
    clerk = make_work(tickets.actor(work, "clerk"))
    change_to = {"fields": {"priority": 3}, "answers": {}, "careful": True}
    asked = change(clerk, own, confirmed=False, **change_to)
    assert [(one.field, one.code) for one in asked.refusals] == [("priority", "needs_confirmation")]
    assert said in asked.refusals[0].message.in_("en")
    assert change(clerk, own, confirmed=True, **change_to).status == "changed"
    assert "detail" not in queries.ticket(work, own).values
    latest = select(TicketEvent.changes).where(TicketEvent.ticket_id == own).order_by(TicketEvent.id.desc()).limit(1)
    assert work.session.scalar(latest)["values.detail"] == ["压缩机", None]


def test_programs_are_not_asked(clerk, own):
    pay(clerk, own)
    assert change(clerk, own, confirmed=False).status == "changed"
