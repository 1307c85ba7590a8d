"""Counts: of several lists at once, exact ones, those of groups; what came back, and what is due today."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, text

from app import migrate
from app.core.deadline import TooLongError, within
from app.core.i18n import _
from app.core.permissions import SYSTEM, Scope
from app.core.work import Cause
from app.tickets import queries, service
from app.tickets.models import Ticket
from app.tickets.orders import ChangeTicket
from app.tickets.queries import TicketQuery, counting, ticket_page
from tests.clients import statements
from tests.conftest import NOW
from tests.factories import people, tickets


def ids(work, **wanted):
    return {row.id for row in ticket_page(work, TicketQuery(**wanted)).rows}


def test_several_lists_are_counted_in_one_statement(work, key, make_work):
    mine, other = tickets.tickets(work, key, 2), tickets.ticket(work, key, priority=1)
    broken = {"field": "values.nothing", "op": "is", "value": 1}
    asked = {
        1: TicketQuery(templates=[key]), 2: TicketQuery(templates=[key], priorities=[1]), 3: TicketQuery(where=broken)
    }  # fmt: skip
    with statements(work.session.get_bind().engine) as seen:
        found = queries.counts(work, asked)
    assert {one: count and count.number for one, count in found.items()} == {1: len(mine) + 1, 2: 1, 3: None}
    # What PostgreSQL needs to stop in time is no question of the number of lists.
    assert len([one for one in seen if "count(" in one]) == 1
    nobody = make_work(tickets.actor(work, "technician"))
    assert {count and count.number for count in queries.counts(nobody, asked).values()} == {0, None}
    assert other in ids(work, templates=[key])


def test_what_takes_too_long_is_left_open_and_the_work_goes_on(work, key, monkeypatch):
    tickets.tickets(work, key, 3)
    slow = text(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000000) SELECT count(*) FROM n"
    )
    with pytest.raises(TooLongError), within(work, 0.02):
        work.session.execute(slow)
    assert queries.exact_within(work, TicketQuery(templates=[key])) == 3
    monkeypatch.setattr(counting, "_counted", raising)
    assert queries.counts(work, {1: TicketQuery()}) == {1: None}


def raising(*_all):
    raise TooLongError(_("This takes too long to be counted."), code="too_long")


@pytest.mark.parametrize("divided", [10_000, 1])
def test_groups_have_their_counts_within_reach(work, key, make_work, divided, monkeypatch):
    """Beyond the limit each group is asked for its first ones; the answer is the same as long as they are few."""
    monkeypatch.setattr(counting, "DIVIDED", divided)
    monkeypatch.setattr(counting, "DEARLY_COUNTED", divided + 1)
    outlet = people.outlet(work)
    holder = tickets.assignee(work)
    first, second, third = tickets.tickets(work, key, 3)
    service.change_ticket(work, ChangeTicket(first, fields={"outlet_id": outlet.id}))
    service.change_ticket(work, ChangeTicket(second, fields={"assignee_id": holder}, reason="给你"))
    service.change_ticket(work, ChangeTicket(third, transition="start"))
    template = work.session.query(Ticket.template_id).filter_by(id=first).scalar()

    def grouped(reader, by, **wanted):
        found = queries.groups(reader, TicketQuery(templates=[key], **wanted), by)
        # By the ways of who does not reach everything, those of the first tickets are told.
        assert found.complete or (divided == 1 and reader is not work)
        return {one.value: one.count.number for one in found.every}

    assert grouped(work, "state") == {"waiting": 2, "working": 1}
    assert grouped(work, "template") == {template: 3}
    assert grouped(work, "assignee") == {holder: 1, None: 2}
    assert grouped(work, "outlet") == {outlet.id: 1, None: 2}
    assert grouped(work, "state", text="故障") == {"waiting": 2, "working": 1}
    # Of all tickets there are others, too.
    plain = {one.value: one.count for one in queries.groups(work, TicketQuery(), "state").every}
    for value, count in plain.items():
        same = select(func.count()).where(Ticket.state == value)
        assert (count.number, count.exact) == (work.session.scalar(same), True)
    assert plain.keys() >= {"waiting", "working"}
    manager = make_work(tickets.actor(work, "outlet_manager", outlets=[outlet.id], scope=Scope.OUTLET))
    assert grouped(manager, "state") == {"waiting": 1}
    assert grouped(manager, "assignee") == {None: 1}
    assert grouped(make_work(tickets.actor(work, "technician")), "outlet") == {}


def test_what_came_back_is_found_until_it_is_done_again(work, key):
    never, back, again = tickets.tickets(work, key, 3)
    tickets.finish(work, back, "reopen")
    tickets.finish(work, again, "reopen")
    service.change_ticket(work, ChangeTicket(again, transition="finish"))
    assert ids(work, templates=[key], reopened=True, categories=["new", "open", "pending"]) == {back}
    assert ids(work, templates=[key], reopened=True) == {back, again}
    assert never not in ids(work, reopened=True)


def test_due_today_is_the_companys_day(work, key, make_work):
    early, late, gone = tickets.tickets(work, key, 3)
    # 16:30 in Shanghai; the day there ends at 16:00 UTC.
    moments = {early: NOW.replace(hour=15, minute=59), late: NOW.replace(hour=16, minute=0), gone: NOW}
    for ticket, due in moments.items():
        work.session.query(Ticket).filter_by(id=ticket).update({"due_at": due})
    tickets.finish(work, gone)
    work.session.query(Ticket).filter_by(id=gone).update({"due_at": NOW})
    assert ids(work, templates=[key], due_today=True) == {early}
    assert late in ids(make_work(now=NOW + timedelta(hours=8)), due_today=True)


def test_a_teams_tickets_are_those_of_all_teams_one_is_in(work, key, make_work):
    one, two, other = people.team(work), people.team(work), people.team(work)
    mine = {tickets.ticket(work, key, team_id=team.id) for team in (one, two)}
    tickets.ticket(work, key, team_id=other.id)
    member = make_work(tickets.actor(work, teams=[one.id, two.id]))
    assert ids(member, own_teams=True) == mine
    assert ids(make_work(tickets.actor(work)), own_teams=True) == set()
    outlet = people.outlet(work)
    placed = tickets.ticket(work, key, outlet_id=outlet.id)
    assert placed not in ids(work, templates=[key], without_outlet=True)
    assert mine <= ids(work, templates=[key], without_outlet=True)


def test_tickets_from_before_are_told_by_their_journal(fresh_transactions):
    with fresh_transactions.unit_of_work(SYSTEM, Cause("system")) as work:
        key = tickets.template(work)
        never, back, done = tickets.tickets(work, key, 3)
        tickets.finish(work, back, "reopen")
        tickets.finish(work, done)
        engine = work.session.get_bind().engine
    migrate.downgrade(engine, "0010")
    migrate.upgrade(engine)
    with fresh_transactions.reading(SYSTEM) as work:
        assert work.session.query(Ticket.id).filter(Ticket.reopened_at == NOW).all() == [(back,)]
        assert {never, done} <= ids(work)
