"""What is known of a ticket's customer, site and product answers the fields nobody answered."""

from dataclasses import replace
from datetime import date

import pytest

from app.assets.models import InstalledProduct, Product, ProductCategory
from app.core.permissions import Scope
from app.people.models import CustomerLevel, Site
from app.tickets import queries, service
from app.tickets.orders import ChangeTicket, OpenTicket
from app.tickets.origins import RECORDS, months_after
from tests.clients import statements
from tests.factories import people, tickets
from ticket_templates.origins import ORIGINS
from ticket_templates.spec import FieldUse, Option, Section

_FROM = {
    "serial": ("barcode", "installed_product.serial"),
    "brand": ("text", "installed_product.brand"),
    "category": ("text", "installed_product.product_category"),
    "product": ("product", "installed_product.product"),
    "sold": ("date", "installed_product.sold_on"),
    "warranty": ("radio", "installed_product.warranty"),
    "level": ("text", "customer.level"),
    "place": ("address", "site.address"),
}
_OPTIONS = tuple(Option(key, tickets.named(key)) for key in ("in_warranty", "out_of_warranty", "unknown"))


@pytest.fixture
def key(work):
    spec = tickets.repair_spec()
    fields = {
        name: tickets.field_spec(name, kind, name, options=_OPTIONS if kind == "radio" else ())
        for name, (kind, _origin) in _FROM.items()
    }
    uses = tuple(
        FieldUse(name, default="unknown" if kind == "radio" else None, default_from=origin)
        for name, (kind, origin) in _FROM.items()
    )
    known = Section("known", tickets.named("设备", "Unit"), uses)
    return tickets.template(
        work, spec=replace(spec, fields={**spec.fields, **fields}, sections=(*spec.sections, known))
    )


@pytest.fixture
def unit(work):
    customer = people.customer(work, "海天家电")
    level = CustomerLevel(key=f"gold{customer.id}", labels={"zh_Hans": "金牌", "en": "Gold"})
    category = ProductCategory(code=f"c{customer.id}", name="空调", path="/c/")
    work.session.add_all([level, category])
    work.session.flush()
    customer.level_id = level.id
    site = Site(customer_id=customer.id, name="家", address_line="科技园路 12 号")
    product = Product(
        code=f"p{customer.id}", name="挂机", brand="格力", category_id=category.id, warranty_months=12, active=True
    )
    work.session.add_all([site, product])
    work.session.flush()
    unit = InstalledProduct(
        product_id=product.id, serial="SN-1", customer_id=customer.id, site_id=site.id, sold_on=date(2025, 11, 20)
    )
    work.session.add(unit)
    work.session.flush()
    return unit


def opened(work, key, fields, answers=None):
    outcome = service.open_ticket(work, OpenTicket(key, fields, {"fault": "漏水"} | (answers or {})))
    return queries.ticket(work, outcome.number).values


def test_unasked_fields_take_what_is_known(work, key, unit):
    fields = {"installed_product_id": unit.id, "customer_id": unit.customer_id, "site_id": unit.site_id}
    assert opened(work, key, fields) == {
        "fault": "漏水", "serial": "SN-1", "brand": "格力", "category": "空调", "product": unit.product_id,
        "sold": "2025-11-20", "warranty": "out_of_warranty", "level": "金牌", "place": {"line": "科技园路 12 号"},
    }  # fmt: skip


def test_what_was_answered_stays_even_when_it_is_nothing(work, key, unit):
    values = opened(
        work, key, {"installed_product_id": unit.id}, {"brand": "美的", "serial": "", "warranty": "unknown"}
    )
    assert (values["brand"], "serial" in values, values["warranty"]) == ("美的", False, "unknown")
    assert values["level"] == "金牌"  # the unit's customer became the ticket's


def test_without_a_product_the_template_s_own_default_holds(work, key):
    assert opened(work, key, {}) == {"fault": "漏水", "warranty": "unknown"}


def test_what_does_not_fit_the_field_is_left_out(work, key, unit):
    unit.sold_on = date(1899, 1, 1)
    values = opened(work, key, {"installed_product_id": unit.id})
    assert "sold" not in values
    assert values["serial"] == "SN-1"


def test_nobody_learns_of_what_is_out_of_reach(work, make_work, key, unit):
    stranger = make_work(tickets.actor(work, "clerk", scope=Scope.OWN))
    order = OpenTicket(key, {"installed_product_id": unit.id}, {"fault": "漏水"})
    outcome = service.open_tickets(stranger, [order]).outcomes[0]
    assert [(one.field, one.code) for one in outcome.refusals] == [("installed_product_id", "not_found")]


def test_a_batch_reads_each_kind_once(work, key, unit):
    orders = [OpenTicket(key, {"installed_product_id": unit.id}, {"fault": f"故障 {i}"}) for i in range(5)]
    with statements(work.session.get_bind()) as few:
        service.open_tickets(work, orders[:1])
    with statements(work.session.get_bind()) as many:
        outcomes = service.open_tickets(work, orders[1:]).outcomes
    assert len(many) <= len(few) + 1
    assert all(queries.ticket(work, one.number).values["serial"] == "SN-1" for one in outcomes)


def test_a_batch_reads_the_names_of_several_products_at_once(work, key):
    units = [people.installed_product(work, None, people.product(work)).id for _ in range(6)]
    orders = [OpenTicket(key, {"installed_product_id": one}, {"fault": "漏水"}) for one in units]
    with statements(work.session.get_bind()) as few:
        service.open_tickets(work, orders[:1])
    with statements(work.session.get_bind()) as many:
        opened = service.open_tickets(work, orders[1:5]).outcomes
    assert len(many) <= len(few)
    moved = [ChangeTicket(one.ticket_id, fields={"installed_product_id": units[5]}) for one in opened]
    with statements(work.session.get_bind()) as few:
        service.change_tickets(work, moved[:1])
    with statements(work.session.get_bind()) as many:
        service.change_tickets(work, moved[1:])
    assert len(many) <= len(few)


@pytest.mark.parametrize(
    ("day", "months", "end"),
    [
        (date(2025, 1, 31), 1, date(2025, 2, 28)),
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2025, 12, 1), 24, date(2027, 12, 1)),
        (date(2199, 6, 1), 600, date(2249, 6, 1)),
        (date(9999, 6, 1), 600, date.max),
    ],
)
def test_months_after(day, months, end):
    assert months_after(day, months) == end


def test_every_origin_has_a_reader():
    assert {origin.record for origin in ORIGINS.values()} == set(RECORDS)
