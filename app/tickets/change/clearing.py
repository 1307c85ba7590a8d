"""What a step empties: answers and ticks of the time before it, and whose it was; the journal keeps them."""

from app.core.errors import Refusal
from app.core.i18n import _
from app.tickets.change.plan import Plan
from app.tickets.orders import ChangeTicket
from ticket_templates.facts import REQUIRABLE
from ticket_templates.field_types.base import is_empty
from ticket_templates.spec import CHECKLIST, Transition


def contradicted(plan: Plan[ChangeTicket], step: Transition) -> list[Refusal]:
    """Return what the order answers, ticks or names and its own step would empty again."""
    if not step.clears:
        return []
    order = plan.order
    named = [key for key in step.clears if not is_empty(order.answers.get(key))]
    named += [name for name in _held_by(step) if not is_empty(order.fields.get(name))]
    if CHECKLIST in step.clears and any(order.checklist.values()):
        named.append(CHECKLIST)
    message = _("“%(step)s” empties this; answer it afterwards.", step=step.labels)
    return [Refusal(message, key, "cleared") for key in named]


def untick(plan: Plan[ChangeTicket]) -> None:
    """Take all ticks away."""
    if ticked := plan.row["checklist"]:
        plan.new["checklist"] = {}
        plan.changes |= {f"{CHECKLIST}.{item}": [tick, None] for item, tick in ticked.items()}


def release(plan: Plan[ChangeTicket], step: Transition) -> bool:
    """Take the ticket out of the hands the step names; return whether it was in them.

    The step itself says so, to whoever may take it: that is no transfer, which would ask for a right and a reason.
    """
    held = [name for name in _held_by(step) if plan.column(name) is not None]
    for name in held:
        # What followed from another wish of this order, a new assignee's team, goes with it.
        plan.new.pop(name, None)
        plan.changes.pop(name, None)
        plan.set(name, None)
    return bool(held)


def _held_by(step: Transition) -> list[str]:
    """Return the columns of the holders the step empties."""
    return [REQUIRABLE[key][0] for key in step.clears if key in REQUIRABLE]
