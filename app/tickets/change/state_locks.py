"""What a ticket's state keeps from being changed: everything once it is closed, and by whom before."""

from collections.abc import Mapping
from typing import Any

from app.tickets.change.batch import Batch
from app.tickets.change.plan import HOLDERS, Plan, ordered_step
from app.tickets.orders import ChangeTicket
from ticket_templates import asking, standing, workflow
from ticket_templates.spec import CHECKLIST


def bar(batch: Batch, plan: Plan[ChangeTicket], columns: Mapping[str, Any]) -> bool:
    """Refuse what the state does not allow; return whether it did. Steps and notes are always possible."""
    order = plan.order
    if not (columns or order.answers or order.checklist):
        return False
    return _is_closed(plan, columns) or _is_reserved(batch, plan, columns)


def _is_closed(plan: Plan[ChangeTicket], columns: Mapping[str, Any]) -> bool:
    """Whether only a step leads on, which may bring along what it changes; one that stays, what it asks for."""
    step = ordered_step(plan)
    if plan.order.transition and (step is None or step.target or not _beyond(plan, columns)):
        return False
    locked = workflow.lock(plan.version, plan.row["state"], plan.row["category"])
    if locked is not None:
        plan.refuse(locked, code="closed")
    return locked is not None


def _beyond(plan: Plan[ChangeTicket], columns: Mapping[str, Any]) -> set[str]:
    """Return what is to be changed of what a ticket says and the step that is ordered does not ask for."""
    order, step = plan.order, ordered_step(plan)
    wished = {*order.answers, *columns} - {*HOLDERS} | ({CHECKLIST} if order.checklist else set())
    return wished - (asking.asked_with(plan.version, step) if step else set())


def _is_reserved(batch: Batch, plan: Plan[ChangeTicket], columns: Mapping[str, Any]) -> bool:
    """Whether the state leaves changes to others; a step is told what it asks for, by whoever may take it.

    Who holds the ticket is no part of what it says: it is handed over by whoever may do that. Of what nobody at all
    changes there, that is told.
    """
    why = workflow.reserved(plan.version, plan.row["state"], batch.actor)
    beyond = _beyond(plan, columns) if why is not None else ()
    if why is None or not beyond:
        return False
    stood = standing.settled(plan.version, plan.row["state"], beyond & plan.order.answers.keys())
    plan.refusals = (*plan.refusals, *stood)
    if beyond - {one.field for one in stood}:
        plan.refuse(why, code="not_allowed")
    return True
