"""Row scope of installed products: through their customer, or a ticket about the unit itself."""

from sqlalchemy import ColumnElement, and_, or_, select, true

from app.assets.models import InstalledProduct
from app.core.permissions import Actor, Scope
from app.people import scope
from app.people.neighbours import TICKET


def installed_products(actor: Actor) -> ColumnElement[bool]:
    """Return the condition on `InstalledProduct` that holds for the units the actor may read."""
    if actor.is_system or actor.scope is Scope.ALL:
        return true()
    named = select(TICKET.c.installed_product_id).where(scope.tickets_in_reach(actor))
    return or_(scope.of_customer(InstalledProduct.customer_id, actor), InstalledProduct.id.in_(named))


def installed_products_on_desk(actor: Actor) -> ColumnElement[bool]:
    """Return the condition on `InstalledProduct` that holds for the units the actor may work on.

    A unit of somebody follows its customer alone: else one's own unit could be put down at a customer one only reads.
    """
    if actor.is_system or actor.scope is Scope.ALL:
        return true()
    named = select(TICKET.c.installed_product_id).where(scope.tickets_on_desk(actor))
    nobodys = and_(InstalledProduct.customer_id.is_(None), InstalledProduct.id.in_(named))
    return or_(scope.of_customer_on_desk(InstalledProduct.customer_id, actor), nobodys)
