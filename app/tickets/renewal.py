"""Keeping what the search finds tickets by in step with what they point at: a customer, a tag, a serial renamed."""

from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import Any, Final

from sqlalchemy import Select, func, select

from app.core.audit import RecordsChanged
from app.core.jobs import queries as job_queries
from app.core.jobs import service as jobs
from app.core.work import Work
from app.tickets import search
from app.tickets.change import searching
from app.tickets.change.plan import Plan
from app.tickets.change.read import TICKET
from app.tickets.models import Ticket, TicketTag
from app.tickets.orders import ChangeTicket
from ticket_templates import queries as templates

#: So many tickets are renewed with the change itself, so that the next search is right; more become a job.
AT_ONCE: Final = 200
#: Tickets of one part of a job.
CHUNK: Final = 1_000
KIND: Final = "renew_search"
#: To be raised with each new way to find a ticket: the next `gongdan init` then has those from before renewed.
EDITION: Final = 1
#: Table → the ticket's column that points at it.
_POINTERS: Final = {"customer": "customer_id", "installed_product": "installed_product_id", "tag": "tags"}
_READ: Final = (
    "id", "number", "subject", "external_id", "values", "version_id", "customer_id", "installed_product_id", "tags",
)  # fmt: skip


def follow(work: Work, event: RecordsChanged) -> None:
    """Renew the tickets that point at what was renamed."""
    column = _POINTERS.get(event.table)
    if column is None:
        return
    ids = work.session.scalars(_pointing(column, event.ids).limit(AT_ONCE + 1)).all()
    if len(ids) <= AT_ONCE:
        renew(work, ids)
        return
    every = work.session.scalars(_pointing(column, event.ids)).all()
    keys = sorted(event.ids)
    chunks = [
        {"column": column, "keys": keys, "first": some[0], "last": some[-1]}
        for some in (every[start : start + CHUNK] for start in range(0, len(every), CHUNK))
    ]
    mark = sha256(f"{column} {keys}".encode()).hexdigest()[:32]
    jobs.submit(
        work, KIND, {"column": column, "keys": keys}, chunks,
        idempotency_key=f"{KIND} {mark} {work.now.isoformat()}", total=len(every),
    )  # fmt: skip


def renew_range(work: Work, payload: dict[str, Any]) -> int:
    """Renew the tickets of one part of a job; return how many there were."""
    between = Ticket.id.between(payload["first"], payload["last"])
    some = _pointing(payload["column"], payload["keys"]) if "column" in payload else select(Ticket.id)
    return renew(work, work.session.scalars(some.where(between)).all())


def renew_older(work: Work) -> None:
    """Have all tickets renewed that are older than this edition of the search; asked for again, it is the same job."""
    last = work.session.scalar(select(func.max(Ticket.id))) or 0
    chunks = [{"first": first, "last": first + CHUNK - 1} for first in range(1, last + 1, CHUNK)]
    jobs.submit(work, KIND, {"edition": EDITION}, chunks, idempotency_key=_edition(), total=count_all(work))


def note_renewed(work: Work, count: int) -> None:
    """Note that all tickets were renewed otherwise, though the job of it should fail."""
    key = _edition() + work.now.isoformat()
    jobs.submit(work, KIND, {"edition": EDITION}, (), idempotency_key=key, total=count)


def states(work: Work) -> set[str]:
    """Return the states of what brought all tickets to this edition of the search; one of them done: they are there."""
    return set(job_queries.states_of(work, _edition()))


def _edition() -> str:
    return f"{KIND} edition {EDITION}: "


def count_all(work: Work) -> int:
    """Return how many tickets `renew_next` would go through."""
    return work.session.scalar(select(func.count()).select_from(TICKET)) or 0


def renew_next(work: Work, after: int) -> tuple[int, int] | None:
    """Renew the next chunk of all tickets, those behind the id ``after``; return its last id and how many there were.

    None: there are no more. A chunk is renewed as it is now, so it does not matter how often that is done.
    """
    ids = work.session.scalars(select(Ticket.id).where(Ticket.id > after).order_by(Ticket.id).limit(CHUNK)).all()
    return (ids[-1], renew(work, ids)) if ids else None


def renew(work: Work, ticket_ids: Sequence[int]) -> int:
    """Write anew what the search finds these tickets by, whoever may see them; return how many there are.

    Their rows are locked meanwhile: who changes one of them writes its words after us, and knows the new name.
    """
    if not ticket_ids:
        return 0
    query = select(*(TICKET.c[name] for name in _READ)).where(TICKET.c.id.in_(sorted(set(ticket_ids))))
    if work.dialect == "postgresql":
        query = query.order_by(TICKET.c.id).with_for_update(key_share=True)
    rows = [dict(row) for row in work.session.execute(query).mappings()]
    versions = templates.versions(work, {row["version_id"] for row in rows})
    plans: Iterable[Plan[ChangeTicket]] = (
        Plan(ChangeTicket(row["id"]), versions[row["version_id"]], row) for row in rows
    )
    search.write(work.session.connection(), searching.rows(work, list(plans)), fresh=False)
    return len(rows)


def _pointing(column: str, keys: Sequence[int]) -> Select[Any]:
    if column == "tags":
        named = Ticket.id.in_(select(TicketTag.ticket_id).where(TicketTag.tag_id.in_(list(keys))))
    else:
        named = getattr(Ticket, column).in_(list(keys))
    return select(Ticket.id).where(named).order_by(Ticket.id)
