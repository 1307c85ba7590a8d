"""Splitting a ticket: some of its notes, with their files, go over to a new one, which both journals tell of."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from sqlalchemy import select, update

from app.core.errors import ConflictError, DomainError, NotAllowedError, NotFoundError
from app.core.i18n import _
from app.core.work import Work
from app.tickets.change import read, write
from app.tickets.change.plan import CONFLICT, NOT_FOUND, NOT_YOURS
from app.tickets.events import TicketChange
from app.tickets.links import merges
from app.tickets.links.kinds import MOVED, SPLIT_FROM, SPLIT_INTO
from app.tickets.merged import MERGED
from app.tickets.models import Attachment, TicketNote
from app.tickets.orders import OpenTicket

#: So many notes nobody reads through; a ticket of more is merged, not split.
MOST_NOTES: Final = 200


def check(work: Work, source_id: int, version: int | None) -> Mapping[str, Any]:
    """Keep the ticket to this transaction and return its row; DomainError with what stands in the way of a split."""
    if not work.actor.may("ticket.merge"):
        raise NotAllowedError(_("You may not split tickets."), code="not_allowed")
    rows = read.rows(work, [source_id])
    row = rows.columns.get(source_id)
    if row is None:
        raise NotFoundError(NOT_FOUND, code="not_found")
    if source_id not in rows.yours:
        raise NotAllowedError(NOT_YOURS, code="not_allowed")
    if row["state"] == MERGED.key:
        raise DomainError(merges.gone_on(merges.of_sources(work, [source_id]).get(source_id)), code="merged")
    if version is not None and version != row["version"]:
        raise ConflictError(CONFLICT, code="conflict")
    return row


def tagged(order: OpenTicket, row: Mapping[str, Any]) -> OpenTicket:
    """Return the order of the new ticket with the tags of the one it comes from, where it names none itself."""
    if "tags" in order.fields or not row["tags"]:
        return order
    return replace(order, fields={**order.fields, "tags": [int(one) for one in row["tags"]]})


def check_notes(work: Work, source_id: int, note_ids: Sequence[int]) -> None:
    """Refuse notes that are not the ticket's."""
    if len(note_ids) > MOST_NOTES:
        raise DomainError(_("At most %(limit)s notes can be moved at once.", limit=MOST_NOTES), field="notes")
    own = select(TicketNote.id).where(TicketNote.ticket_id == source_id, TicketNote.id.in_(note_ids))
    if set(work.session.scalars(own)) != set(note_ids):
        raise DomainError(_("A note you chose is no longer on this ticket."), field="notes", code="not_found")


def move(work: Work, source_id: int, new_id: int, note_ids: Sequence[int]) -> None:
    """Move the notes and their files to the new ticket, and tell it in both journals."""
    if note_ids:
        work.session.execute(
            update(TicketNote)
            .where(TicketNote.ticket_id == source_id, TicketNote.id.in_(note_ids))
            .values(ticket_id=new_id)
            .execution_options(synchronize_session=False)
        )
        work.session.execute(
            update(Attachment)
            .where(Attachment.ticket_id == source_id, Attachment.note_id.in_(note_ids))
            .values(ticket_id=new_id)
            .execution_options(synchronize_session=False)
        )
    versions = {key: row["version"] for key, row in read.rows(work, [source_id, new_id]).columns.items()}
    moved = {MOVED: [None, len(note_ids)]} if note_ids else {}
    told = (
        TicketChange(source_id, "split", {SPLIT_INTO: [None, new_id], **moved}),
        TicketChange(new_id, "split", {SPLIT_FROM: [None, source_id], **moved}),
    )
    write.happened(work, [(one, versions.get(one.ticket_id, 1)) for one in told])
