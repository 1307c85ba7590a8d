"""What records keep, and that no table holds personal data in the clear: not the row, its record, journal or search."""

from datetime import date

import pytest
from sqlalchemy import inspect, text

from app.assets.records import INSTALLED_PRODUCT
from app.core.errors import DomainError
from app.core.permissions import SYSTEM
from app.core.records import service
from app.people.records import CUSTOMER, REGION, SITE, SKILL, STAFF
from app.tickets import service as ticket_service
from app.tickets.orders import ChangeTicket
from tests.clients import CAUSE
from tests.factories import people as make
from tests.factories import tickets as desk

SECRETS = (
    "13912345678",
    "139 1234 5678",
    "+8613912345678",
    "11010519491231002X",
    "梧桐苑十二栋",
    "13787654321",
    "13611110000",
)


def everything(work) -> dict[str, str]:
    """All text of all tables."""
    connection = work.session.connection()
    names = [name for name in inspect(connection).get_table_names() if not name.startswith("ticket_search_")]
    return {name: str(connection.execute(text(f'SELECT * FROM "{name}"')).all()) for name in names}  # noqa: S608 - names of our tables


def test_no_table_holds_personal_data_in_the_clear(work, make_work):
    person = make.account(work, "at.rest")
    work.session.info["work"] = clerk = make_work(person)
    row = service.create(
        clerk, CUSTOMER,
        {"name": "甲", "active": True, "id_number": "11010519491231002X", "phones": [{"raw": "139 1234 5678"}],
         "sites": [{"name": "家", "address_line": "梧桐苑十二栋"}]},
    )  # fmt: skip
    profile = make.profile_of(work, person)
    service.change(make_work(), STAFF, profile.id, {"phone": "13787654321"})
    ticket = desk.ticket(clerk, desk.template(work), {"phone": "13912345678"}, customer_id=row.id)
    ticket_service.change_ticket(clerk, ChangeTicket(ticket, answers={"phone": "13611110000"}))
    service.change(clerk, SITE, row.sites[0].id, {"address_line": "梧桐苑十二栋 302"})
    work.session.flush()
    found = [(name, secret) for name, rows in everything(work).items() for secret in SECRETS if secret in rows]
    assert found == []
    # By which a number is found stands beside the number alone: the record keeps no trace of it when that is gone.
    index = row.phones[0].number_index
    assert [name for name, rows in everything(work).items() if index in rows] == ["phone"]


def test_a_unit_keeps_its_dates_and_invoice(work):
    customer = make.customer(work, sites=[{"name": "家"}])
    unit = make.installed_product(work, customer)
    wish = {"serial": "SN-77", "sold_on": "2026-01-02", "delivered_on": "2026-01-05", "installed_on": "2026-01-06",
            "invoice_no": "FP-2026-001", "site_id": customer.sites[0].id}  # fmt: skip
    kept = service.change(work, INSTALLED_PRODUCT, unit.id, wish)
    assert (kept.sold_on, kept.delivered_on, kept.installed_on) == (
        date(2026, 1, 2),
        date(2026, 1, 5),
        date(2026, 1, 6),
    )
    assert (kept.serial, kept.invoice_no, kept.site_id) == ("SN-77", "FP-2026-001", customer.sites[0].id)


def test_staff_keep_skills_with_levels_and_certificates_regions_and_capacity(work):
    profile = make.profile_of(work, make.account(work, "skilled"))
    skill = service.create(work, SKILL, {"key": "cold", "labels": {"zh_Hans": "制冷", "zh_Hant": "製冷", "en": "Cold"}})
    region = service.create(work, REGION, {"code": "990001", "name": "示范区"})
    line = {"skill_id": skill.id, "level": 4, "certificate_no": "ZL-8", "valid_until_on": "2027-12-31"}
    kept = service.change(work, STAFF, profile.id, {"skills": [line], "regions": [region.code], "capacity_per_day": 6})
    (held,) = kept.skills
    assert (held.skill_id, held.level, held.certificate_no) == (skill.id, 4, "ZL-8")
    assert ([one.code for one in kept.regions], kept.capacity_per_day) == (["990001"], 6)


def test_a_skill_is_listed_once_in_a_profile(transactions):
    with transactions.unit_of_work(SYSTEM, CAUSE) as work:
        profile_id = make.profile_of(work, make.account(work, "twice")).id
        skill_id = service.create(work, SKILL, {"key": "heat", "labels": {"en": "Heat"}}).id
    twice = [{"skill_id": skill_id, "level": 4}, {"skill_id": skill_id, "level": 2}]
    with pytest.raises(DomainError) as caught, transactions.unit_of_work(SYSTEM, CAUSE) as work:
        service.change(work, STAFF, profile_id, {"skills": twice})
    (told,) = caught.value.refusals
    assert (str(told.message), told.field, told.code) == ("This skill is listed twice.", "skills-1-skill_id", "twice")
