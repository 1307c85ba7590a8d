"""What a step empties: answers and ticks of the time before it, which the journal keeps."""

from app.core.errors import Refusal
from app.core.i18n import _
from app.tickets.change.plan import Plan
from app.tickets.orders import ChangeTicket
from ticket_templates.field_types.base import is_empty
from ticket_templates.spec import CHECKLIST, Transition


def contradicted(plan: Plan[ChangeTicket], step: Transition) -> list[Refusal]:
    """Return what the order answers or ticks and its own step would empty again."""
    order = plan.order
    named = [key for key in step.clears if not is_empty(order.answers.get(key))]
    if CHECKLIST in step.clears and any(order.checklist.values()):
        named.append(CHECKLIST)
    message = _("“%(step)s” empties this; answer it afterwards.", step=step.labels)
    return [Refusal(message, key, "cleared") for key in named]


def untick(plan: Plan[ChangeTicket]) -> None:
    """Take all ticks away."""
    if ticked := plan.row["checklist"]:
        plan.new["checklist"] = {}
        plan.changes |= {f"{CHECKLIST}.{item}": [tick, None] for item, tick in ticked.items()}
