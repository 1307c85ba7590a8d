"""Who watches a ticket, or has it, hears what is written there; who watches it, also how it ends."""

import pytest
from sqlalchemy import delete, select, update

from app.core.work import Cause
from app.people.models import Account
from app.tickets import service
from app.tickets.models import TicketNotice, TicketWatcher
from app.tickets.orders import ChangeTicket, MergeTickets, NoteOrder
from app.tickets.queries.notices import news, notices
from tests.clients import statements
from tests.factories import people, tickets


@pytest.fixture
def cast(work, make_work):
    """Somebody who has the tickets, somebody who watches them, and a clerk who writes on them, each in his own work."""
    outlet = people.outlet(work)

    class Cast:
        place = outlet.id
        holder = make_work(people.account(work, roles=["technician"], outlet=outlet))
        watcher = make_work(people.account(work, roles=["technician"], outlet=people.outlet(work)))
        clerk = make_work(people.account(work, roles=["dispatcher"]))
        boss = make_work(people.account(work, roles=["administrator"]))

    return Cast


def followed(cast, key, number=1):
    """Tickets the holder has and the watcher watches, of which neither has any news: their ids."""
    fields = {"assignee_id": cast.holder.actor.user_id, "outlet_id": cast.place}
    made = [tickets.ticket(cast.clerk, key, **fields) for _ in range(number)]
    for one in made:
        service.watch(cast.boss, one, user_id=cast.watcher.actor.user_id)
    for whose in (cast.holder, cast.watcher):
        service.mark_read(whose)
    return made


def write(by, ticket_id, body="客户改约周六", *, public=False):
    service.change_ticket(by, ChangeTicket(ticket_id, note=NoteOrder(body, public=public)))


def step(by, ticket_id, name, **answers):
    ticked = {"tested": True} if name == "close" else {}
    service.change_ticket(by, ChangeTicket(ticket_id, transition=name, answers=answers, checklist=ticked))


def told(work, ticket_id):
    query = select(TicketNotice.user_id, TicketNotice.kind).where(TicketNotice.ticket_id == ticket_id)
    return {row.user_id: row.kind for row in work.session.execute(query)}


@pytest.mark.parametrize("public", [False, True])
def test_a_note_is_heard_by_who_has_the_ticket_and_who_watches_it(work, cast, key, public):
    (one,) = followed(cast, key)
    write(cast.clerk, one, public=public)
    assert told(work, one) == {cast.holder.actor.user_id: "noted", cast.watcher.actor.user_id: "noted"}
    for whose in (cast.holder, cast.watcher):
        assert news(whose)[0] == {one}
        assert [(n.kind, n.by, n.reason) for n in notices(whose)] == [("noted", cast.clerk.actor.name, "客户改约周六")]
        service.mark_read(whose, one)
    assert told(work, one) == {}


def test_nobody_hears_himself_and_nothing_is_heard_of_what_nobody_did(work, make_work, cast, key):
    (one,) = followed(cast, key)
    write(cast.holder, one)
    assert told(work, one) == {cast.watcher.actor.user_id: "noted"}
    service.mark_read(cast.watcher)
    write(cast.watcher, one)
    assert told(work, one) == {cast.holder.actor.user_id: "noted"}
    service.mark_read(cast.holder)
    for kind in ("import", "ticket_import", "system"):
        write(make_work(cast.clerk.actor, cause=Cause(kind, "1")), one)
    assert told(work, one) == {}


def test_who_watches_hears_how_a_ticket_ends_and_begins_again(work, cast, key):
    (one,) = followed(cast, key)
    watcher = cast.watcher.actor.user_id
    for name, kind, answers in (
        ("start", None, {}), ("finish", "resolved", {"result": "好"}), ("close", "closed", {}),
        ("reopen", "reopened", {}),
    ):  # fmt: skip
        step(cast.clerk, one, name, **answers)
        assert told(work, one).get(watcher) == kind, name
    assert [(n.kind, n.step["zh_Hans"]) for n in notices(cast.watcher)] == [("reopened", "重开")]


