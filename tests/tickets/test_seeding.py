"""Seeded tickets: the same ones each time, in season, and with a past that replays like any other."""

from collections import defaultdict
from contextlib import ExitStack, contextmanager
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import sessionmaker

from app.core.db import open_engine
from app.core.errors import DomainError
from app.core.permissions import SYSTEM
from app.core.unit_of_work import Transactions
from app.core.work import Cause
from app.seeding import seed_tickets
from app.seeding.patterns import _right_on
from app.seeding.scenes import Machine
from app.switchboard import HANDLERS
from app.tickets import journal, queries, renewal
from app.tickets.change.read import COLUMNS, NAMES
from app.tickets.models import Ticket, TicketEvent, TicketNote, TicketTag
from tests.conftest import NOW
from tests.factories import people
from ticket_templates import queries as templates
from ticket_templates import service
from ticket_templates.models import TicketTemplate

NUMBER = 120


@pytest.fixture(scope="module")
def made():
    """What keeps the databases that are made once for all tests here, and their URLs."""
    with ExitStack() as kept:
        yield kept, {}


@contextmanager
def opened(url, company):
    engine = open_engine(url)
    yield Transactions(sessionmaker(engine, expire_on_commit=False), HANDLERS, company, clock=lambda: NOW)
    engine.dispose()


@pytest.fixture
def once(servers, dialect, company, made):
    """Return a function that gives the URL of a copy of ``source``, filled when it is first asked for."""
    kept, urls = made

    def url_of(name, fill, source=""):
        if (dialect, name) not in urls:
            urls[dialect, name] = kept.enter_context(servers(dialect).copy(source))
            with opened(urls[dialect, name], company) as transactions:
                fill(transactions)
        return urls[dialect, name]

    return url_of


@pytest.fixture
def shipped(once):
    """The URL of a database with the shipped templates and two customers: for copies only."""

    def install(transactions):
        with transactions.unit_of_work(SYSTEM, Cause("person")) as work:
            service.install_packs(work)
            for name in ("王先生", "海天酒店"):
                people.installed_product(work, customer=people.customer(work, name))

    return once("shipped", install)


@pytest.fixture
def installed(servers, dialect, company, shipped):
    with servers(dialect).copy(shipped) as url, opened(url, company) as transactions:
        yield transactions


