"""How many customers are reached at once: for lists and files, where a query a ticket would be a hundred thousand."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Select, literal, null, select, union_all

from app.core.work import Work
from app.people import phones, privacy
from app.people.models import Customer, Phone, Region, Site
from app.people.queries.shown import address_text


@dataclass(frozen=True, slots=True)
class Doors:
    """Whom one asks for, where, and what one calls before; as the actor may see it."""

    #: Names by customer.
    names: dict[int, str] = field(default_factory=dict)
    #: The first phone by (customer, contact); the customer's own, or else a contact's, at (customer, None).
    phones: dict[tuple[int, int | None], str] = field(default_factory=dict)
    #: Addresses by site.
    addresses: dict[int, str] = field(default_factory=dict)


def doors(work: Work, customers: Iterable[int], sites: Iterable[int]) -> Doors:
    """Return how ``customers`` and their ``sites`` are reached, in one statement."""
    selects = [*_of_customers(sorted(set(customers))), *_of_sites(sorted(set(sites)))]
    found = Doors()
    if not selects:
        return found
    plain = privacy.may_see(work.actor)
    rows = work.session.execute(union_all(*selects) if selects[1:] else selects[0]).all()
    for kind, key, contact, _one, raw, number, text in sorted(rows, key=lambda row: (row[2] is not None, row[3])):
        if kind == "customer":
            found.names[key] = text
        elif kind == "site":
            found.addresses[key] = address_text(work, raw, text or "")
        else:
            shown = phones.shown(raw, number) if plain else privacy.masked_phone(text)
            found.phones.setdefault((key, contact), shown)
            found.phones.setdefault((key, None), shown)
    return found


def _of_customers(ids: list[int]) -> list[Select[Any]]:
    if not ids:
        return []
    # The phones first: what is encrypted is read as the first of the selects says.
    phone = (literal("phone"), Phone.customer_id, Phone.contact_id, Phone.id, Phone.raw, Phone.number, Phone.tail)
    name = (literal("customer"), Customer.id, null(), Customer.id, null(), null(), Customer.name)
    return [_select(*phone).where(Phone.customer_id.in_(ids)), _select(*name).where(Customer.id.in_(ids))]


def _of_sites(ids: list[int]) -> list[Select[Any]]:
    if not ids:
        return []
    site = _select(literal("site"), Site.id, null(), Site.id, Site.address_line, null(), Region.full_name)
    return [site.outerjoin(Region, Region.code == Site.region_code).where(Site.id.in_(ids))]


def _select(*columns: Any) -> Select[Any]:
    found: Select[Any] = select(*columns)
    return found
