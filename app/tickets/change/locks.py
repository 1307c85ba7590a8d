"""What a ticket's state keeps from being changed: everything once it is closed, and by whom before."""

from collections.abc import Mapping
from typing import Any

from app.tickets.change.batch import Batch
from app.tickets.change.plan import HOLDERS, Plan
from app.tickets.orders import ChangeTicket
from ticket_templates import asking, standing, workflow
from ticket_templates.spec import CHECKLIST


def bar(batch: Batch, plan: Plan[ChangeTicket], columns: Mapping[str, Any]) -> bool:
    """Refuse what the state does not allow; return whether it did. Steps and notes are always possible."""
    order = plan.order
    if not (columns or order.answers or order.checklist):
        return False
    return _is_closed(plan) or _is_reserved(batch, plan, columns)


def _is_closed(plan: Plan[ChangeTicket]) -> bool:
    """Whether only a step leads on, which may bring along what it changes."""
    if plan.order.transition:
        return False
    locked = workflow.lock(plan.version, plan.row["state"], plan.row["category"])
    if locked is not None:
        plan.refuse(locked, code="closed")
    return locked is not None


def _is_reserved(batch: Batch, plan: Plan[ChangeTicket], columns: Mapping[str, Any]) -> bool:
    """Whether the state leaves changes to others; a step is told what it asks for, by whoever may take it.

    Who holds the ticket is no part of what it says: it is handed over by whoever may do that. Of what nobody at all
    changes there, that is told.
    """
    order, version = plan.order, plan.version
    why = workflow.reserved(version, plan.row["state"], batch.actor)
    if why is None:
        return False
    step = version.transitions.get(order.transition) if order.transition else None
    asked = asking.asked_with(version, step) if step else set()
    wished = {*order.answers, *columns} - {*HOLDERS} | ({CHECKLIST} if order.checklist else set())
    beyond = wished - asked
    if not beyond:
        return False
    stood = standing.settled(version, plan.row["state"], beyond & order.answers.keys())
    plan.refusals = (*plan.refusals, *stood)
    if beyond - {one.field for one in stood}:
        plan.refuse(why, code="not_allowed")
    return True
