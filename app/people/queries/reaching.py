"""How many customers are reached at once: for files, where a query a ticket would be a hundred thousand."""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.core.work import Work
from app.people import privacy
from app.people.models import Phone, Site
from app.people.queries.shown import phone_text, site_address


def first_phones(work: Work, customers: Iterable[int]) -> dict[tuple[int, int | None], str]:
    """Return the first phone of each of ``customers`` and of each of their contacts, as the actor may see it.

    Keys are (customer, contact); the customer's own, of no contact, is at (customer, None), or else a contact's.
    """
    wanted = sorted(set(customers))
    if not wanted:
        return {}
    found: dict[tuple[int, int | None], Phone] = {}
    query = select(Phone).where(Phone.customer_id.in_(wanted)).order_by(Phone.contact_id.is_not(None), Phone.id)
    for phone in work.session.scalars(query):
        found.setdefault((phone.customer_id, phone.contact_id), phone)
        found.setdefault((phone.customer_id, None), phone)
    plain = privacy.may_see(work.actor)
    return {key: phone_text(phone, plain=plain) for key, phone in found.items()}


def addresses(work: Work, sites: Iterable[int]) -> dict[int, str]:
    """Return the address of each of ``sites``, as the actor may see it."""
    wanted = sorted(set(sites))
    if not wanted:
        return {}
    query = select(Site).options(joinedload(Site.region)).where(Site.id.in_(wanted))
    return {site.id: site_address(work, site) for site in work.session.scalars(query)}
