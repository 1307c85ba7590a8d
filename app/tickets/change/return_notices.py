"""To whom it is news that a ticket comes back: who has it, who gave it out.

Nobody names these people: they follow from the step taken. What a step means is told from the workflow's own shape,
so that it holds for steps of any name.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Text, cast, select

from app.core.work import Work
from app.people.dispatchers import Desk, dispatchers
from app.tickets import scope
from app.tickets.change.plan import DONE, Plan
from app.tickets.models import TicketEvent

#: Account id and ticket id → why it is news.
News = dict[tuple[int, int], str]
#: Changes by the `way` a ticket comes back or ends with them.
Ways = Mapping[str, Sequence[Plan[Any]]]
_HOLDER: Final = "assignee_id"


def ways_of(plans: Iterable[Plan[Any]]) -> Ways:
    """Return the changes by the `way` a ticket comes back or ends with them."""
    found: dict[str, list[Plan[Any]]] = {}
    for plan in plans:
        found.setdefault(way(plan), []).append(plan)
    return found


def coming_back(work: Work, ways: Ways) -> News:
    """Return for whom a ticket comes back; as many statements for a thousand of them as for one."""
    handed, reopened = ways.get("handed_back", []), ways.get("reopened", [])
    idle = [plan for plan in reopened if plan.column(_HOLDER) is None]
    past = _past(work, [plan.ticket_id for plan in (*handed, *idle)])
    news = _to_givers(work, handed, past)
    news |= {(held, plan.ticket_id): "reopened" for plan in idle if (held := _last(plan, past))}
    for kind in ("returned", "reopened", "cancelled"):
        for plan in ways.get(kind, []):
            # Who has just been given it is told that.
            if (held := plan.row[_HOLDER]) is not None and (kind == "cancelled" or held == plan.column(_HOLDER)):
                news[held, plan.ticket_id] = kind
    return news


def way(plan: Plan[Any]) -> str:
    """Return how a ticket comes back or ends by its change; empty: it goes on, or stays where it is."""
    before, after = plan.row.get("category"), plan.column("category")
    if plan.transition is not None:
        if after == "closed" and before not in DONE:
            return "cancelled"
        if before in DONE and after not in DONE:
            return "reopened"
        if after in DONE and DONE.index(after) > (DONE.index(before) if before in DONE else -1):
            return str(after)
    if after not in DONE and plan.row.get(_HOLDER) is not None and plan.column(_HOLDER) is None:
        # Given to a team or another outlet it is in new hands, though nobody's own.
        return "" if plan.new.get("team_id") or plan.new.get("outlet_id") else "handed_back"
    return "returned" if plan.transition is not None and not _goes_on(plan) else ""


def _goes_on(plan: Plan[Any]) -> bool:
    """Whether a step leads further in the order of the states; one that enters its own anew, explained, does not."""
    if "state" not in plan.new:
        return True
    order = plan.version.rules.places
    source, target = order.get(plan.row["state"], -1), order[plan.new["state"]]
    return target > source or (target == source and not plan.version.transitions[plan.transition or ""].note_required)


#: Who changed whose a ticket is, from whom, to whom; the latest first.
_Past = Mapping[int, Sequence[tuple[int | None, int | None, int | None]]]


def _past(work: Work, ticket_ids: Collection[int]) -> _Past:
    if not ticket_ids:
        return {}
    query = select(TicketEvent.ticket_id, TicketEvent.actor_id, TicketEvent.changes).where(
        TicketEvent.ticket_id.in_(sorted(ticket_ids)),
        cast(TicketEvent.changes, Text).contains(f'"{_HOLDER}"', autoescape=True),
    )
    found: dict[int, list[tuple[int | None, int | None, int | None]]] = {}
    for ticket_id, actor_id, changes in work.session.execute(query.order_by(TicketEvent.id.desc())):
        if _HOLDER in changes:
            found.setdefault(ticket_id, []).append((actor_id, *changes[_HOLDER]))
    return found


def _last(plan: Plan[Any], past: _Past) -> int | None:
    """Return who had a ticket last that nobody has."""
    before: int | None = plan.row[_HOLDER]
    named = (one for _by, old, new in past.get(plan.ticket_id, ()) for one in (new, old))
    return before or next((one for one in named if one is not None), None)


def _to_givers(work: Work, plans: Sequence[Plan[Any]], past: _Past) -> News:
    """Tell who gave a ticket out that it is given back; where that is nobody who sees it, who gives out there."""
    gave = {plan.ticket_id: _giver(plan, past) for plan in plans}
    asked: dict[int, list[int]] = {}
    for ticket_id, by in gave.items():
        if by is not None and by != work.actor.user_id:
            asked.setdefault(by, []).append(ticket_id)
    told = scope.within_each(work, asked) if asked else set()
    known = {ticket_id for ticket_id, _user in told}
    left = [one for one in plans if one.ticket_id not in known and gave[one.ticket_id] in (None, *asked)]
    desks = {plan.ticket_id: _desk(plan) for plan in left}
    people = dispatchers(work, set(desks.values()))
    waiting: dict[int, list[int]] = {}
    for ticket_id, desk in desks.items():
        for user_id in people[desk]:
            waiting.setdefault(user_id, []).append(ticket_id)
    told |= scope.within_each(work, waiting) if waiting else set()
    return {(user_id, ticket_id): "handed_back" for ticket_id, user_id in told}


def _giver(plan: Plan[Any], past: _Past) -> int | None:
    """Return who gave the ticket to whoever had it; None: nobody else did."""
    held = plan.row[_HOLDER]
    by = next((by for by, _old, new in past.get(plan.ticket_id, ()) if new == held), None)
    return None if by == held else by


def _desk(plan: Plan[Any]) -> Desk:
    """Return where a ticket is given out, and by which roles as its workflow has it."""
    steps = plan.version.rules.steps_from(plan.column("state"))
    roles = frozenset[str]().union(*(one.roles for one in steps if one.gives))
    return Desk(plan.column("outlet_id"), roles)
