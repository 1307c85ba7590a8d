"""Files over the API: sent first and named by a note or an answer afterwards, or sent to a ticket at once."""

from hashlib import sha256
from typing import Any, BinaryIO, ClassVar, cast

from flask import Response, request
from werkzeug.datastructures import FileStorage

from app.core.errors import DomainError
from app.core.i18n import _
from app.tickets import attachments, queries
from app.tickets.attachments import UploadedFile
from views.api.v1 import schemas, shown
from views.api.v1.base import ApiView
from views.api.v1.operation import Asked, operation
from views.api.v1.writing import write_note
from views.base import expose, permission
from views.tickets.files import given_out


class FileApi(ApiView):
    """Attachments."""

    class_permission_name: ClassVar[str | None] = "attachment"

    @expose("/attachments", methods=["POST"])
    @permission("attachment.create")
    @operation(gives=schemas.one_of("File"), status=201, upload=True, once=True)
    def upload(self, asked: Asked) -> Response:
        """Send a file; name its id in a note or an answer within a day."""
        sent = _sent()
        return self.carried_out(asked, lambda work: shown.file(_kept(work, sent)), 201, content=_digest(sent))

    @expose("/tickets/<number>/attachments", methods=["POST"])
    @permission("attachment.create")
    @operation(gives=schemas.one_of("File"), status=201, upload=True, once=True)
    def attach(self, asked: Asked, number: str) -> Response:
        """Send a file to a ticket: it comes as an internal note of its own."""
        sent = _sent()

        def carry_out(work: Any) -> dict[str, Any]:
            kept = _kept(work, sent)
            write_note(work, queries.ticket(work, number).id, {"files": [kept.id]})
            return shown.file(kept)

        return self.carried_out(asked, carry_out, 201, about=number, content=_digest(sent))

    @expose("/attachments/<int:file_id>")
    @permission("attachment.read")
    @operation(query={"thumbnail": schemas.YES_NO}, gives=None)
    def download(self, asked: Asked, file_id: int) -> Response:
        """Return a file, or the small picture of an image."""
        with self.reading() as work:
            return given_out(work, file_id, small=asked.query.get("thumbnail", False))


def _sent() -> FileStorage:
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        raise DomainError(_("Choose a file."), field="file", code="required")
    return sent


def _kept(work: Any, sent: FileStorage) -> UploadedFile:
    return attachments.upload(work, sent.filename or "", cast("BinaryIO", sent.stream))


def _digest(sent: FileStorage) -> str:
    """Return what tells a file from another; the body itself is written differently each time."""
    digest = sha256((sent.filename or "").encode())
    while part := sent.stream.read(1 << 20):
        digest.update(part)
    sent.stream.seek(0)
    return digest.hexdigest()
