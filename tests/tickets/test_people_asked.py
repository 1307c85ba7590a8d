"""Whom a ticket may be given to, and who was asked to look at one."""

from dataclasses import replace
from datetime import timedelta

import pytest

from app.core.errors import DomainError
from app.core.permissions import SYSTEM, Scope
from app.tickets import queries, service
from app.tickets.change.notes import MOST_MENTIONED
from app.tickets.orders import ChangeTicket, NoteOrder
from tests.clients import statements
from tests.factories import people, tickets
from ticket_templates import queries as templates


def test_people_of_the_team_come_first_then_of_the_outlet_each_with_the_work_they_have(work, key):
    outlet, elsewhere = people.outlet(work, name="浦东网点"), people.outlet(work, name="南山网点")
    team = people.team(work, name="一班", outlet_id=outlet.id)
    far = people.account(work, roles=["technician"], outlet=elsewhere, name="阿大").user_id
    near = people.account(work, roles=["technician"], outlet=outlet, name="李四").user_id
    nearer = people.account(work, roles=["technician"], outlet=outlet, name="陈三").user_id
    mate = people.account(work, roles=["technician"], outlet=outlet, teams=[team], name="张五").user_id
    done = tickets.ticket(work, key, assignee_id=mate)
    tickets.ticket(work, key, assignee_id=mate)
    for step, answers in (("start", {}), ("finish", {"result": "好"})):
        service.change_ticket(work, ChangeTicket(done, transition=step, answers=answers))
    version = templates.published_version(work, key)

    def found(typed="", **columns):
        return queries.candidates(work, typed, version, columns)

    ids = [
        one.user_id for one in found(team_id=team.id, outlet_id=outlet.id) if one.user_id in {far, near, nearer, mate}
    ]
    assert ids == [mate, nearer, near, far]
    (one,) = found("张五")
    assert (one.outlet, one.teams, one.open_tickets) == ("浦东网点", ("一班",), 1)
    assert [one.user_id for one in found("一班")] == [mate]
    assert {one.user_id for one in found("浦东")} == {near, nearer, mate}


def test_how_busy_somebody_is_says_nothing_of_tickets_out_of_reach(work, make_work, key):
    here, there = people.outlet(work), people.outlet(work)
    asked = people.account(work, roles=["technician"], outlet=here, name="张五").user_id
    for outlet in (here, there, there):
        tickets.ticket(work, key, assignee_id=asked, outlet_id=outlet.id)
    manager = people.account(work, roles=["outlet_manager"], outlet=here)
    mate = people.account(work, roles=["technician"], outlet=here)
    of_team = replace(mate, scope=Scope.TEAM)
    version = templates.published_version(work, key)

    def count(reader):
        return next(one.open_tickets for one in queries.candidates(reader, "张五", version, {}))

    assert [count(make_work(one)) for one in (SYSTEM, manager, of_team, mate)] == [3, 1, None, None]


@pytest.mark.parametrize("scope", [Scope.OWN, Scope.TEAM, Scope.OUTLET, Scope.ALL])
def test_one_outlet_is_not_told_who_works_in_another(work, make_work, key, scope):
    here, there = people.outlet(work), people.outlet(work)
    team = people.team(work, outlet_id=there.id)
    reader = people.account(work, roles=["technician"], outlet=here, teams=[team])
    staff = {
        "here": people.account(work, outlet=here),
        "headquarters": people.account(work),
        "in the team": people.account(work, outlet=there, teams=[team]),
        "there": people.account(work, outlet=there),
    }
    version = templates.published_version(work, key)
    offered = queries.candidates(make_work(replace(reader, scope=scope)), "", version, {"outlet_id": there.id})
    ids = {one.user_id for one in offered}
    told = {place for place, one in staff.items() if one.user_id in ids}
    assert told == (set(staff) if scope is Scope.ALL else set(staff) - {"there"})


def test_who_takes_no_step_of_this_workflow_is_not_offered(work):
    spec = tickets.repair_spec()
    named = frozenset({"technician", "dispatcher"})
    steps = tuple(_for(named, one) for one in spec.workflow.transitions)
    only = tickets.template(work, spec=_with_steps(spec, steps))
    everybody = tickets.template(work, spec=_with_steps(spec, (*steps[1:], _for(frozenset(), steps[0]))))
    staff = {
        role: people.account(work, roles=[role]).user_id for role in ("technician", "finance", "dispatcher", "auditor")
    }

    def offered(key):
        ids = {one.user_id for one in queries.candidates(work, "", templates.published_version(work, key), {})}
        return {role for role, user_id in staff.items() if user_id in ids}

    assert offered(only) == {"technician", "dispatcher"}
    assert offered(everybody) == {"technician", "dispatcher", "finance"}


