"""Giving files out: one check of permission and scope, for the whole file and the small one alike."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from secrets import token_hex
from typing import Any

from PIL import Image, ImageOps
from sqlalchemy import select

from app.core.errors import DomainError, NotAllowedError, NotFoundError
from app.core.i18n import _
from app.core.work import Work
from app.tickets import scope
from app.tickets.attachments import storage
from app.tickets.models import Attachment, Ticket
from ticket_templates import queries as templates

EDGE = 320


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file the actor may have, and where it lies."""

    id: int
    path: Path
    filename: str
    media_type: str
    size_bytes: int
    uploaded_at: datetime | None = None

    @property
    def is_image(self) -> bool:
        """Whether it can be shown as a picture."""
        return self.media_type.startswith("image/")


def open_file(work: Work, attachment_id: int) -> StoredFile:
    """Return a file of a ticket in the actor's scope, or the actor's own upload; NotFoundError for any other."""
    if not work.actor.may("attachment.read"):
        raise NotAllowedError(_("You may not see files."), code="not_allowed")
    record = None
    if 0 < attachment_id < 2**63:
        record = work.session.execute(_within(work).where(Attachment.id == attachment_id)).first()
    if record is None or not _readable(work, record):
        raise NotFoundError(_("There is no such file."), code="not_found")
    path = storage.path_of(work.company.storage, record.storage_key)
    if not path.is_file():
        raise NotFoundError(_("The file is missing from the storage. Tell your administrator."), code="missing_file")
    return StoredFile(record.id, path, record.filename, record.media_type, record.size_bytes, record.uploaded_at)


def files_of(work: Work, ticket_id: int) -> list[StoredFile]:
    """Return all files of a ticket the actor may see, oldest first; for documents that print them."""
    if not work.actor.may("attachment.read"):
        return []
    records: Sequence[Any] = work.session.execute(
        _within(work).where(Attachment.ticket_id == ticket_id).order_by(Attachment.id)
    ).all()
    folder = work.company.storage
    return [
        StoredFile(one.id, storage.path_of(folder, one.storage_key), one.filename, one.media_type, one.size_bytes)
        for one in records
        if _readable(work, one)
    ]


def thumbnail(work: Work, attachment_id: int, edge: int = EDGE) -> StoredFile:
    """Return a small JPEG of an image, made when it is first asked for."""
    file = open_file(work, attachment_id)
    if not file.is_image:
        raise NotFoundError(_("This file has no picture."), code="not_found")
    small = storage.thumbnail_of(file.path, edge)
    if not small.is_file():
        _shrink(file.path, small, edge)
    return StoredFile(file.id, small, f"{Path(file.filename).stem}.jpg", "image/jpeg", small.stat().st_size)


def _within(work: Work) -> Any:
    query: Any = select(
        Attachment.id, Attachment.filename, Attachment.media_type, Attachment.size_bytes, Attachment.storage_key,
        Attachment.ticket_id, Attachment.field_key, Attachment.uploaded_at, Ticket.version_id,
    ).outerjoin(Ticket, Ticket.id == Attachment.ticket_id)  # fmt: skip
    reach = scope.files(work.actor)
    return query if reach is None else query.where(reach)


def _readable(work: Work, record: Any) -> bool:
    """Whether the field that holds the file is one the actor may read."""
    if record.field_key is None or record.version_id is None:
        return True
    version = templates.version(work, record.version_id)
    return record.field_key not in version.types or record.field_key in version.readable(work.actor)


def _shrink(source: Path, target: Path, edge: int) -> None:
    """Write a JPEG of at most ``edge`` pixels a side, turned as the camera was held, without its metadata."""
    written = target.with_name(f"{target.name}.{token_hex(4)}")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(source) as image:
                image.draft("RGB", (edge * 2, edge * 2))
                image.thumbnail((edge * 2, edge * 2))
                turned = ImageOps.exif_transpose(image).convert("RGBA")
                turned.thumbnail((edge, edge))
                paper = Image.new("RGB", turned.size, "white")
                paper.paste(turned, mask=turned.getchannel("A"))
                paper.save(written, "JPEG", quality=80, optimize=True)
        written.replace(target)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise DomainError(_("This image is damaged. Take or save it again."), code="broken_image") from error
    finally:
        written.unlink(missing_ok=True)
