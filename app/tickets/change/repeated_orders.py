"""Orders that were given before: a form sent twice, a row imported again. Each makes one ticket, however often."""

from collections.abc import Sequence
from typing import Any

from app.core.errors import Refusal
from app.core.i18n import _
from app.core.work import Work
from app.tickets.change import read
from app.tickets.models import Ticket
from app.tickets.orders import OpenTicket, Outcome

#: Columns of an order that name one real thing, however often it is submitted.
_KEYS = {"submission_key": (Ticket.submission_key, 80), "external_id": (Ticket.external_id, 120)}


def repeated(orders: Sequence[OpenTicket]) -> dict[int, int]:
    """Return the orders that name the key of an earlier one of the batch."""
    seen: dict[tuple[str, ...], int] = {}
    found: dict[int, int] = {}
    for place, order in enumerate(orders):
        if order.unread:
            continue
        keys = [("submission", "", order.submission_key)] if order.submission_key else []
        if order.external_id:
            keys.append(("external", order.external_source or "", order.external_id))
        for key in keys:
            if seen.setdefault(key, place) != place:
                found[place] = seen[key]
    return found


def again(outcome: Outcome) -> Outcome:
    """Return what is told of an order that came after another one of the same key."""
    if outcome.status != "changed":
        return outcome
    return Outcome("unchanged", outcome.ticket_id, outcome.number)


def existing(work: Work, orders: Sequence[OpenTicket], places: Sequence[int]) -> dict[int, Outcome]:
    """Return the outcomes of orders whose ticket exists already."""
    outcomes: dict[int, Outcome] = {}
    for name, (column, limit) in _KEYS.items():
        if name == "external_id" and not work.actor.may("ticket.import"):
            continue
        wanted = {
            (key, order.external_source if name == "external_id" else None): place
            for place in places
            if (key := getattr(order := orders[place], name)) and len(key) <= limit and not order.unread
        }
        if not wanted:
            continue
        for row in read.existing(work, column, sorted({key for key, _source in wanted})):
            source = row.external_source if name == "external_id" else None
            if (place := wanted.get((row.key, source))) is not None:
                outcomes[place] = _found(work, name, row)
    return outcomes


def _found(work: Work, name: str, row: Any) -> Outcome:
    if name == "submission_key" and row.created_by_id != work.actor.user_id:
        taken = Refusal(_("Somebody else used this key. Open the form again."), "submission_key", "taken")
        return Outcome("refused", refusals=(taken,))
    return Outcome("unchanged", row.id, row.number)
