"""Uploads nobody claimed: the row goes after a day, and after the commit its file."""

from datetime import timedelta

from sqlalchemy import delete, event, select
from sqlalchemy.orm import Session

from app.core.work import Work
from app.tickets.attachments import storage
from app.tickets.models import Attachment

KEPT_FOR = timedelta(days=1)
_AT_ONCE = 500


def sweep_unclaimed(work: Work) -> int:
    """Delete uploads no ticket claimed within a day; return how many. Call again while it returns any."""
    query = (
        select(Attachment.id, Attachment.storage_key)
        .where(Attachment.ticket_id.is_(None), Attachment.uploaded_at < work.now - KEPT_FOR)
        .order_by(Attachment.id)
        .limit(_AT_ONCE)
    )
    if work.dialect == "postgresql":
        query = query.with_for_update(skip_locked=True)
    found = {row.id: row.storage_key for row in work.session.execute(query)}
    if not found:
        return 0
    gone = work.session.scalars(
        delete(Attachment)
        .where(Attachment.id.in_(sorted(found)), Attachment.ticket_id.is_(None))
        .returning(Attachment.id)
    ).all()
    folder = work.company.storage

    def remove(_session: Session) -> None:
        for one in gone:
            storage.remove(folder, found[one])

    event.listen(work.session, "after_commit", remove, once=True)
    return len(gone)
