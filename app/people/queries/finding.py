"""Finding a customer by whatever somebody says of himself."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from app.core.db import folded
from app.core.i18n import Label
from app.core.records.attributes import text_of
from app.core.work import Work
from app.people import phones, scope
from app.people.lookups import customer_matches
from app.people.models import Customer, Phone, Site
from app.people.queries.shown import phone_shown, site_address
from app.people.rights import demand

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


def find_customers(work: Work, text: str, limit: int = MOST_HITS) -> list[CustomerHit]:
    """Return the active customers of that phone, serial, code or (part of a) name; exact hits first.

    Of those the actor may work on: who finds one goes on to name it on a ticket.
    """
    demand(work, "customer.read")
    typed = text_of(text[:200], 200)
    if not typed:
        return []
    rows = work.session.scalars(
        select(Customer)
        .where(scope.customers_on_desk(work.actor), Customer.active.is_(True), customer_matches(typed))
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


@dataclass(frozen=True, slots=True)
class KnownPhone:
    """A number that is somebody's already, as the actor may see it."""

    id: int
    customer_id: int
    customer: str
    code: str
    phone: str


def known_phones(
    work: Work, indexes: Collection[str], *, customer_id: int | None = None, besides: int | None = None
) -> list[KnownPhone]:
    """Return who has numbers of these blind indexes, within reach; not those the customer ``customer_id`` has.

    ``besides``: the phone that is being changed, which says nothing about itself.
    """
    if not indexes or not work.actor.may("customer.read"):
        return []
    query = (
        # The index as it is stored: the phone itself may be the one that is being changed.
        select(Phone, Phone.number_index, Customer)
        .join(Customer, Customer.id == Phone.customer_id)
        .where(Phone.number_index.in_(indexes), scope.customers(work.actor))
        .order_by(Customer.id, Phone.id)
        .limit(2 * MOST_HITS)
    )
    # What is being written is asked about, not asked: flushed now, its own numbers would be found.
    with work.session.no_autoflush:
        found = [one for one in work.session.execute(query).all() if one.Phone.id != besides]
    own = {index for _phone, index, owner in found if owner.id == customer_id}
    return [
        KnownPhone(phone.id, owner.id, owner.name, owner.code, phone_shown(work, phone))
        for phone, index, owner in found
        if index not in own
    ][:MOST_HITS]


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
