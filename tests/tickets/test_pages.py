"""Lists: order, paging both ways, filters, scope, counts, number of statements."""

from dataclasses import replace
from datetime import timedelta
from itertools import product

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, select

from app.core.errors import DomainError, NotAllowedError
from app.core.permissions import Scope
from app.tickets import queries, service
from app.tickets import scope as scope_of
from app.tickets.columns import COLUMNS, chosen
from app.tickets.models import Ticket
from app.tickets.orders import ChangeTicket, OpenTicket
from app.tickets.queries import TicketQuery, listing, ticket_page
from app.tickets.queries import page as pages
from app.tickets.queries.board import board
from tests.conftest import NOW
from tests.factories import people, tickets


@pytest.fixture
def many(work, key):
    """Nine tickets with repeated priorities, some without a limit of time."""
    ids = []
    for i in range(9):
        order = OpenTicket(
            key, {"priority": 1 + i % 3}, {"fault": f"故障{i}", "quantity": i},
            created_at=NOW - timedelta(days=i // 2), state="parts" if i % 3 == 0 else None,
        )  # fmt: skip
        ids.append(service.open_ticket(work, order).ticket_id)
    return ids


def walked(work, query, *, back=False):
    """Every page from the first to the last; ``back``: and then back to the first."""
    page = ticket_page(work, query)
    pages = [page]
    while page.next_cursor:
        page = ticket_page(work, TicketQuery(**{**as_dict(query), "cursor": page.next_cursor}))
        pages.append(page)
    if back:
        pages = [page]
        while page.previous_cursor:
            page = ticket_page(work, TicketQuery(**{**as_dict(query), "cursor": page.previous_cursor}))
            pages.insert(0, page)
    return [row.id for page in pages for row in page.rows]


def as_dict(query):
    return {name: getattr(query, name) for name in TicketQuery.__dataclass_fields__}


@pytest.mark.parametrize("sort", [None, *(column.name for column in COLUMNS.values() if column.sort)])
def test_paging_shows_each_ticket_once_both_ways(work, many, sort):
    for descending, size in product((True, False), (1, 4)):
        query = TicketQuery(sort=sort, descending=descending, size=size)
        forward, back = walked(work, query), walked(work, query, back=True)
        assert sorted(forward) == sorted(many), query
        whole = ticket_page(work, replace(query, size=50))
        assert [row.id for row in whole.rows] == forward == back, query
        assert not whole.next_cursor, query
        assert [row.id for chunk in queries.stream(work, query, chunk=size) for row in chunk] == forward, query


def test_tickets_without_a_limit_come_last(work, many):
    for descending in (True, False):
        rows = ticket_page(work, TicketQuery(sort="due", descending=descending)).rows
        dues = [row.columns["due_at"] for row in rows]
        filled = [due for due in dues if due]
        assert dues == sorted(filled, reverse=descending) + [None] * 3


def test_filters(work, key, many):
    def found(**wanted):
        return {row.id for row in ticket_page(work, TicketQuery(**wanted)).rows}

    other = tickets.ticket(work, tickets.template(work, spec=tickets.repair_spec("AZ-{seq}")), priority=1)
    team = people.team(work)
    assignee = tickets.assignee(work)
    service.change_ticket(work, ChangeTicket(many[0], fields={"team_id": team.id, "assignee_id": assignee}))
    assert found(states=["parts"]) == {many[0], many[3], many[6]}
    assert found(categories=["pending", "new"]) == {*many, other}
    assert found(templates=[key]) == set(many)
    assert found(priorities=[1], templates=[key]) == {many[0], many[3], many[6]}
    assert found(team_id=team.id) == {many[0]} == found(assignee=assignee) == found(assignee=str(assignee))
    assert found(assignee="none", templates=[key]) == set(many[1:])
    assert found(assignee="me") == set()
    assert found(customer_id=1) == found(outlet_id=2**40) == found(assignee=10**30) == found(assignee="x") == set()
    assert many[0] not in found(overdue=True)


def test_text_finds_and_is_paged(work, many):
    newest_first = walked(work, TicketQuery())
    assert walked(work, TicketQuery(text="故障", size=2)) == newest_first
    assert walked(work, TicketQuery(text="故障", size=2, sort="created"), back=True)
    assert [row.subject for row in ticket_page(work, TicketQuery(text="故障7")).rows] == ["故障7"]
    assert ticket_page(work, TicketQuery(text="!?。")).rows == []
    assert ticket_page(work, TicketQuery(text="故障")).count.number == 9
    waiting = TicketQuery(text="故障", categories=["pending"], size=2)
    assert walked(work, waiting, back=True) == [one for one in newest_first if one in many[::3]]
    assert ticket_page(work, waiting).count == queries.Count(3, exact=True)


@pytest.fixture
def imported(work, key):
    """Three of today, and after them five of last year that were entered later: from the newest to the oldest."""

    def opened(words, day):
        order = OpenTicket(key, {}, {"fault": f"{words}漏水"}, created_at=NOW - timedelta(days=day))
        return service.open_ticket(work, order).ticket_id

    return [opened("空调", day) for day in range(3)] + [opened("旧", 365 + day) for day in range(5)]


EVERYONES = {"text": "漏水", "size": 3}


def test_what_a_text_finds_comes_in_the_order_the_list_says(work, make_work, imported):
    query = TicketQuery(**EVERYONES)
    assert walked(work, query) == walked(work, query, back=True) == imported
    assert ticket_page(work, query).order == "-created"
    assert ticket_page(work, query).count == queries.Count(8, exact=True)
    assert [row.id for chunk in queries.stream(work, query, chunk=2) for row in chunk] == imported
    assert queries.ids_in_order(work, query) == imported
    assert [row.id for row in pages.newest(work, query)] == imported[:3]
    # Of one's own alike, and among what else narrows.
    person = tickets.actor(work, scope=Scope.OWN)
    tickets.assignee(work, person.user_id, "clerk")
    mine = imported[1::2]
    service.change_tickets(work, [ChangeTicket(one, fields={"assignee_id": person.user_id}) for one in mine])
    assert walked(make_work(person), query, back=True) == mine
    assert walked(work, replace(query, assignee=person.user_id), back=True) == mine


@pytest.mark.parametrize(("limit", "order"), [(8, "-created"), (7, "")])
def test_more_than_can_be_put_in_order_come_as_they_were_entered(work, imported, monkeypatch, limit, order):
    monkeypatch.setattr(listing, "DEARLY_COUNTED", limit)
    query = TicketQuery(**EVERYONES)
    expected = imported if order else sorted(imported, reverse=True)
    assert ticket_page(work, query).order == order
    assert ticket_page(work, query).count == queries.Count(limit, exact=bool(order))
    assert walked(work, query) == walked(work, query, back=True) == expected
    assert [row.id for chunk in queries.stream(work, query, chunk=2) for row in chunk] == expected
    assert queries.ids_in_order(work, query) == expected
    # Narrowed to few, they are in order; so are they where somebody wishes for one.
    few = ticket_page(work, replace(query, text="旧漏水"))
    assert ([row.id for row in few.rows], few.order) == (imported[3:6], "-created")
    assert walked(work, replace(query, sort="created"), back=True) == imported
    assert ticket_page(work, replace(query, sort="created")).order == "-created"


@pytest.mark.parametrize("before", [7, 8])
def test_a_walk_keeps_its_order_when_what_it_finds_passes_the_limit(work, imported, monkeypatch, before):
    query = TicketQuery(**EVERYONES)
    monkeypatch.setattr(listing, "DEARLY_COUNTED", before)
    expected = walked(work, query)
    first = ticket_page(work, query)
    monkeypatch.setattr(listing, "DEARLY_COUNTED", 15 - before)
    second = ticket_page(work, replace(query, cursor=first.next_cursor))
    third = ticket_page(work, replace(query, cursor=second.next_cursor))
    back = ticket_page(work, replace(query, cursor=second.previous_cursor))
    found = [row.id for page in (first, second, third) for row in page.rows]
    assert found == expected
    assert [row.id for row in back.rows] == expected[:3]
    assert {page.order for page in (first, second, third, back)} == {first.order}


def test_columns_of_a_board_come_in_the_order_of_the_list(work, imported, monkeypatch):
    query, values = TicketQuery(**EVERYONES, sort="due"), {"waiting": "closed"}
    for sort in ("due", "subject", "created"):
        wished = replace(query, sort=sort, descending=False)
        (column,) = board(work, wished, "state", {"waiting": "new"}).columns
        expected = [row.id for row in ticket_page(work, wished).rows]
        assert [row.id for row in column.rows] == expected
    for limit in (8, 7):
        monkeypatch.setattr(listing, "DEARLY_COUNTED", limit)
        (column,) = board(work, query, "state", values).columns
        narrowed = replace(query, sort=None, states=["waiting"])
        assert [row.id for row in column.rows] == [row.id for row in ticket_page(work, narrowed).rows]
        beyond = ticket_page(work, replace(narrowed, cursor=column.next_cursor)).rows
        assert [row.id for row in beyond] == walked(work, narrowed)[3:6]


@pytest.mark.parametrize(
    "query",
    [
        {"sort": "tags"},
        {"sort": "values.photos"},
        {"sort": "no"},
        {"size": 0},
        {"size": 10_000},
        {"categories": ["x"]},
        {"states": ["x"] * 300},
        {"cursor": "damaged"},
        {"cursor": "W10"},
        {"cursor": "////"},
        {"cursor": "W3RydWUsWyJjcmVhdGVkX2F0IiwiaWQiXSxbIngiLDFdXQ"},
    ],
)
def test_what_no_list_can_be_made_of_is_refused(work, query):
    with pytest.raises(DomainError):
        ticket_page(work, TicketQuery(**query))


def test_who_may_not_see_tickets_sees_none(work, make_work):
    nobody = make_work(tickets.actor(work, without=["ticket.read"]))
    with pytest.raises(NotAllowedError):
        ticket_page(nobody, TicketQuery())
    with pytest.raises(NotAllowedError):
        next(queries.stream(nobody, TicketQuery()))


def test_scope_is_one_rule_for_every_read(work, make_work, key):
    mine, mates, outlets, other = tickets.tickets(work, key, 4)
    outlet = people.outlet(work)
    team = people.team(work)
    own = tickets.actor(work, scope=Scope.OWN)
    tickets.assignee(work, own.user_id, "clerk")
    change = [
        ChangeTicket(mine, fields={"assignee_id": own.user_id}),
        ChangeTicket(mates, fields={"team_id": team.id}),
        ChangeTicket(outlets, fields={"outlet_id": outlet.id}),
    ]
    assert {outcome.status for outcome in service.change_tickets(work, change).outcomes} == {"changed"}
    service.watch(work, other, user_id=(watcher := tickets.actor(work, scope=Scope.OWN)).user_id)

    def seen(actor):
        reader = make_work(actor)
        listed = {row.id for row in ticket_page(reader, TicketQuery()).rows}
        assert ticket_page(reader, TicketQuery(text="故障")).count.number == len(listed)
        for one in (mine, mates, outlets, other):
            if one in listed:
                assert queries.ticket(reader, one).id == one
            else:
                with pytest.raises(DomainError):
                    queries.ticket(reader, one)
                assert service.change_tickets(reader, [ChangeTicket(one)]).outcomes[0].refusals[0].code == "not_found"
        return listed

    assert seen(own) == {mine}
    assert seen(watcher) == {other}
    assert seen(tickets.actor(work, scope=Scope.TEAM, teams=[team.id])) == {mates}
    assert seen(tickets.actor(work, scope=Scope.OUTLET, outlets=[outlet.id])) == {outlets}
    assert seen(tickets.actor(work, scope=Scope.ALL)) == {mine, mates, outlets, other}


def test_what_is_reached_in_several_ways_is_listed_once_and_in_order(work, make_work, key, monkeypatch):
    outlet, team = people.outlet(work), people.team(work)
    mate, own = (people.account(work, outlet=outlet, teams=[team]) for _one in range(2))
    # The mate's are of another team and outlet, so that nothing but the mate puts them in reach.
    apart = {"team_id": people.team(work).id, "outlet_id": people.outlet(work).id}
    ways = [
        {}, {"assignee_id": own.user_id}, {"assignee_id": mate.user_id, **apart}, {"team_id": team.id},
        {"outlet_id": outlet.id}, {"assignee_id": own.user_id, "team_id": team.id, "outlet_id": outlet.id},
    ]  # fmt: skip
    for i in range(18):
        order = OpenTicket(
            key, {"priority": 1 + i % 4, **ways[i % len(ways)]}, {"fault": f"故障{i}"},
            created_at=NOW - timedelta(hours=i * 7 % 18), state="parts" if i % 4 == 1 else None,
        )  # fmt: skip
        service.open_ticket(work, order)
    watched = tickets.ticket(work, key)
    service.watch(work, watched, user_id=own.user_id)
    everything = [row for row in ticket_page(work, TicketQuery(size=50)).rows if not row.columns["closed_at"]]
    # Walked along so many tickets for one shown, before those of somebody are gathered.
    for scope, steps in ((Scope.OWN, 200), (Scope.TEAM, 200), (Scope.OUTLET, 200), (Scope.OWN, 0), (Scope.TEAM, 1)):
        monkeypatch.setattr(listing, "WALKED", steps)
        actor = replace(own, scope=scope)
        reached = set(work.session.scalars(select(Ticket.id).where(scope_of.reaches(actor))))
        assert watched in reached
        assert 0 < len(reached) < len(everything)
        _listed_once_and_in_order(make_work, actor, reached, team)


def _listed_once_and_in_order(make_work, actor, reached, team):
    reader = make_work(actor)
    unfinished = {"categories": ["new", "open", "pending"]}
    for wanted, sort in (
        ({}, None), ({}, "due"), (unfinished, "due"), (unfinished, None), ({"priorities": [1, 2]}, "priority"),
        ({"assignee": "me"}, "changed"), ({"overdue": True}, None), ({"team_id": team.id}, None), ({}, "changed"),
        ({"team_id": team.id}, "due"), ({"assignee": "me", "priorities": [1, 2]}, "priority"),
    ):  # fmt: skip
        query = TicketQuery(**wanted, sort=sort, size=8)
        whole = ticket_page(make_work(replace(actor, scope=Scope.ALL)), replace(query, size=100)).rows
        expected = [row.id for row in whole if row.id in reached]
        assert walked(reader, query, back=True) == expected, (actor.scope, listing.WALKED, query)
        assert ticket_page(reader, query).count == queries.Count(len(expected), exact=True)
        assert queries.exact_count(reader, query) == len(expected)


def test_a_page_takes_few_statements_whatever_its_size(work, key):
    # What one row named is known for the next: each names others, so that rows read one by one would show.
    named = [
        {
            "customer_id": (customer := people.customer(work, sites=[{"name": "家"}])).id,
            "site_id": customer.sites[0].id,
            "installed_product_id": people.installed_product(work, customer).id,
            "outlet_id": people.outlet(work).id,
            "team_id": people.team(work).id,
            "assignee_id": tickets.assignee(work),
        }
        for _one in range(20)
    ]
    orders = [OpenTicket(key, named[i % 20], {"fault": f"{i}", "fault_code": "E1"}) for i in range(60)]
    assert {one.status for one in service.open_tickets(work, orders).outcomes} == {"changed"}
    statements = []
    bind = work.session.connection()
    event.listen(bind, "before_cursor_execute", lambda *args: statements.append(args[2]))
    columns = [*COLUMNS, "values.fault", "values.fault_code", "values.phone"]
    page = ticket_page(work, TicketQuery(size=50, columns=columns))
    made = chosen(columns, [row.version for row in page.rows[:1]])
    for row in page.rows:
        for column in made:
            column.text(row, "zh_Hans")
            column.excel(row)
    assert len(page.rows) == 50
    assert len(statements) <= 12, "\n".join(statements)


def test_columns_hide_what_a_role_may_not_read(work, make_work, key):
    qa = make_work(tickets.actor(work, "qa"))
    ticket = tickets.ticket(work, key, {"secret": "差评客户"})
    clerk = make_work(tickets.actor(work))
    assert queries.ticket(qa, ticket).shown("secret", "en") == "差评客户"
    (row,) = ticket_page(clerk, TicketQuery(columns=["values.secret"])).rows
    (column,) = chosen(["values.secret"], [row.version])
    assert (column.text(row, "en"), column.excel(row), row.values.get("secret")) == ("", None, None)
    entries = queries.timeline(clerk, ticket)
    assert "values.secret" not in {change.field for entry in entries for change in entry.changes}
    assert "values.secret" in {change.field for entry in queries.timeline(qa, ticket) for change in entry.changes}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cursor=st.text(max_size=60))
