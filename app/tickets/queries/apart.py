"""What tells customers of one phone or name apart: how often they were helped, when last, and what stands at them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from app.assets import scope as assets_scope
from app.assets.models import InstalledProduct
from app.core.work import Work
from app.tickets import scope
from app.tickets.models import Ticket


@dataclass(frozen=True, slots=True)
class Apart:
    """What the actor may know of a customer's tickets and units; None: nothing at all."""

    tickets: int | None
    last_at: datetime | None
    units: int | None


def told_apart(work: Work, customer_ids: Collection[int]) -> dict[int, Apart]:
    """Return it for each of these customers, of what is within reach, in two statements however many they are."""
    tickets: dict[int | None, tuple[int, datetime]] = {}
    units: dict[int | None, int] = {}
    sees_tickets, sees_units = work.actor.may("ticket.read"), work.actor.may("installed_product.read")
    if customer_ids and sees_tickets:
        counted = select(Ticket.customer_id, func.count(), func.max(Ticket.created_at)).group_by(Ticket.customer_id)
        wanted = scope.in_reach(counted.where(Ticket.customer_id.in_(customer_ids)), work.actor)
        tickets = {key: (number, last) for key, number, last in work.session.execute(wanted)}
    if customer_ids and sees_units:
        standing = select(InstalledProduct.customer_id, func.count()).where(
            InstalledProduct.customer_id.in_(customer_ids), InstalledProduct.replaced_by_id.is_(None),
            assets_scope.installed_products(work.actor),
        )  # fmt: skip
        grouped = standing.group_by(InstalledProduct.customer_id)
        units = {key: number for key, number in work.session.execute(grouped)}  # noqa: C416 - rows are no pairs to types
    told = {}
    for key in customer_ids:
        number, last = tickets.get(key, (0, None))
        told[key] = Apart(number if sees_tickets else None, last, units.get(key, 0) if sees_units else None)
    return told