def _for(roles, step):
    return replace(step, roles=roles)


def _with_steps(spec, steps):
    return replace(spec, workflow=replace(spec.workflow, transitions=steps))


def test_who_is_mentioned_is_told_by_whom_where_and_what(work, make_work, key):
    author = people.account(work, roles=["clerk"], name="王芳")
    liu = people.account(work, "liu.yang", ["technician"], name="刘洋")
    ticket = tickets.ticket(work, key)
    service.change_ticket(make_work(author), ChangeTicket(ticket, note=NoteOrder("@liu.yang 请看\n**噪音**大")))
    service.change_ticket(make_work(author), ChangeTicket(ticket, note=NoteOrder("别的话")))
    reader = make_work(liu)
    with statements(work.session.get_bind()) as seen:
        (one,) = queries.mentions(reader)
    assert len(seen) == 1
    detail = queries.ticket(reader, ticket)
    assert (one.number, one.subject, one.by, one.line) == (
        detail.number,
        detail.subject,
        "王芳",
        "@liu.yang 请看 **噪音**大",
    )
    assert queries.mentions(make_work(author)) == []
    assert queries.mentions(make_work(SYSTEM)) == []
    assert queries.mentions(make_work(liu, now=work.now + timedelta(days=15))) == []


def test_ones_own_words_are_no_news_and_only_the_latest_are_shown(work, make_work, key):
    author = people.account(work, roles=["clerk"], name="王芳")
    me = tickets.actor(work, scope=Scope.OWN)
    name = (
        queries.ticket(work, tickets.ticket(work, key)).reader.references.label("user", me.user_id).split("(")[1][:-1]
    )
    ticket = tickets.ticket(make_work(me), key)
    service.change_ticket(make_work(me), ChangeTicket(ticket, note=NoteOrder(f"@{name} 自己")))
    for number in range(7):
        service.change_ticket(make_work(author), ChangeTicket(ticket, note=NoteOrder(f"@{name} {number}")))
    assert [one.line[-1] for one in queries.mentions(make_work(me))] == ["6", "5", "4", "3", "2"]


@pytest.mark.parametrize("scope", [Scope.OWN, Scope.OUTLET, Scope.ALL])
def test_many_mentioned_cost_no_more_statements_than_one(work, make_work, key, scope):
    outlet = people.outlet(work)
    named = [
        people.account(work, f"named.{place}", ["outlet_manager"], outlet).user_id for place in range(MOST_MENTIONED)
    ]
    # A colleague who may not hand over: whoever is named sees the ticket by himself, or is not told.
    author = make_work(replace(people.account(work, "", ["technician"], outlet), scope=scope))
    ticket, other = (tickets.ticket(work, key, outlet_id=outlet.id, assignee_id=author.actor.user_id) for _ in range(2))
    counts = []
    for one, names in ((ticket, named[:1]), (other, named)):
        text = " ".join(f"@named.{place}" for place in range(len(names)))
        with statements(work.session.get_bind().engine) as seen:
            service.change_ticket(author, ChangeTicket(one, note=NoteOrder(text)))
        counts.append(len(seen))
        assert {watcher.user_id for watcher in queries.watchers(work, one)} == set(names)
    assert counts[0] == counts[1]


def test_one_note_mentions_so_many_people_and_no_more(work, make_work, key):
    names = [f"named.{place}" for place in range(MOST_MENTIONED + 1)]
    for name in names:
        people.account(work, name)
    dispatcher = make_work(people.account(work, "", ["dispatcher"]))
    ticket, to = tickets.ticket(work, key), people.account(work, "", ["technician"]).user_id
    text = " ".join(f"@{name}" for name in names)
    for field, order in (("note", ChangeTicket(ticket, note=NoteOrder(text))),
                         ("reason", ChangeTicket(ticket, fields={"assignee_id": to}, reason=text))):  # fmt: skip
        with pytest.raises(DomainError) as caught:
            service.change_ticket(dispatcher, order)
        assert [(one.field, one.code) for one in caught.value.refusals] == [(field, "too_many")]
    # A log that was pasted names nobody, however many addresses are in it.
    service.change_ticket(dispatcher, ChangeTicket(ticket, note=NoteOrder(" ".join(f"@host{n}" for n in range(99)))))
