"""Reads of the people room: finding customers, one customer's card, the path of a region, who changed what."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from app.core.audit import AuditEvent
from app.core.db import folded
from app.core.errors import NotAllowedError, NotFoundError
from app.core.i18n import Label, _
from app.core.records.attributes import text_of
from app.core.work import Work
from app.people import phones, privacy, scope
from app.people.lookups import customer_matches
from app.people.models import Account, Customer, Phone, Region, Site
from app.people.neighbours import INSTALLED, PRODUCT

#: Hits of one search; whoever does not find it among these types more.
MOST_HITS: Final = 20


@dataclass(frozen=True, slots=True)
class CustomerHit:
    """A customer somebody may have meant. ``matched``: phone, serial, code or name."""

    id: int
    code: str
    name: str
    kind: str
    level: Label | None
    outlet: str
    phones: tuple[str, ...]
    #: Where they are, as far as the actor may see it.
    place: str
    matched: str


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


def find_customers(work: Work, text: str, limit: int = MOST_HITS) -> list[CustomerHit]:
    """Return the active customers in reach of that phone, serial, code or (part of a) name; exact hits first."""
    _demand(work, "customer.read")
    typed = text_of(text[:200], 200)
    if not typed:
        return []
    rows = work.session.scalars(
        select(Customer)
        .where(scope.customers(work.actor), Customer.active.is_(True), customer_matches(typed))
        .order_by(Customer.name_folded != folded(typed), Customer.name_folded, Customer.id)
        .limit(min(limit, MOST_HITS))
        .options(
            selectinload(Customer.level),
            selectinload(Customer.outlet),
            selectinload(Customer.phones),
            selectinload(Customer.sites).selectinload(Site.region),
        )
    )
    index = phones.index_of(typed)
    hits = [_hit(work, row, typed, index) for row in rows]
    return sorted(hits, key=lambda hit: ("phone", "serial", "code", "name").index(hit.matched))


def _hit(work: Work, row: Customer, typed: str, index: str | None) -> CustomerHit:
    if index and any(phone.number_index == index for phone in row.phones):
        matched = "phone"
    elif folded(typed) in row.name_folded:
        matched = "name"
    else:
        matched = "code" if row.code.lower().startswith(typed.lower()) else "serial"
    return CustomerHit(
        id=row.id,
        code=row.code,
        name=row.name,
        kind=row.kind,
        level=row.level.labels if row.level else None,
        outlet=str(row.outlet or ""),
        phones=tuple(phone_shown(work, phone) for phone in row.phones),
        place=next((site_address(work, one) for one in row.sites), ""),
        matched=matched,
    )


def customer_card(work: Work, customer_id: int) -> CustomerCard:
    """Return one customer in reach with phones, contacts, sites and units; NotFoundError otherwise."""
    _demand(work, "customer.read")
    row = work.session.scalar(
        select(Customer)
        .where(Customer.id == customer_id, scope.customers(work.actor))
        .options(
            selectinload(Customer.level),
            selectinload(Customer.outlet),
            selectinload(Customer.tags),
            selectinload(Customer.contacts),
            selectinload(Customer.phones).selectinload(Phone.contact),
            selectinload(Customer.sites).selectinload(Site.region),
        )
    )
    if row is None:
        raise NotFoundError(_("%(thing)s not found.", thing=_("Customer")), code="not_found")
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


def phone_shown(work: Work, phone: Phone) -> str:
    """Return a phone as the actor may see it, the extension kept."""
    return phone_text(phone, plain=privacy.may_see(work.actor))


def phone_text(phone: Phone, *, plain: bool) -> str:
    """Return a phone as people write it, or masked."""
    return phones.shown(phone.raw, phone.number) if plain else privacy.masked_phone(phone.tail)


def email_shown(work: Work, address: str | None) -> str:
    """Return an e-mail address as the actor may see it."""
    return (address or "") if privacy.may_see(work.actor) else privacy.masked_email(address)


def site_address(work: Work, site: Site) -> str:
    """Return region and address line as printed; without the right to personal data, the region and dots."""
    line = (site.address_line or "") if privacy.may_see(work.actor) else privacy.masked_text(site.address_line)
    return f"{site.region.full_name if site.region else ''}{line}"


def region_path(work: Work, code: str) -> list[Region]:
    """Return the regions from the province down to ``code``; empty when there is no such region."""
    path: list[Region] = []
    region = work.session.get(Region, code)
    while region is not None:
        path.insert(0, region)
        region = work.session.get(Region, region.parent_code) if region.parent_code else None
    return path


@dataclass(frozen=True, slots=True)
class Change:
    """One audited change of a record, the newest first in a list of them."""

    at: datetime
    by: str
    action: str
    table_name: str
    row_id: str
    cause: str
    changes: dict[str, list[Any]]


def history(work: Work, rows: Iterable[tuple[str, int | str]], limit: int = 50) -> list[Change]:
    """Return the last changes of the given (table, key) rows, with the names of who made them."""
    by_table: dict[str, list[str]] = {}
    for table_name, key in rows:
        by_table.setdefault(table_name, []).append(str(key))
    found: list[AuditEvent] = []
    for table_name, keys in by_table.items():
        found += work.session.scalars(
            select(AuditEvent)
            .where(AuditEvent.table_name == table_name, AuditEvent.row_id.in_(keys))
            .order_by(AuditEvent.id.desc())
            .limit(limit)
        )
    return changes_of(work, sorted(found, key=lambda event: -event.id)[:limit])


def changes_of(work: Work, events: Sequence[AuditEvent]) -> list[Change]:
    """Return audit events with the names of who made them, in one statement more."""
    names = account_names(work, {event.actor_id for event in events if event.actor_id is not None})
    return [
        Change(
            at=event.at,
            by=names.get(event.actor_id, "") if event.actor_id is not None else "",
            action=event.action,
            table_name=event.table_name,
            row_id=event.row_id,
            cause=str(event.cause.get("kind", "")),
            changes=event.changes,
        )
        for event in events
    ]


@dataclass(frozen=True, slots=True)
class AuditPage:
    """A page of the audit record; ``next_before`` asks for the next one, None: there is none."""

    changes: Sequence[Change]
    next_before: int | None


def audit_page(
    work: Work, *, table_name: str = "", actor_id: int | None = None, before: int | None = None, size: int = 50
) -> AuditPage:
    """Return a page of all audited changes, newest first, paged by key."""
    _demand(work, "audit.read")
    query = select(AuditEvent).order_by(AuditEvent.id.desc()).limit(size + 1)
    if table_name:
        query = query.where(AuditEvent.table_name == table_name)
    if actor_id is not None:
        query = query.where(AuditEvent.actor_id == min(actor_id, 2**31 - 1))
    if before is not None:
        query = query.where(AuditEvent.id < before)
    found = list(work.session.scalars(query))
    return AuditPage(changes_of(work, found[:size]), found[size - 1].id if len(found) > size else None)


def account_names(work: Work, ids: Iterable[int]) -> dict[int, str]:
    """Return how accounts are called, also those that left."""
    wanted = set(ids)
    if not wanted:
        return {}
    rows = work.session.scalars(select(Account).where(Account.id.in_(wanted)))
    return {row.id: " ".join(part for part in (row.first_name, row.last_name) if part) or row.username for row in rows}


def _demand(work: Work, permission: str) -> None:
    if not work.actor.may(permission):
        raise NotAllowedError(_("You may not do this: %(permission)s.", permission=permission), code="not_allowed")
