"""What people's records are asked about: a phone that is somebody's already is often the same person twice.

Generators: nothing is looked up where nobody is asked, as in an import.
"""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import inspect
from sqlalchemy.orm import InstanceState

from app.core.i18n import _
from app.core.records.doubts import Doubt
from app.core.work import Work
from app.people import queries
from app.people.models import Contact, Customer, Phone


def customer(work: Work, row: Customer) -> Iterator[Doubt]:
    """Ask about the numbers that are new at this customer."""
    yield from _known("phones", queries.known_phones(work, _typed(row), customer_id=row.id))


def contact(work: Work, row: Contact) -> Iterator[Doubt]:
    """Ask about the numbers that are new at this person's customer."""
    yield from _known("phones", queries.known_phones(work, _typed(row), customer_id=row.customer_id))


def _typed(row: Customer | Contact) -> set[str]:
    # Without reading the phones of somebody whose phones were not sent.
    state: InstanceState[Any] = inspect(row)
    sent: list[Phone] = list(state.attrs.phones.history.sum())
    return {one.number_index for one in sent if inspect(one).attrs.number_index.history.has_changes()}


def phone(work: Work, row: Phone) -> Iterator[Doubt]:
    """Ask about a number that is new at its customer: typed, or moved here from another one."""
    state = inspect(row).attrs
    if not (state.number_index.history.has_changes() or state.customer_id.history.has_changes()):
        return
    found = queries.known_phones(work, {row.number_index}, customer_id=row.customer_id, besides=row.id)
    yield from _known("raw", found)


def _known(field: str, found: list[queries.KnownPhone]) -> Iterator[Doubt]:
    for one in found:
        yield Doubt(
            key=f"phone-{one.id}",
            field=field,
            text=_("%(phone)s is a phone of this customer", phone=one.phone),
            kind="customer",
            row_id=one.customer_id,
            name=f"{one.customer} ({one.code})",
        )
