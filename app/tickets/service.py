"""All writes to tickets. Each goes through the change path (`app/tickets/change`): one ticket is a batch of one."""

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

from app.core.errors import ConflictError, DomainError, NotAllowedError, NotFoundError
from app.core.i18n import _
from app.core.work import Work
from app.tickets.change import locking, notices, splitting, watching
from app.tickets.change.changing import change_chunk
from app.tickets.change.linking import hold_families, link_chunk
from app.tickets.change.merging import merge_chunk
from app.tickets.change.opening import open_chunk
from app.tickets.change.unmerging import unmerge
from app.tickets.orders import BatchResult, ChangeTicket, LinkTickets, MergeTickets, OpenTicket, Outcome, SplitTicket

#: So many orders are decided and written at once: memory stays flat however large the batch is.
CHUNK = 1_000
_LARGE = 100

T = TypeVar("T")
_NOT_ALLOWED = {"not_allowed"}


def open_tickets(work: Work, orders: Sequence[OpenTicket]) -> BatchResult:
    """Open a ticket for each order; the outcomes are in their order, and a refused one never stops the others."""
    outcomes: list[Outcome] = []
    if len(orders) > CHUNK:
        locking.for_opening(work, orders)
    for chunk in _chunks(orders):
        with _uncollected(len(chunk)):
            outcomes += open_chunk(work, chunk)
    return BatchResult(tuple(outcomes))


def change_tickets(work: Work, orders: Sequence[ChangeTicket]) -> BatchResult:
    """Change tickets, each order all or nothing; two orders for one ticket are carried out one after the other."""
    outcomes: dict[int, Outcome] = {}
    chunks = [some for places in _rounds(orders) for some in _chunks(places)]
    if len(chunks) > 1:
        locking.for_changing(work, orders)
    for some in chunks:
        with _uncollected(len(some)):
            done = change_chunk(work, [orders[place] for place in some])
        outcomes.update(zip(some, done, strict=True))
    return BatchResult(tuple(outcomes[place] for place in range(len(orders))))


def link_tickets(work: Work, orders: Sequence[LinkTickets]) -> BatchResult:
    """Link pairs of tickets, or take links away; a refused order never stops the others."""
    if len(orders) > CHUNK:
        hold_families(work, orders)
        locking.for_pairs(work, ((order.ticket_id, order.other_id) for order in orders))
    return BatchResult(tuple(outcome for chunk in _chunks(orders) for outcome in link_chunk(work, chunk)))


def merge_tickets(work: Work, orders: Sequence[MergeTickets]) -> BatchResult:
    """Merge tickets into others, one order after the other, as each may stand on those before it."""
    if len(orders) > 1:
        locking.for_pairs(work, ((order.source_id, order.target_id) for order in orders))
    return BatchResult(tuple(outcome for order in orders for outcome in merge_chunk(work, [order], change_tickets)))


def merge_ticket(work: Work, order: MergeTickets) -> Outcome:
    """Merge a ticket into another; DomainError with every refusal when that cannot be."""
    return _granted(merge_tickets(work, [order]).outcomes[0])


def unmerge_ticket(work: Work, source_id: int, version: int | None = None) -> None:
    """Undo the merge of a ticket; DomainError with what stands in the way when that cannot be."""
    unmerge(work, source_id, version, change_tickets)


def split_ticket(work: Work, wish: SplitTicket) -> Outcome:
    """Split a ticket; return what became of the new one. DomainError with every refusal when it cannot be."""
    notes = tuple(dict.fromkeys(wish.notes))
    source = splitting.check(work, wish.source_id, wish.version)
    outcome = open_ticket(work, splitting.tagged(wish.order, source))
    # A submission that came twice made its ticket the first time, and its notes went then.
    if outcome.status == "changed" and outcome.ticket_id is not None:
        splitting.check_notes(work, wish.source_id, notes)
        link_ticket(work, LinkTickets(outcome.ticket_id, "relates", wish.source_id))
        splitting.move(work, wish.source_id, outcome.ticket_id, notes)
    return outcome


def open_ticket(work: Work, order: OpenTicket) -> Outcome:
    """Open one ticket; DomainError with every refusal when it cannot be."""
    return _granted(open_tickets(work, [order]).outcomes[0])


def change_ticket(work: Work, order: ChangeTicket) -> Outcome:
    """Change one ticket; DomainError with every refusal, ConflictError when a stale version was named."""
    return _granted(change_tickets(work, [order]).outcomes[0])


def link_ticket(work: Work, order: LinkTickets) -> Outcome:
    """Link two tickets, or take the link away; DomainError with every refusal when that cannot be."""
    return _granted(link_tickets(work, [order]).outcomes[0])


def watch(work: Work, ticket_id: int, *, on: bool = True, user_id: int | None = None) -> None:
    """Let somebody (the actor, unless told) be told of what happens to a ticket, or no longer."""
    if not work.actor.may("ticket.read"):
        raise NotAllowedError(_("You may not see tickets."), code="not_allowed")
    watching.watch(work, ticket_id, on=on, user_id=work.actor.user_id if user_id is None else user_id)


def mark_read(work: Work, ticket_id: int | None = None) -> None:
    """Take note that the actor has opened a ticket that was news to him; without one: he wants to hear of none."""
    notices.mark_read(work, ticket_id)


def _granted(outcome: Outcome) -> Outcome:
    if outcome.status != "refused":
        return outcome
    if outcome.conflict:
        raise ConflictError.of(outcome.refusals)
    codes = {refusal.code for refusal in outcome.refusals}
    if codes == {"not_found"} and not outcome.refusals[0].field:
        raise NotFoundError.of(outcome.refusals)
    raise (NotAllowedError if codes == _NOT_ALLOWED else DomainError).of(outcome.refusals)


@contextmanager
def _uncollected(orders: int) -> Iterator[None]:
    """Pause the garbage collector for a large chunk.

    It makes a hundred thousand objects that all live until it ends; to look for cycles among them, and among
    everything else the process holds, would cost as much again as the work.
    """
    pausing = orders >= _LARGE and gc.isenabled()
    if pausing:
        gc.disable()
    try:
        yield
    finally:
        if pausing:
            gc.enable()


def _chunks(items: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), CHUNK):
        yield items[start : start + CHUNK]


def _rounds(orders: Sequence[ChangeTicket]) -> Iterator[list[int]]:
    """Yield the places of orders such that no round names a ticket twice, in their order."""
    waiting = list(range(len(orders)))
    while waiting:
        seen: set[int] = set()
        now: list[int] = []
        later: list[int] = []
        for place in waiting:
            ticket_id = orders[place].ticket_id
            (later if ticket_id in seen else now).append(place)
            seen.add(ticket_id)
        yield now
        waiting = later
