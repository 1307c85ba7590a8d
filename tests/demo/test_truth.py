"""What the tickets of the demo company tell is true of its machines, its people and its days."""

from datetime import timedelta

from sqlalchemy import func, select

from app.assets.models import InstalledProduct, Product
from app.core.permissions import SYSTEM
from app.demo.things import SKILLS, TAGS_OF_OTHERS
from app.people.models import Customer, Skill, StaffProfile, StaffSkill
from app.seeding import seed_tickets, seed_today
from app.seeding.appliances import APPLIANCES
from app.seeding.today import CALLS
from app.seeding.world import playing
from app.tickets.models import Ticket, TicketEvent
from app.tickets.origins import months_after
from ticket_templates.models import TicketTemplate


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
            if ticket.state in ("closed", "delivered"):
                owed = {name: values.get(name) for name in values if name.endswith("balance") or name == "balance_due"}
                assert not any(owed.values()), (ticket.number, owed)
            if ticket.state == "closed" and key == "appliance_repair":
                assert ticket.checklist
                assert values["work_summary"]


def test_a_new_installation_has_work_of_today(demo):
    """Tickets to hand out, some on somebody's desk already, some due within the day: the first job can be tried."""
    with demo.reading(SYSTEM) as work:
        before = work.session.scalar(select(func.max(Ticket.id))) or 0
        skills = _skills(work)
    assert seed_today(demo) == len(CALLS)
    with demo.reading(SYSTEM) as work:
        rows = work.session.execute(select(Ticket, TicketTemplate.key).join(TicketTemplate).where(Ticket.id > before))
        made = [(ticket, key) for ticket, key in rows]
        zone = work.company.zone
        today = work.now.astimezone(zone).date()
        assert {ticket.created_at.astimezone(zone).date() for ticket, _key in made} == {today}
        unassigned = [ticket for ticket, _key in made if ticket.assignee_id is None]
        assert len(unassigned) >= len(made) // 2
        assert {ticket.category for ticket in unassigned} == {"new"}
        assert all(ticket.outlet_id for ticket in unassigned)
        gave = select(TicketEvent.actor_id).where(TicketEvent.ticket_id > before, TicketEvent.transition == "assign")
        assert set(work.session.scalars(gave)) <= set(playing(work, "dispatcher"))
        assert any(ticket.due_at > work.now and ticket.due_at.astimezone(zone).date() == today for ticket in unassigned)
        desks = {one.assignee_id for one, key in made if key in ("complaint", "it_fault")}
        assert desks == {playing(work, "administrator")[0], playing(work, "dispatcher")[0]}
        sent = [ticket for ticket, key in made if key == "appliance_repair" and ticket.assignee_id]
        assert len(sent) == 2
        for ticket in sent:
            assert _needed(ticket) & skills[ticket.assignee_id], ticket.subject


def test_who_is_sent_can_do_it_and_what_is_said_of_people_fits_them(demo):
    seed_tickets(demo, 150, days=60, seed=11)
    with demo.reading(SYSTEM) as work:
        skills = _skills(work)
        for ticket, key in work.session.execute(select(Ticket, TicketTemplate.key).join(TicketTemplate)):
            if key in ("appliance_repair", "installation") and ticket.assignee_id:
                assert _needed(ticket) & skills[ticket.assignee_id], (ticket.number, ticket.subject)
            if key == "maintenance":
                owner = work.session.get_one(Customer, ticket.customer_id).kind
                assert ticket.values["product_category_text"] not in ("电视", "燃气灶", "洗碗机", "干衣机")
                assert owner == "company" or ticket.values["plan_name"] != "企业维保合同"
                assert owner == "company" or ticket.values.get("equipment_count") in (None, 1)
        for customer in work.session.scalars(select(Customer)):
            told = {tag.name for tag in customer.tags}
            assert told.isdisjoint(TAGS_OF_OTHERS[customer.kind]), customer.code


def _skills(work):
    query = select(StaffProfile.user_id, Skill.key).join(StaffSkill, StaffSkill.staff_id == StaffProfile.id)
    found = {}
    for user, key in work.session.execute(query.join(Skill, Skill.id == StaffSkill.skill_id)):
        found.setdefault(user, set()).add(key)
    return found


def _needed(ticket):
    sort = next(one for one in APPLIANCES if one.name == ticket.values["product_category_text"])
    return {key for key in (one["key"] for one in SKILLS) if sort.skill in key}
