"""Customers with their units, and a template whose fields take their defaults from them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from app.assets.models import InstalledProduct
from app.core.work import Work
from app.people.models import Contact, Customer, Site
from tests.factories import people, tickets
from ticket_templates.spec import FieldUse, Option, Section, TemplateSpec

#: Field → (type, what it takes its default from).
FROM: Mapping[str, tuple[str, str]] = {
    "serial": ("barcode", "installed_product.serial"),
    "brand": ("text", "installed_product.brand"),
    "sold": ("date", "installed_product.sold_on"),
    "warranty": ("radio", "installed_product.warranty"),
    "who": ("text", "customer.name"),
    "person": ("text", "contact.name"),
    "place": ("address", "site.address"),
}
_OPTIONS = tuple(Option(key, tickets.named(key)) for key in ("in_warranty", "out_of_warranty", "unknown"))
DEFAULTS: Mapping[str, str] = {"warranty": "unknown"}


def spec(**uses: FieldUse) -> TemplateSpec:
    """The small repair template with fields of `FROM`; ``uses`` in the place of some."""
    small = tickets.repair_spec()
    fields = {
        name: tickets.field_spec(name, kind, name, options=_OPTIONS if kind == "radio" else ())
        for name, (kind, _origin) in FROM.items()
    }
    known = tuple(
        uses.get(name) or FieldUse(name, default=DEFAULTS.get(name), default_from=origin)
        for name, (_kind, origin) in FROM.items()
    )
    section = Section("known", tickets.named("设备", "Unit"), known)
    return replace(small, fields={**small.fields, **fields}, sections=(*small.sections, section))


@dataclass(frozen=True, slots=True)
class Household:
    """A customer with a contact, a site and a unit."""

    customer: Customer
    contact: Contact
    site: Site
    unit: InstalledProduct

    @property
    def named(self) -> dict[str, int]:
        """What a ticket about it names."""
        return {
            "customer_id": self.customer.id, "contact_id": self.contact.id, "site_id": self.site.id,
            "installed_product_id": self.unit.id,
        }  # fmt: skip


def household(work: Work, name: str, serial: str | None, sold_on: date | None, **values: object) -> Household:
    """Make a customer with all that belongs to it; its unit is under warranty for twelve months."""
    customer = people.customer(work, name, **values)
    contact = Contact(customer_id=customer.id, name=f"{name}联系人")
    site = Site(customer_id=customer.id, name="家", address_line=f"{name}路 1 号")
    work.session.add_all([contact, site])
    work.session.flush()
    product = people.product(work, brand=f"{name}牌", warranty_months=12)
    unit = people.installed_product(work, customer, product, serial=serial, installed_on=None, sold_on=sold_on)
    return Household(customer, contact, site, unit)