def test_no_cursor_breaks_the_list(work, cursor):
    try:
        ticket_page(work, TicketQuery(cursor=cursor))
    except DomainError as error:
        assert error.refusals[0].field == "cursor"  # noqa: PT017 - most texts are refused, some are not


def test_a_count_is_capped(work, key, monkeypatch):
    monkeypatch.setattr("app.tickets.queries.listing.COUNTED", 3)
    tickets.tickets(work, key, 5)
    count = ticket_page(work, TicketQuery(states=["waiting"])).count
    assert (count.number, count.exact) == (3, False)


@pytest.mark.parametrize(("own", "made"), [(1, 2), (2, 2), (0, 5)])
def test_a_count_by_several_ways_is_capped(work, make_work, monkeypatch, own, made):
    key = tickets.template(work)
    monkeypatch.setattr("app.tickets.queries.listing.DEARLY_COUNTED", 3)
    person = tickets.actor(work, scope=Scope.OWN)
    tickets.assignee(work, person.user_id, "clerk")
    service.change_tickets(
        work, [ChangeTicket(one, fields={"assignee_id": person.user_id}) for one in tickets.tickets(work, key, own)]
    )
    reader = make_work(person)
    tickets.tickets(reader, key, made)
    assert ticket_page(reader, TicketQuery()).count == queries.Count(3, exact=own + made == 3)
    assert queries.exact_count(reader, TicketQuery()) == own + made
