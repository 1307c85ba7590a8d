"""Taking a tag off all that wear it, or putting another in its place: a job, as thousands of tickets may wear it.

Each customer and ticket is changed by its own door, so their histories tell it; the tag goes with the last of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Select, func, select
from sqlalchemy.orm import selectinload

from app.core.errors import DomainError, NotAllowedError
from app.core.i18n import _
from app.core.jobs import service as jobs
from app.core.jobs.kinds.base import ChunkOutcome
from app.core.permissions import Actor, Scope
from app.core.records import service as records
from app.core.records.uses import uses
from app.core.work import Work
from app.people.models import Customer, Tag, customer_tag
from app.people.records import TAG
from app.tickets import service
from app.tickets.models import TicketTag
from app.tickets.orders import ChangeTicket

KIND: Final = "retag"
#: Customers or tickets of one part of the job.
CHUNK: Final = 200
_NEEDED: Final = ("tag.delete", "customer.change", "ticket.change")


@dataclass(frozen=True, slots=True)
class Worn:
    """How many wear a tag."""

    customers: int
    tickets: int


def may_retag(actor: Actor) -> bool:
    """Whether the actor may change whatever wears a tag: nobody takes it off what is out of reach."""
    reaches_all = actor.is_system or actor.scope is Scope.ALL
    return reaches_all and all(actor.may(one) for one in _NEEDED)


def worn(work: Work, tag_id: int) -> Worn:
    """Return how many customers and tickets wear the tag, wherever they are."""
    return Worn(
        *(work.session.scalar(select(func.count()).select_from(one.subquery())) or 0 for one in _wearers(tag_id))
    )


def submit(work: Work, tag_id: int, into: int | None, token: str) -> int:
    """Have a tag taken off everything and deleted, ``into``: with that one in its place; return the job's id.

    Sent twice with one ``token`` it is one job.
    """
    if not may_retag(work.actor):
        message = _("Only who may change every customer and every ticket takes a tag off all of them.")
        raise NotAllowedError(message, code="not_allowed")
    tag = records.get(work, TAG, tag_id, lock=True)
    if into == tag_id:
        raise DomainError(_("A tag is merged into another one: choose which."), field="into", code="same")
    other = records.get(work, TAG, into) if into is not None else None
    customers, tickets = (list(work.session.scalars(one)) for one in _wearers(tag_id))
    chunks = [
        {"kind": kind, "ids": ids[start : start + CHUNK]}
        for kind, ids in (("customer", customers), ("ticket", tickets))
        for start in range(0, len(ids), CHUNK)
    ]
    if not chunks:
        records.delete(work, TAG, tag_id)
    subject = f"{tag.name} → {other.name}" if other else tag.name
    return jobs.submit(
        work, KIND, {"tag": tag_id, "into": into, "subject": subject}, chunks,
        idempotency_key=f"{KIND} {tag_id} {token}", total=len(customers) + len(tickets),
    )  # fmt: skip


def retag(work: Work, parameters: dict[str, Any], payload: dict[str, Any]) -> ChunkOutcome:
    """Do one part of the job; what wears the tag no longer is left alone."""
    if not may_retag(work.actor):
        raise NotAllowedError(_("You may not do this any more."), code="not_allowed")
    change = _customers if payload["kind"] == "customer" else _tickets
    return change(work, parameters["tag"], parameters["into"], payload["ids"])


def finish(work: Work, parameters: dict[str, Any]) -> dict[str, Any]:
    """Delete the tag, unless something wears it still: what refused to let it go, or was given it meanwhile."""
    tag = work.session.get(Tag, parameters["tag"])
    if tag is None or uses(work, tag):
        return {"kept": tag is not None}
    work.session.delete(tag)
    return {"kept": False}


def _wearers(tag_id: int) -> tuple[Select[Any], Select[Any]]:
    of_customers = select(customer_tag.c.customer_id).where(customer_tag.c.tag_id == tag_id)
    of_tickets = select(TicketTag.ticket_id).where(TicketTag.tag_id == tag_id)
    return of_customers.order_by(customer_tag.c.customer_id), of_tickets.order_by(TicketTag.ticket_id)


def _customers(work: Work, tag_id: int, into: int | None, ids: Sequence[int]) -> ChunkOutcome:
    other = records.get(work, TAG, into) if into is not None else None
    query = select(Customer).where(Customer.id.in_(ids)).order_by(Customer.id).options(selectinload(Customer.tags))
    done = 0
    for row in work.session.scalars(query.with_for_update(of=Customer)):
        if any(one.id == tag_id for one in row.tags):
            kept = [one for one in row.tags if one.id != tag_id]
            row.tags = [*kept, other] if other is not None and other not in kept else kept
            done += 1
    work.session.flush()
    return ChunkOutcome(done=done, unchanged=len(ids) - done)


def _tickets(work: Work, tag_id: int, into: int | None, ids: Sequence[int]) -> ChunkOutcome:
    wish = {"remove": [tag_id], "add": [] if into is None else [into]}
    wearing = set(work.session.scalars(_wearers(tag_id)[1].where(TicketTag.ticket_id.in_(ids))))
    found = service.change_tickets(work, [ChangeTicket(one, fields={"tags": wish}) for one in ids if one in wearing])
    count = {status: sum(one.status == status for one in found.outcomes) for status in ("changed", "refused")}
    said = [f"{one.number}: {one.refusals[0].message}" for one in found.outcomes if one.refusals]
    unchanged = len(ids) - sum(count.values())
    return ChunkOutcome(done=count["changed"], unchanged=unchanged, refused=count["refused"], detail={"refused": said})
