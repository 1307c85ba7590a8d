"""The search: the same hits on both databases, for any text and any query."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, literal, select

from app.tickets import search, service
from app.tickets.models import Ticket
from app.tickets.orders import ChangeTicket
from app.tickets.queries import TicketQuery, ticket_page, ways
from app.tickets.queries.ways import meaning
from tests.clients import statements
from tests.factories import people, tickets

TEXTS = [
    "空调不制冷",
    "冰箱 异响 很大",
    "洗衣机 E07 故障",
    "ＬＧ空调　ＫＦＲ－３５",
    "Ärger mit Überhitzung",
    "13800138000 来电",
    "修",
    "😀 屏幕碎了",
    "囍镕堃 𠮷野家",
    "テレビが映らない",
]


@pytest.mark.parametrize(
    ("query", "hits"),
    [
        ("空调", {0, 3}),
        ("不制冷", {0}),
        ("制冷不", set()),
        ("冷", {0}),
        ("修", {6}),
        ("异响", {1}),
        ("洗衣机 e07", {2}),
        ("E0", {2}),
        ("lg", {3}),
        ("kfr-35", {3}),
        ("kf-35", set()),
        ("kf 35", {3}),
        ("空调 LG", {3}),
        ("ärger", {4}),
        ("ÜBERHITZUNG", {4}),
        ("uberhitzung", set()),
        ("138001", {5}),
        ("屏幕", {7}),
        ("😀", set()),
        ("𠮷野", {8}),
        ("テレビ", {9}),
        ("...", set()),
        ("' OR \"*", set()),
        ('空调" AND "', set()),
        ('空调" * (', {0, 3}),
        ("空调" * 500, set()),
        ("NOT 空调", set()),
        ("WX-20261121-0003", {2}),
        ("0003", {2}),
    ],
)
def test_hits(work, query, hits):
    key = tickets.template(work)
    ids = [tickets.ticket(work, key, {"fault": text}) for text in TEXTS]
    assert {ids.index(row.id) for row in ticket_page(work, TicketQuery(text=query)).rows} == hits


def test_a_ticket_is_found_by_its_customer_and_serial_and_by_what_it_became(work):
    customer = people.customer(work, "海天酒店")
    unit = people.installed_product(work, customer)
    ticket = tickets.ticket(work, tickets.template(work), installed_product_id=unit.id)

    def found(text):
        return {row.id for row in ticket_page(work, TicketQuery(text=text)).rows}

    assert found("海天") == found(unit.serial) == found("不制冷") == {ticket}
    service.change_ticket(work, ChangeTicket(ticket, answers={"fault": "漏水"}))
    assert found("不制冷") == set()
    assert found("漏水") == found("酒店") == {ticket}


def naive(text, query):
    """What a query means: every word of it is a token, or the beginning of one."""
    have = search.tokens([text])
    wanted = search.words(query)
    return bool(wanted) and all(
        any(token.startswith(word) if begins else token == word for token in have) for word, begins in wanted
    )


ONE = select(literal(1).label("id")).subquery()
WORDS = st.text(alphabet="空调不冷Aａ1 ß'\"*:&|!\\-＿_é\u0301İ\u200d😀𠮷ーガ한", max_size=12)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=WORDS, query=WORDS)
def test_any_text_and_any_query_mean_the_same_everywhere(work, text, query):
    connection = work.session.connection()
    search.write(connection, [(1, search.tokens([text]))], fresh=False)
    select_, _own = search.narrowed(work.dialect, select(ONE.c.id), ONE.c.id, query)
    assert bool(work.session.execute(select_).first()) == naive(text, query)


def test_what_not_everybody_may_see_is_found_by_nobody(work):
    ticket = tickets.ticket(work, tickets.template(work), {"secret": "机密xyzzy"})
    service.change_ticket(work, ChangeTicket(ticket, answers={"fault": "漏水"}))
    assert ticket_page(work, TicketQuery(text="xyzzy")).rows == []
    assert [row.id for row in ticket_page(work, TicketQuery(text="漏水")).rows] == [ticket]


@pytest.mark.parametrize("dialect", ["sqlite"])
def test_sqlite_begins_a_search_with_the_words_whatever_else_is_asked(work):
    """Without statistics it walked all closed tickets and asked the search at each of them."""
    base = select(Ticket.id).where(Ticket.category.in_(["closed"]))
    found, _own = search.narrowed("sqlite", base, Ticket.id, "漏水")
    counted = select(func.count()).select_from(found.limit(10).subquery())
    statement = str(counted.compile(work.session.connection(), compile_kwargs={"literal_binds": True}))
    steps = [row[3] for row in work.session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}")]
    scanned = next(step for step in steps if "ticket" in step)
    assert scanned.startswith("SCAN ticket_search VIRTUAL TABLE"), steps


@pytest.mark.parametrize("query", ["sn00 漏水", "wx", "0' OR 1=1", "100%", "空调", "..."])
def test_words_nobody_knows_are_gathered_instead_of_walked(work, query):
    tickets.ticket(work, tickets.template(work))
    assert meaning(work, query).rare in (True, False)
    base = select(Ticket.id)
    plain, rare = (search.narrowed(work.dialect, base, Ticket.id, query, rare=one) for one in (False, True))
    hits = [work.session.scalars(found.order_by(own.desc())).all() for found, own in (plain, rare)]
    assert hits[0] == hits[1]


def test_two_beginnings_that_many_tickets_have_are_not_rare(work):
    """PostgreSQL multiplies two guesses; sorting all the tickets of a year for one page takes a second.

    SQLite walks the words themselves: to it nothing is rare.
    """
    connection = work.session.connection()
    days = [(number, ["wx" if number % 2 else "az", f"2025{number % 900:04}", "空调"]) for number in range(1, 6_001)]
    search.write(connection, days, fresh=True)
    connection.exec_driver_sql("ANALYZE ticket_search")
    assert not meaning(work, "WX-2025").rare
    assert meaning(work, "WX-2024").rare == (work.dialect == "postgresql")
    assert not meaning(work, "空调").rare


def test_what_many_numbers_begin_with_is_read_in_the_index_of_numbers(work, monkeypatch):
    """All that begin so were gathered among the words and sorted: a second of a million tickets, for one page."""
    key = tickets.template(work)
    ids = [tickets.ticket(work, key) for _one in range(5)]
    monkeypatch.setattr(ways, "_MANY", 4)
    with statements(work.session.connection().engine) as seen:
        first = ticket_page(work, TicketQuery(text="wx-2026", size=3))
    rest = ticket_page(work, TicketQuery(text="wx-2026", size=3, cursor=first.next_cursor))
    assert [row.id for row in (*first.rows, *rest.rows)] == ids[::-1]
    assert first.count.number == 5
    page = next(one for one in seen if "LIMIT" in one and "ticket.subject" in one)
    assert "ticket_search" not in page
    shown = ticket_page(work, TicketQuery(text="WX-2026", sort="changed", descending=False))
    assert [row.id for row in shown.rows] == ids
    # With anything else asked it is words as ever, and so it is where few numbers begin so.
    narrowed = ticket_page(work, TicketQuery(text="WX-2026", priorities=[1, 2, 3, 4]))
    assert [row.id for row in narrowed.rows] == ids[::-1]
    monkeypatch.setattr(ways, "_MANY", 5)
    later = replace(work, kept={})
    service.change_ticket(work, ChangeTicket(ids[0], answers={"fault": "如 WX-20261199"}))
    assert {row.id for row in ticket_page(later, TicketQuery(text="WX-20261199")).rows} == {ids[0]}
