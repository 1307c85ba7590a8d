"""Seeded tickets: the same ones each time, in season, and with a past that replays like any other."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app.core.errors import DomainError
from app.core.permissions import SYSTEM
from app.core.work import Cause
from app.seeding import seed_tickets
from app.tickets import journal, queries
from app.tickets.change.read import COLUMNS, NAMES
from app.tickets.models import Ticket, TicketEvent, TicketNote
from tests.conftest import NOW
from ticket_templates import queries as templates
from ticket_templates import service
from ticket_templates.models import TicketTemplate

NUMBER = 120


@pytest.fixture
def seeded(transactions):
    with transactions.unit_of_work(SYSTEM, Cause("person")) as work:
        service.install_packs(work)
    assert seed_tickets(transactions, NUMBER) == NUMBER
    return transactions


def test_seeded_tickets_are_spread_over_years_templates_and_states(seeded):
    with seeded.reading(SYSTEM) as work:
        created = work.session.scalars(select(Ticket.created_at).order_by(Ticket.id)).all()
        assert created == sorted(created)
        assert created[-1] < NOW
        assert (NOW - created[0]).days > 900
        categories = dict(work.session.execute(select(Ticket.category, func.count()).group_by(Ticket.category)).all())
        assert categories["closed"] + categories.get("resolved", 0) > NUMBER / 2
        assert len(work.session.scalars(select(Ticket.template_id).distinct()).all()) > 3
        page = queries.ticket_page(work, queries.TicketQuery(text="漏水"))
        assert all("漏水" in str([row.subject, row.values]) for row in page.rows)


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
                    assert 3_000 <= ticket.values["total_fee"] <= 60_000
        assert work.session.scalar(select(func.count()).select_from(TicketNote)) > NUMBER / 4
        hours = {(one.created_at + timedelta(hours=8)).hour for one, _key in rows}
        assert hours <= set(range(8, 21))


def test_the_same_tickets_each_time(transactions):
    with transactions.unit_of_work(SYSTEM, Cause("person")) as work:
        service.install_packs(work)
    for _run in range(2):
        seed_tickets(transactions, 20)
    with transactions.reading(SYSTEM) as work:
        subjects = list(work.session.scalars(select(Ticket.subject).order_by(Ticket.id)))
    assert subjects[:20] == subjects[20:]


def test_without_a_template_there_is_nothing_to_seed(transactions):
    with pytest.raises(DomainError, match="no published template"):
        seed_tickets(transactions, 1)
