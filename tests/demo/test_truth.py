"""What the tickets of the demo company tell is true of its machines, its people and its days."""

from datetime import timedelta

from sqlalchemy import select

from app.assets.models import InstalledProduct, Product
from app.core.permissions import SYSTEM
from app.people.models import Customer, StaffProfile
from app.seeding import seed_tickets
from app.tickets.models import Ticket
from app.tickets.origins import months_after
from tests.demo.test_demo import companies, demo
from ticket_templates.models import TicketTemplate

__all__ = ["companies", "demo"]


def test_machine_age_warranty_hands_and_days_agree(demo):
    seed_tickets(demo, 200, days=700, seed=7)
    with demo.reading(SYSTEM) as work:
        units = {one.id: one for one in work.session.scalars(select(InstalledProduct))}
        months = dict(work.session.execute(select(Product.id, Product.warranty_months)).all())
        homes = dict(work.session.execute(select(Customer.id, Customer.outlet_id)).all())
        staff = dict(work.session.execute(select(StaffProfile.user_id, StaffProfile.outlet_id)).all())
        for ticket, key in work.session.execute(select(Ticket, TicketTemplate.key).join(TicketTemplate)):
            day, values = (ticket.created_at + timedelta(hours=8)).date(), ticket.values
            unit = units.get(ticket.installed_product_id)
            if unit is not None:
                assert unit.customer_id == ticket.customer_id
                assert unit.installed_on < day
                if key == "appliance_repair" and "purchase_on" in values:
                    assert values["purchase_on"] == unit.sold_on.isoformat()
                    covered = day <= months_after(unit.installed_on, months[unit.product_id])
                    assert (values["warranty_status"] == "in_warranty") == covered
            if values.get("warranty_status") == "in_warranty":
                assert values.get("total_fee") is None
            assert all(end is None or end > ticket.created_at for end in (ticket.resolved_at, ticket.closed_at))
            if ticket.customer_id and staff.get(ticket.assignee_id):
                assert staff[ticket.assignee_id] == homes[ticket.customer_id] == ticket.outlet_id, ticket.number
            if ticket.state == "closed" and key == "appliance_repair":
                assert ticket.checklist
                assert values["work_summary"]