def test_what_ended_elsewhere_is_heard_by_both(work, cast, key):
    gone, stays = followed(cast, key, 2)
    service.merge_ticket(cast.boss, MergeTickets(gone, stays))
    assert told(work, gone) == {cast.holder.actor.user_id: "merged", cast.watcher.actor.user_id: "merged"}
    assert told(work, stays) == {}


def test_what_asks_something_of_somebody_is_not_covered_by_what_he_hears(work, make_work, cast, key):
    (one,) = followed(cast, key)
    holder, watcher = cast.holder.actor.user_id, cast.watcher.actor.user_id
    name = work.session.scalar(select(Account.username).where(Account.id == watcher))
    write(cast.clerk, one, f"@{name} 请看看")
    assert told(work, one) == {holder: "noted", watcher: "mentioned"}
    later = make_work(cast.clerk.actor, now=cast.clerk.now.replace(hour=20))
    write(later, one, "补充")
    assert told(work, one) == {holder: "noted", watcher: "mentioned"}
    assert [n.reason for n in notices(cast.watcher)] == [f"@{name} 请看看"]
    step(cast.boss, one, "start")
    step(cast.boss, one, "finish", result="好")
    assert told(work, one)[watcher] == "mentioned"
    # What happens to the ticket says more than that something was written on it.
    service.mark_read(cast.watcher)
    write(cast.clerk, one, "再补充")
    step(cast.clerk, one, "reopen")
    assert told(work, one) == {holder: "reopened", watcher: "reopened"}
    write(cast.clerk, one, "还有")
    assert told(work, one) == {holder: "reopened", watcher: "reopened"}


def test_the_latest_note_is_the_one_that_is_told(make_work, cast, key):
    (one,) = followed(cast, key)
    write(cast.clerk, one, "第一句")
    later = make_work(cast.clerk.actor, now=cast.clerk.now.replace(hour=20))
    write(later, one, "第二句")
    assert [(n.reason, n.at) for n in notices(cast.holder)] == [("第二句", later.now)]


def test_what_was_handed_back_and_given_out_since_covers_no_note(work, cast, key):
    (one,) = followed(cast, key)
    service.watch(cast.boss, one, user_id=cast.clerk.actor.user_id)
    told_back = {"user_id": cast.clerk.actor.user_id, "ticket_id": one, "at": work.now, "kind": "handed_back"}
    work.session.add(TicketNotice(**told_back))
    work.session.flush()
    assert news(cast.clerk)[0] == set()
    write(cast.boss, one)
    assert told(work, one)[cast.clerk.actor.user_id] == "noted"
    assert news(cast.clerk)[0] == {one}


def test_who_lost_sight_of_a_ticket_or_is_gone_hears_nothing(work, cast, key):
    one, other = followed(cast, key, 2)
    write(cast.clerk, one)
    work.session.execute(delete(TicketWatcher).where(TicketWatcher.ticket_id == one))
    assert (news(cast.watcher)[0], notices(cast.watcher)) == (set(), [])
    work.session.execute(update(Account).where(Account.id == cast.watcher.actor.user_id).values(active=False))
    write(cast.clerk, other)
    assert set(told(work, other)) == {cast.holder.actor.user_id}


def test_many_tickets_take_no_more_statements_than_two(work, cast, key):
    def noted(count):
        made = followed(cast, key, count)
        with statements(work.session.get_bind().engine) as asked:
            service.change_tickets(cast.clerk, [ChangeTicket(one, note=NoteOrder("停电，全部改约")) for one in made])
        rows = work.session.execute(select(TicketNotice.user_id).where(TicketNotice.ticket_id.in_(made))).all()
        assert len(rows) == 2 * count
        return len(asked)

    # PostgreSQL takes many rows by COPY, which is seen as no statement.
    assert noted(2) >= noted(60)
