"""Taking a file in: streamed to the disk, examined, and a row that waits to be claimed by a ticket."""

import errno
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import func, insert, select

from app.core.disk import is_full
from app.core.errors import DomainError, NotAllowedError
from app.core.i18n import _
from app.core.work import Work
from app.tickets.attachments import storage
from app.tickets.attachments.kinds import KINDS, examined
from app.tickets.models import Attachment
from ticket_templates.field_types.file import not_wanted

#: Uploads of one person that no ticket has claimed: enough for any form, too few to fill a disk.
MOST_UNCLAIMED = 200


@dataclass(frozen=True, slots=True)
class UploadedFile:
    """A file that was taken in. Name it in an order within a day, or it is swept away."""

    id: int
    filename: str
    media_type: str
    size_bytes: int
    width: int | None
    height: int | None


def upload(work: Work, filename: str, stream: BinaryIO, *, accept: str = "any") -> UploadedFile:
    """Store what ``stream`` holds; DomainError (field ``file``) when it is empty, too large or of a kind not taken.

    ``accept`` is what the field takes it is meant for, as its setting says.
    """
    if not work.actor.may("attachment.create"):
        raise NotAllowedError(_("You may not upload files."), code="not_allowed")
    waiting = select(func.count()).where(
        Attachment.ticket_id.is_(None), Attachment.uploaded_by_id == work.actor.user_id
    )
    if work.session.execute(waiting).scalar_one() >= MOST_UNCLAIMED:
        message = _("Too many uploaded files wait for a ticket. Save the ticket first.")
        raise DomainError(message, field="file", code="too_many")
    folder = work.company.storage
    try:
        kept = storage.keep(folder, stream, work.company.upload_max_bytes)
    except OSError as error:
        if not is_full(error) and error.errno != errno.EACCES:
            raise
        message = _("The file could not be stored. Tell your administrator that the disk is full or read-only.")
        raise DomainError(message, field="file", code="storage") from error
    try:
        media_type, width, height = _examined(kept.path, filename, accept)
        name = storage.safe_name(filename, KINDS[media_type])
        _check_wanted(accept, name, media_type)
        row = insert(Attachment).values(
            filename=name, media_type=media_type, size_bytes=kept.size_bytes, sha256=kept.sha256, storage_key=kept.key,
            width=width, height=height, uploaded_at=work.now, uploaded_by_id=work.actor.user_id,
        ).returning(Attachment.id)  # fmt: skip
        key = work.session.execute(row).scalar_one()
    except DomainError as error:
        storage.remove(folder, kept.key)
        raise DomainError(error.refusals[0].message, field="file", code=error.refusals[0].code) from None
    except BaseException:
        storage.remove(folder, kept.key)
        raise
    return UploadedFile(key, name, media_type, kept.size_bytes, width, height)


def _examined(path: Path, filename: str, accept: str) -> tuple[str, int | None, int | None]:
    """Return what a file is; one of no kind taken anywhere is told what this field takes."""
    try:
        return examined(path, filename)
    except DomainError as error:
        unfit = not_wanted(accept, filename[:80], "") if error.refusals[0].code == "unknown_kind" else None
        if unfit is None:
            raise
        raise DomainError(unfit, code="wrong_kind") from None


def _check_wanted(accept: str, filename: str, media_type: str) -> None:
    if unfit := not_wanted(accept, filename, media_type):
        raise DomainError(unfit, code="wrong_kind")