@pytest.fixture(params=["one by one", "after a pattern"])
def seeded(once, company, shipped, request, monkeypatch):
    """All told one by one, as a few are; or most after the pattern of a few, as many are. They are only read."""

    def tell(transactions):
        if request.param == "after a pattern":
            monkeypatch.setattr("app.seeding.tickets.TOLD", NUMBER // 4)
        assert seed_tickets(transactions, NUMBER) == NUMBER

    with opened(once(request.param, tell, shipped), company) as transactions:
        yield transactions


def test_seeded_tickets_are_spread_over_years_templates_and_states(seeded):
    with seeded.reading(SYSTEM) as work:
        created = work.session.scalars(select(Ticket.created_at).order_by(Ticket.id)).all()
        assert created == sorted(created)
        assert created[-1] < NOW
        assert (NOW - created[0]).days > 900
        categories = dict(work.session.execute(select(Ticket.category, func.count()).group_by(Ticket.category)).all())
        assert categories["closed"] + categories.get("resolved", 0) > NUMBER / 2
        assert len(work.session.scalars(select(Ticket.template_id).distinct()).all()) > 3
        last, subject = work.session.execute(
            select(Ticket.id, Ticket.subject).order_by(Ticket.id.desc()).limit(1)
        ).one()
        page = queries.ticket_page(work, queries.TicketQuery(text=subject, size=200))
        assert last in {row.id for row in page.rows}


def test_some_are_tagged_and_found_by_their_tags(seeded):
    with seeded.reading(SYSTEM) as work:
        tagged = {
            ticket: set(map(int, tags or ())) for ticket, tags in work.session.execute(select(Ticket.id, Ticket.tags))
        }
        found = defaultdict(set)
        for ticket, tag in work.session.execute(select(TicketTag.ticket_id, TicketTag.tag_id)):
            found[ticket].add(tag)
        assert {ticket: tags for ticket, tags in tagged.items() if tags} == found
        assert 0 < len(found) < NUMBER / 2


def test_their_journals_replay(seeded):
    with seeded.reading(SYSTEM) as work:
        for record in work.session.execute(select(*COLUMNS).order_by(Ticket.id)).all():
            stored = dict(zip(NAMES, record, strict=True))
            events = work.session.execute(
                select(TicketEvent.at, TicketEvent.kind, TicketEvent.changes, TicketEvent.version)
                .where(TicketEvent.ticket_id == stored["id"])
                .order_by(TicketEvent.id)
            ).mappings()
            replayed = journal.replay(events, lambda version_id: templates.version(work, version_id))
            assert {name: replayed.get(name) for name in NAMES if name not in ("id", "changed_at")} == {
                name: value for name, value in stored.items() if name not in ("id", "changed_at")
            }


def test_what_is_written_fits_together(seeded):
    with seeded.reading(SYSTEM) as work:
        rows = work.session.execute(select(Ticket, TicketTemplate.key).join(TicketTemplate)).all()
        for ticket, key in rows:
            assert ticket.subject, key
            assert ticket.state_since <= NOW
            assert (ticket.assignee_id is None) or ticket.version > 1
            if key == "installation":
                assert 1 <= ticket.values["install_quantity"] <= 4
            if key == "appliance_repair" and ticket.values.get("work_summary"):
                assert ticket.values["fault_cause"]
                if ticket.values["warranty_status"] == "in_warranty":
                    assert "total_fee" not in ticket.values
                else:
                    assert 3_000 <= ticket.values["total_fee"] <= 150_000
        assert work.session.scalar(select(func.count()).select_from(TicketNote)) > NUMBER / 4
        hours = {(one.created_at + timedelta(hours=8)).hour for one, _key in rows}
        assert hours <= set(range(8, 21))


def test_their_numbers_follow_each_other_day_by_day(seeded):
    with seeded.reading(SYSTEM) as work:
        query = select(Ticket.number, Ticket.created_at).order_by(Ticket.created_at, Ticket.id)
        rows = work.session.execute(query).all()
    given = defaultdict(list)
    for number, created in rows:
        scope, _dash, last = number.rpartition("-")
        assert f"{created + timedelta(hours=8):%Y%m%d}" in scope
        given[scope].append(int(last))
    assert all(several == list(range(1, len(several) + 1)) for several in given.values())


def test_nothing_is_found_by_other_words_than_those_it_holds(seeded):
    stored = {
        "sqlite": "SELECT rowid, tokens FROM ticket_search",
        "postgresql": "SELECT ticket_id, array_to_string(tsvector_to_array(tokens), ' ') FROM ticket_search",
    }

    def found_by(work):
        return {one: set(words.split()) for one, words in work.session.execute(text(stored[work.dialect]))}

    with seeded.unit_of_work(SYSTEM, Cause("person")) as work:
        before = found_by(work)
        assert renewal.renew_next(work, 0)[1] == NUMBER
        assert found_by(work) == before


def test_what_is_told_again_is_another_ticket(installed, monkeypatch):
    monkeypatch.setattr("app.seeding.tickets.TOLD", 12)
    seed_tickets(installed, NUMBER)
    with installed.reading(SYSTEM) as work:
        tickets = work.session.execute(select(Ticket.subject, Ticket.created_at, Ticket.customer_id)).all()
        moments = work.session.execute(select(TicketEvent.ticket_id, TicketEvent.at).order_by(TicketEvent.id)).all()
        notes = work.session.scalars(select(TicketNote.body)).all()
    assert len({one.created_at.date() for one in tickets}) > NUMBER / 2
    assert len({tuple(one) for one in tickets}) > NUMBER * 0.9
    assert len(set(notes)) > 5
    assert all(one.at < NOW for one in moments)
    assert [one.at for one in sorted(moments)] == [one.at for one in sorted(moments, key=lambda one: one.ticket_id)]


def test_what_is_nobodys_is_told_again(installed, monkeypatch):
    for name in ("tickets.TOLD", "world.INTERNAL"):
        monkeypatch.setattr(f"app.seeding.{name}", 12 if name.endswith("TOLD") else {"appliance_repair"})
    seed_tickets(installed, 60)
    with installed.reading(SYSTEM) as work:
        assert work.session.scalar(select(func.count()).where(Ticket.customer_id.is_(None))) > 12
        assert work.session.scalar(select(func.count()).select_from(Ticket)) == 60


@pytest.mark.parametrize("told", [20, 5])
def test_the_same_tickets_each_time(installed, monkeypatch, told):
    monkeypatch.setattr("app.seeding.tickets.TOLD", told)
    for _run in range(2):
        seed_tickets(installed, 20)
    with installed.reading(SYSTEM) as work:
        columns = (Ticket.subject, Ticket.created_at, Ticket.customer_id, Ticket.values)
        tickets = list(work.session.execute(select(*columns).order_by(Ticket.id)))
    assert tickets[:20] == tickets[20:]


@pytest.mark.parametrize(
    ("bought", "on", "first", "last"),
    [
        (date(2024, 1, 10), date(2024, 6, 1), date(2024, 1, 30), date(2025, 1, 10)),
        (date(2024, 1, 10), date(2026, 6, 1), date(2025, 1, 11), date(2027, 1, 10)),
        (date(2024, 1, 10), date(2029, 6, 1), date(2027, 1, 11), date.max),
        (None, date(2024, 6, 1), None, date.max),
    ],
)
def test_a_machine_is_told_of_again_while_it_is_there_and_as_covered(bought, on, first, last):
    machine = Machine(1, 2, 3, 4, "", sold_on=bought, warranty_months=12)
    assert _right_on(machine, on) == (first.toordinal() if first else 0, last.toordinal())


def test_without_a_template_there_is_nothing_to_seed(transactions):
    with pytest.raises(DomainError, match="no published template"):
        seed_tickets(transactions, 1)
