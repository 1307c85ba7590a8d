"""One customer with everything a person sees at a glance."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from app.core.errors import NotFoundError
from app.core.i18n import Label, _
from app.core.work import Work
from app.people import privacy, scope
from app.people.models import Customer, Site
from app.people.neighbours import INSTALLED, PRODUCT
from app.people.queries.shown import email_shown, phone_shown, site_address
from app.people.rights import demand

#: What a card is made of, read with the customer.
CARD_LOADS: Final = (
    joinedload(Customer.level),
    joinedload(Customer.outlet),
    selectinload(Customer.tags),
    # Before the phones, which name some of them.
    selectinload(Customer.contacts),
    selectinload(Customer.phones),
    selectinload(Customer.sites).joinedload(Site.region),
)


@dataclass(frozen=True, slots=True)
class PhoneCard:
    """A phone of a customer; ``shown`` is masked unless the actor sees personal data."""

    id: int
    shown: str
    contact: str


@dataclass(frozen=True, slots=True)
class ContactCard:
    """A person to speak to."""

    id: int
    name: str
    position: str
    email: str
    is_primary: bool


@dataclass(frozen=True, slots=True)
class SiteCard:
    """A place of a customer; ``address`` is the region's whole name and the line."""

    id: int
    name: str
    region: str
    address: str
    latitude: float | None
    longitude: float | None


@dataclass(frozen=True, slots=True)
class UnitCard:
    """A unit installed at a customer."""

    id: int
    product: str
    brand: str
    model: str
    serial: str
    sold_on: date | None
    installed_on: date | None
    replaced: bool


@dataclass(frozen=True, slots=True)
class CustomerCard:
    """Everything a person sees of a customer at a glance, personal data masked where it must be."""

    id: int
    code: str
    name: str
    kind: str
    level: Label | None
    level_color: str
    outlet: str
    outlet_id: int | None
    id_number: str
    email: str
    remark: str
    active: bool
    tags: tuple[str, ...]
    created_at: datetime
    changed_at: datetime
    phones: Sequence[PhoneCard] = field(default=())
    contacts: Sequence[ContactCard] = field(default=())
    sites: Sequence[SiteCard] = field(default=())
    units: Sequence[UnitCard] = field(default=())


def customer_card(work: Work, customer_id: int) -> CustomerCard:
    """Return one customer in reach with phones, contacts, sites and units; NotFoundError otherwise."""
    demand(work, "customer.read")
    query = select(Customer).where(Customer.id == customer_id, scope.customer(work.actor))
    row = work.session.scalar(query.options(*CARD_LOADS))
    if row is None:
        raise NotFoundError(_("%(thing)s not found.", thing=_("Customer")), code="not_found")
    return card_of(work, row)


def card_of(work: Work, row: Customer) -> CustomerCard:
    """Return the card of a customer that was read within reach, with `CARD_LOADS`."""
    plain = privacy.may_see(work.actor)
    return CustomerCard(
        id=row.id,
        code=row.code,
        name=row.name,
        kind=row.kind,
        level=row.level.labels if row.level else None,
        level_color=row.level.color if row.level else "secondary",
        outlet=str(row.outlet or ""),
        outlet_id=row.outlet_id,
        id_number=(row.id_number or "") if plain else privacy.masked_id(row.id_number),
        email=email_shown(work, row.email),
        remark=row.remark or "",
        active=row.active,
        tags=tuple(sorted(tag.name for tag in row.tags)),
        created_at=row.created_at,
        changed_at=row.changed_at,
        phones=[PhoneCard(one.id, phone_shown(work, one), str(one.contact or "")) for one in row.phones],
        contacts=[
            ContactCard(one.id, one.name, one.position or "", email_shown(work, one.email), one.is_primary)
            for one in sorted(row.contacts, key=lambda one: (not one.is_primary, one.id))
        ],
        sites=[_site_card(work, one) for one in row.sites],
        units=_units(work, row.id) if work.actor.may("installed_product.read") else (),
    )


def _site_card(work: Work, site: Site) -> SiteCard:
    seen = privacy.may_see(work.actor)
    return SiteCard(
        id=site.id,
        name=site.name,
        region=site.region.full_name if site.region else "",
        address=site_address(work, site),
        latitude=site.latitude if seen else None,
        longitude=site.longitude if seen else None,
    )


def _units(work: Work, customer_id: int) -> list[UnitCard]:
    rows = work.session.execute(
        select(INSTALLED, PRODUCT.c.name, PRODUCT.c.brand, PRODUCT.c.model)
        .join(PRODUCT, PRODUCT.c.id == INSTALLED.c.product_id)
        .where(INSTALLED.c.customer_id == customer_id)
        .order_by(INSTALLED.c.replaced_by_id.is_not(None), INSTALLED.c.id.desc())
        .limit(200)
    )
    return [
        UnitCard(
            id=row.id,
            product=row.name,
            brand=row.brand or "",
            model=row.model or "",
            serial=row.serial,
            sold_on=row.sold_on,
            installed_on=row.installed_on,
            replaced=row.replaced_by_id is not None,
        )
        for row in rows
    ]
