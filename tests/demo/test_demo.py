import pytest
from sqlalchemy import func, select

from app.assets.models import InstalledProduct, Product
from app.core.permissions import SYSTEM
from app.demo import load_demo
from app.people.access_tables import ACCOUNT_ROLE, ROLE
from app.people.models import Account, Customer, Outlet, Phone, StaffProfile
from app.seeding import seed_tickets
from app.tickets.models import Ticket
from tests.clients import CAUSE
from ticket_templates import queries as templates

pytestmark = pytest.mark.long


def counts(work):
    return [
        work.session.scalar(select(func.count()).select_from(one))
        for one in (Outlet, StaffProfile, Product, Customer, Phone, InstalledProduct)
    ]


def test_the_demo_company_is_believable_and_loads_once(demo, dialect):
    with demo.unit_of_work(SYSTEM, CAUSE) as work:
        first = counts(work)
        outlets, staff, products, customers, phones, units = first
        assert outlets == 6
        assert staff >= 25
        assert products >= 55
        assert customers == {"sqlite": 300, "postgresql": 100}[dialect]
        assert phones >= customers
        assert units >= customers * 4 / 3
        active = set(work.session.scalars(select(Account.username).where(Account.active.is_(True))))
        assert {"boss", "wang.fang", "huang.qiang"} <= active
        load_demo(work)
        assert counts(work) == first


def test_a_ticket_lies_with_somebody_who_may_take_it_further(demo):
    seed_tickets(demo, 240)
    with demo.reading(SYSTEM) as work:
        held = select(Ticket.version_id, ROLE.c.name).join(ACCOUNT_ROLE, ACCOUNT_ROLE.c.user_id == Ticket.assignee_id)
        rows = work.session.execute(held.join(ROLE, ROLE.c.id == ACCOUNT_ROLE.c.role_id).distinct()).all()
        # Templates told seldom may not be among so few tickets.
        assert len(rows) > 6
        for version_id, role in rows:
            version = templates.version(work, version_id)
            steps = version.spec.workflow.transitions
            assert any(not step.roles or role in step.roles for step in steps), (version.template_key, role)
