"""Multiplied tickets: as many as asked for, with the shares, the spread and the words of their originals."""

from collections import Counter

import pytest
from sqlalchemy import inspect, select, text

from app.bench.multiplied import multiply
from app.core.permissions import SYSTEM
from app.core.work import Cause
from app.seeding import seed_tickets
from app.tickets.models import Ticket, TicketEvent
from app.tickets.queries import TicketQuery, stream, ticket_page
from tests.factories import people
from ticket_templates import service

ORIGINALS, COPIES = 30, 3
CAUSE = Cause("system", "bench")
#: A search for each of some words that stories are told in.
WORDS = ("空调", "维修", "安装", "申请")


@pytest.fixture
def seeded(transactions):
    with transactions.unit_of_work(SYSTEM, CAUSE) as work:
        service.install_packs(work)
        for name in ("王先生", "海天酒店"):
            people.customer(work, name)
        people.outlet(work)
        people.team(work)
    seed_tickets(transactions, ORIGINALS, cause=CAUSE)
    return transactions


@pytest.fixture
def multiplied(seeded):
    """Return what stood there before, and the transactions over what stands there now."""
    with seeded.unit_of_work(SYSTEM, CAUSE) as work:
        before = _state(work)
        multiply(work.session.connection(), ORIGINALS * (COPIES + 1))
    return before, seeded


def _state(work):
    tickets = list(work.session.execute(select(Ticket.__table__).order_by(Ticket.id)))
    hits = {word: ticket_page(work, TicketQuery(text=word)).count.number for word in WORDS}
    inspector = inspect(work.session.connection())
    indexes = {one["name"] for one in inspector.get_indexes("ticket") + inspector.get_foreign_keys("ticket")}
    if work.dialect == "postgresql":
        indexes |= {one["name"] for one in inspector.get_indexes("ticket_search")}
    return tickets, hits, indexes


def test_each_ticket_has_its_copies_and_each_word_its_hits(multiplied):
    (tickets, hits, indexes), transactions = multiplied
    with transactions.reading(SYSTEM) as work:
        now, hits_now, indexes_now = _state(work)
    assert now[:ORIGINALS] == tickets
    assert len(now) == ORIGINALS * (COPIES + 1) == len({one.number for one in now})
    for name in ("subject", "state", "category", "priority", "template_id", "customer_id", "assignee_id", "outlet_id"):
        shares = Counter(getattr(one, name) for one in tickets)
        assert Counter(getattr(one, name) for one in now) == {key: n * (COPIES + 1) for key, n in shares.items()}
    assert hits_now == {word: n * (COPIES + 1) for word, n in hits.items()}
    assert sum(hits.values())
    assert indexes_now == indexes


def test_copies_are_spread_between_their_originals(multiplied):
    (tickets, _hits, _indexes), transactions = multiplied
    with transactions.reading(SYSTEM) as work:
        copies = list(
            work.session.execute(select(Ticket.__table__).where(Ticket.id > tickets[-1].id).order_by(Ticket.id))
        )
    span = tickets[-1].created_at - tickets[0].created_at
    assert tickets[0].created_at - span / ORIGINALS < min(one.created_at for one in copies)
    assert max(one.created_at for one in copies) < tickets[-1].created_at
    assert len({one.created_at for one in copies}) == len(copies)
    lasted = Counter(one.changed_at - one.created_at for one in tickets)
    assert Counter(one.changed_at - one.created_at for one in copies).keys() == lasted.keys()
    assert Counter(one.due_at is None for one in copies)[True] == COPIES * sum(one.due_at is None for one in tickets)


def test_copies_are_listed_found_and_followed_by_new_tickets(multiplied):
    _before, transactions = multiplied
    with transactions.reading(SYSTEM) as work:
        listed = [row for rows in stream(work, TicketQuery(), chunk=50) for row in rows]
        assert len({row.id for row in listed}) == ORIGINALS * (COPIES + 1)
        keys = [(row.columns["created_at"], row.id) for row in listed]
        assert keys == sorted(keys, reverse=True)
        copy = max(listed, key=lambda row: row.id)
        assert ticket_page(work, TicketQuery(text=copy.number)).rows[0].id == copy.id
    seed_tickets(transactions, 1, cause=CAUSE, days=1)
    with transactions.reading(SYSTEM) as work:
        assert (
            work.session.scalar(select(TicketEvent.ticket_id).order_by(TicketEvent.id.desc()).limit(1)) == copy.id + 1
        )


def test_a_copy_of_a_copy_and_a_part_of_the_tickets(seeded):
    for rows in (ORIGINALS - 1, ORIGINALS + 7, 2 * ORIGINALS + 3):
        with seeded.unit_of_work(SYSTEM, CAUSE) as work:
            multiply(work.session.connection(), rows)
            found = work.session.execute(text("SELECT count(*), count(DISTINCT number) FROM ticket")).one()
            assert tuple(found) == (max(rows, ORIGINALS),) * 2
            assert work.session.scalar(text("SELECT count(*) FROM ticket_search")) == max(rows, ORIGINALS)
