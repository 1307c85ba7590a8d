"""Where a ticket may go from here: the steps out of its state as buttons, on its page, in a list and on a board."""

from functools import partial
from typing import Any

from app.core.i18n import label_in
from app.core.work import Work
from app.tickets import queries
from app.tickets.queries import TicketDetail
from ticket_templates import workflow
from ticket_templates.spec import State, Transition
from ticket_templates.workflow import Step
from views.base import current_locale
from views.tickets.desk import ticket_url


def step_buttons(work: Work, detail: TicketDetail) -> list[dict[str, Any]]:
    """Return the steps, what takes the work further first."""
    may_change = work.actor.may("ticket.change")
    found = []
    for step in sorted(queries.steps(work, detail), key=partial(_way, detail, detail.visible)):
        target = _target(detail, step)
        leads = bool(step.transition.target)
        needs_input = not step.blocked and (
            step.missing or step.unticked or step.answerable or step.transition.note_required
        )
        found.append(
            {
                "key": step.transition.key,
                "label": label_in(step.transition.labels, current_locale()),
                # Nowhere, for one that stays: no column of the board is where it leads.
                "target": target.key if leads else "",
                "target_label": label_in(target.labels, current_locale()) if leads else "",
                "category": target.category if leads else "",
                # What only waits for an answer can be given one in the dialog: that is an open step to a person.
                "open": step.open or bool(needs_input and may_change),
                "reasons": step.reasons,
                "leaves": _gives_up(detail, step),
                "url": f"{ticket_url(detail.number)}/steps/{step.transition.key}",
                # Asks for nothing, empties nothing and gives nothing up: one press is enough.
                "at_once": step.open
                and not (step.transition.asks or step.clears or step.transition.sets or _gives_up(detail, step)),
            }
        )
    return found


def assigning_step(detail: TicketDetail) -> Step | None:
    """Return the step by which this person gives the ticket to somebody; None: there is none now."""
    steps = queries.steps(detail.reader.work, detail)
    return next((one for one in steps if one.transition.gives and not one.blocked), None)


def awaited_step(detail: TicketDetail) -> Transition | None:
    """Return the step by which somebody gives a ticket that nobody has to a person; None: to name him is enough."""
    if detail.columns["assignee_id"] is not None:
        return None
    own = assigning_step(detail)
    return own.transition if own else workflow.first_giving(detail.version, detail.state, detail.reader.actor)


def _target(detail: TicketDetail, step: Step) -> State:
    return detail.version.states[step.transition.ways[detail.state]]


def _gives_up(detail: TicketDetail, step: Step) -> bool:
    """Whether a step gives the work up rather than taking it further: nothing is told with it but why."""
    ends = _target(detail, step).category == "closed"
    return ends and detail.category not in ("resolved", "closed") and not _tells(step)


def _tells(step: Step) -> bool:
    """Whether anything but a reason is told with a step."""
    return bool(step.transition.required or step.transition.moves)


def _is_for_others(detail: TicketDetail, visible: set[str], step: Step) -> bool:
    """Whether all a step is there to tell has no place in this ticket: a visit's time, of what was brought in."""
    told = [key for key in step.transition.required if key in detail.version.types]
    return bool(told) and not visible & set(told)


def _way(detail: TicketDetail, visible: set[str], step: Step) -> int:
    """Return where a step stands among the buttons: what takes the work further first, what gives it up last."""
    order, target = list(detail.version.states), _target(detail, step)
    if _gives_up(detail, step):
        return 4
    if not step.transition.target:
        # What puts a slip of the pen right is rarely what one came for.
        return 3 if target.category == "closed" or step.transition.takes_off else 1
    if detail.state not in order or order.index(target.key) <= order.index(detail.state):
        return 3
    if (step.transition.note_required and not _tells(step)) or _is_for_others(detail, visible, step):
        # What must be explained is not the usual way: a payment is recorded rather than the rest waived.
        return 2
    return 1 if target.category == "pending" else 0
