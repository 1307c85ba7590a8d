"""Row scope of installed products: through their customer, or a ticket about the unit itself."""

from sqlalchemy import ColumnElement, or_, select, true

from app.assets.models import InstalledProduct
from app.core.permissions import Actor, Scope
from app.people import scope
from app.people.neighbours import TICKET


def installed_products(actor: Actor) -> ColumnElement[bool]:
    """Return the condition on `InstalledProduct`."""
    if actor.is_system or actor.scope is Scope.ALL:
        return true()
    named = select(TICKET.c.installed_product_id).where(scope.tickets_in_reach(actor))
    return or_(scope.of_customer(InstalledProduct.customer_id, actor), InstalledProduct.id.in_(named))
