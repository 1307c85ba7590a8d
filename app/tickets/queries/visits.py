"""Where somebody's tickets take him: when, to whom, to which door, and whom to call before."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select

from app.core.work import Work
from app.people import phones, privacy
from app.people.models import Customer, Phone, Region, Site
from app.tickets.rows import TicketRow

#: The field of an agreed time, as the templates we ship name it.
APPOINTMENT: Final = "appointment_at"


@dataclass(frozen=True, slots=True)
class Visit:
    """A ticket as a journey; personal data masked for who may not see it."""

    row: TicketRow
    at: datetime | None
    is_today: bool
    customer: str
    address: str
    phone: str


def visits(work: Work, rows: Sequence[TicketRow]) -> list[Visit]:
    """Return the visits of tickets in reach in three statements: today's, then by appointment, then as they came."""
    customers = _named(work, {row.columns["customer_id"] for row in rows} - {None})
    numbers = _numbers(work, set(customers))
    places = _places(work, {row.columns["site_id"] for row in rows} - {None})
    today = work.now.astimezone(work.company.zone).date()
    found = []
    for row in rows:
        customer, at = row.columns["customer_id"], _appointment(row)
        known = numbers.get(customer, {})
        found.append(
            Visit(
                row=row, at=at, is_today=at is not None and at.astimezone(work.company.zone).date() == today,
                customer=customers.get(customer, ""), address=places.get(row.columns["site_id"], ""),
                phone=known.get(row.columns["contact_id"]) or next(iter(known.values()), ""),
            )
        )  # fmt: skip
    return sorted(found, key=lambda one: (not one.is_today, one.at is None, one.at.timestamp() if one.at else 0))


def _appointment(row: TicketRow) -> datetime | None:
    value = row.columns["values"].get(APPOINTMENT) if APPOINTMENT in row.readable else None
    try:
        at = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return at if at is None or at.tzinfo else None


def _named(work: Work, ids: set[int]) -> dict[int, str]:
    if not ids:
        return {}
    rows = work.session.execute(select(Customer.id, Customer.name).where(Customer.id.in_(ids)))
    return {row.id: row.name for row in rows}


def _numbers(work: Work, customers: set[int]) -> dict[int, dict[int | None, str]]:
    """Return the first number of each contact (None: the customer's own) by customer."""
    if not customers:
        return {}
    plain = privacy.may_see(work.actor)
    # Decrypted only for who may read it.
    shown = Phone.raw if plain else Phone.tail
    query = select(Phone.customer_id, Phone.contact_id, shown).where(Phone.customer_id.in_(customers))
    found: dict[int, dict[int | None, str]] = {}
    for customer, contact, text in work.session.execute(query.order_by(Phone.contact_id.is_not(None), Phone.id)):
        number = phones.as_written(text) if plain else privacy.masked_phone(text)
        found.setdefault(customer, {}).setdefault(contact, number)
    return found


def _places(work: Work, sites: set[int]) -> dict[Any, str]:
    if not sites:
        return {}
    plain = privacy.may_see(work.actor)
    columns = (Site.id, Region.full_name, *((Site.address_line,) if plain else ()))
    query = select(*columns).outerjoin(Region, Region.code == Site.region_code).where(Site.id.in_(sites))
    return {row[0]: f"{row[1] or ''}{row[2] or '' if plain else privacy.masked_text('hidden')}"
            for row in work.session.execute(query)}  # fmt: skip
