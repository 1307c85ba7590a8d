"""Close children first: no order closes a ticket while the work below it is not done."""

from collections.abc import Sequence
from typing import Any

from app.core.work import Work
from app.tickets.change.plan import DONE, Plan
from app.tickets.links import family


def check(work: Work, plans: Sequence[Plan[Any]]) -> None:
    """Refuse to close parents of unfinished tickets; a child finished by the same batch counts as finished."""
    closing = {
        plan.row["id"]: plan
        for plan in plans
        if not plan.refusals and plan.new.get("category") == "closed" and plan.row["category"] != "closed"
    }
    if not closing:
        return
    waiting = family.unfinished(work, closing)
    finishing = {plan.row["id"]: plan for plan in plans if plan.new.get("category") in DONE}
    again = bool(waiting)
    while again:
        # A refused parent may be the child of another.
        again = False
        for parent, children in waiting.items():
            left = [one for one in children if one.id not in finishing or finishing[one.id].refusals]
            if left and not closing[parent].refusals:
                closing[parent].refuse(family.finish_first(left), "transition", "children")
                again = True
