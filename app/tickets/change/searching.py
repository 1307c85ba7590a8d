"""What the search finds a ticket by, put together from the ticket and from what it points at."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import select

from app.assets.models import InstalledProduct
from app.core.keyring import KEYRING
from app.core.work import Work
from app.people.models import Customer, Tag
from app.tickets import search
from app.tickets.change.plan import Plan


def rows(work: Work, plans: Sequence[Plan[Any]]) -> list[tuple[int, list[str]]]:
    """Return the tokens of each ticket: number, subject, searchable answers, customer, serial number, tags."""
    customers = _names(work, Customer.id, Customer.name, (plan.column("customer_id") for plan in plans))
    serials = _names(
        work, InstalledProduct.id, InstalledProduct.serial, (plan.column("installed_product_id") for plan in plans)
    )
    tags = _names(work, Tag.id, Tag.name, (one for plan in plans for one in _tags(plan)))
    found = []
    for plan in plans:
        texts = [plan.column("number"), plan.column("subject"), plan.column("external_id") or ""]
        # Of a batch that names no customer, product or tag, no ticket is asked for its own.
        if customers:
            texts.append(customers.get(plan.column("customer_id"), ""))
        if serials:
            texts.append(serials.get(plan.column("installed_product_id"), ""))
        if tags:
            texts += [tags.get(one, "") for one in _tags(plan)]
        values = plan.column("values")
        texts += [text_of(values[key]) for key, text_of in plan.version.rules.searched if key in values]
        words = search.tokens(texts)
        words += marks(plan, values)
        found.append((plan.ticket_id, words))
    return found


def _tags(plan: Plan[Any]) -> list[int]:
    return [int(one) for one in plan.column("tags") or ()]


def marks(plan: Plan[Any], values: dict[str, Any]) -> Iterator[str]:
    """Yield the tokens of personal answers: what conditions ask for, and what is found as a whole by who knows it."""
    for key in plan.version.rules.personal & values.keys():
        kind = plan.version.types[key]
        value = plan.unsealed[key] if plan.unsealed is not None else kind.open(values[key])
        if kind.sealed:
            yield search.mark(kind.blind_index(value))
        if key in plan.version.rules.marked:
            yield from (search.mark(KEYRING.blind_index(one)) for one in kind.exact(value))


def _names(work: Work, key: Any, name: Any, ids: Iterable[int | None]) -> dict[int | None, str]:
    wanted = sorted({one for one in ids if one is not None})
    if not wanted:
        return {}
    return dict(work.session.execute(select(key, name).where(key.in_(wanted))).all())
