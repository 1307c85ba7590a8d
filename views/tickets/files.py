"""Uploads and downloads: checked by content, served only to who may see the ticket, never as a page of this site."""

from typing import BinaryIO, ClassVar, cast

from flask import Response, jsonify, request, send_file
from werkzeug.utils import secure_filename

from app.core.errors import DomainError
from app.core.i18n import _
from app.core.work import Work
from app.tickets import attachments
from views.base import expose, permission
from views.tickets.desk import DeskView

#: Shown in the browser; everything else is downloaded. SVG and HTML are never shown.
_INLINE = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp", "application/pdf"})


class FileView(DeskView):
    """Files of tickets."""

    route_base = "/files"
    class_permission_name: ClassVar[str | None] = "attachment"

    @expose("/", methods=["POST"])
    @permission("attachment.create")
    def upload(self) -> Response:
        """Keep one file until a ticket names it."""
        sent = request.files.get("file")
        if sent is None or not sent.filename:
            raise DomainError(_("Choose a file."), field="file", code="required")
        with self.unit_of_work() as work:
            stream = cast("BinaryIO", sent.stream)
            kept = attachments.upload(work, sent.filename, stream, accept=request.form.get("accept", "any"))
        response = jsonify(
            id=kept.id, filename=kept.filename, media_type=kept.media_type, size_bytes=kept.size_bytes,
            width=kept.width, height=kept.height, url=f"/files/{kept.id}",
        )  # fmt: skip
        response.status_code = 201
        return response

    @expose("/<int:file_id>")
    @permission("attachment.read")
    def download(self, file_id: int) -> Response:
        """Return a file, or its thumbnail."""
        with self.reading() as work:
            return given_out(work, file_id, small=request.args.get("thumbnail") == "1")


def given_out(work: Work, file_id: int, *, small: bool) -> Response:
    """Return a file, or its thumbnail, such that no browser takes it for a page of this site."""
    stored = attachments.thumbnail(work, file_id) if small else attachments.open_file(work, file_id)
    response: Response = send_file(
        stored.path,
        mimetype=stored.media_type,
        as_attachment=stored.media_type not in _INLINE,
        download_name=stored.filename or secure_filename(str(file_id)),
        conditional=True,
        etag=True,
    )
    # The address names one content for ever, but only for this person.
    response.headers["Cache-Control"] = "private, max-age=86400, immutable" if small else "private, max-age=300"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    return response
