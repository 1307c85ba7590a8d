"""Who names an assignee gives him the ticket: by the step that does so, where the workflow has one.

Without it a ticket would wait among those nobody has, and be on nobody's list. One that is opened takes the step in
the same transaction, after it was opened: the journal tells of both.
"""

from collections import ChainMap
from collections.abc import Mapping, Sequence
from typing import Any, Final

from app.core.errors import Refusal
from app.core.i18n import _
from app.core.permissions import Actor
from app.tickets.change import answering, changing, write
from app.tickets.change.batch import Batch
from app.tickets.change.named_things import NamedThings
from app.tickets.change.plan import HOLDERS, Plan
from app.tickets.change.read import NAMES
from app.tickets.change.tags import Tags
from app.tickets.orders import ChangeTicket, OpenTicket
from ticket_templates import workflow
from ticket_templates.spec import Transition

_ASSIGNEE: Final = "assignee_id"


def step_of(actor: Actor, plan: Plan[OpenTicket], columns: Mapping[str, Any]) -> Transition | None:
    """Return the step that gives a new ticket to whom ``columns`` name; None: it is simply his.

    A record that says itself in which state it is stays there.
    """
    if columns.get(_ASSIGNEE) is None or plan.order.state:
        return None
    return workflow.first_giving(plan.version, plan.version.initial, actor)


def decide(
    batch: Batch, named: tuple[NamedThings, Tags], plan: Plan[OpenTicket], step: Transition, columns: Mapping[str, Any]
) -> None:
    """Decide on the step as on any other; what stands in its way is wrong with the assignee."""
    if plan.refusals or plan.order.unread:
        return
    fields = {name: columns[name] for name in HOLDERS if columns.get(name) is not None}
    # What the new ticket becomes until it is written, its id, say, is seen here as well.
    row = ChainMap(plan.new, dict.fromkeys(NAMES))
    then = Plan(ChangeTicket(0, fields=fields, transition=step.key), plan.version, row)
    changing.decide(batch, named, then, fields)
    plan.refusals = tuple(dict.fromkeys(_at_assignee(one, step) for one in then.refusals))
    plan.doubts = (*plan.doubts, *(one for one in then.doubts if one not in plan.doubts))
    plan.then = then


def take(batch: Batch, plans: Sequence[Plan[OpenTicket]]) -> None:
    """Take the steps that were decided on, of tickets that are written by now."""
    following = [plan.then for plan in plans if plan.then is not None]
    for plan in plans:
        if plan.then is not None and plan.scopes and "values" in plan.then.new:
            # The answers it was decided on have got their numbers since.
            answering.answer(batch, plan.then, plan.then.columns(), named=False)
    batch.numbered(following)
    write.update_tickets(batch.work, following)


def _at_assignee(refusal: Refusal, step: Transition) -> Refusal:
    if refusal.field in HOLDERS and refusal.code != "required":
        return refusal
    message = _("“%(step)s” is not possible yet: %(reason)s", step=step.labels, reason=refusal.message)
    return Refusal(message, _ASSIGNEE, refusal.code)
