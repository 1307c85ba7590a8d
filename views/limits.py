"""How much a request may carry. Only people signed in send files; everybody else sends small forms."""

from typing import Any

from flask import Flask, request, session

from app.config import Settings
from views.base.person import USER_KEY, offered_token

#: All texts of a form, or a JSON body.
FORM_BYTES = 2 * 1024 * 1024
FORM_PARTS = 5_000
FILES_A_REQUEST = 5


def configuration(settings: Settings) -> dict[str, Any]:
    """Return Flask's settings: the limits for somebody who sends files."""
    return {
        "MAX_CONTENT_LENGTH": settings.upload_max_mb * 1024 * 1024 * FILES_A_REQUEST + FORM_BYTES,
        "MAX_FORM_MEMORY_SIZE": FORM_BYTES,
        "MAX_FORM_PARTS": FORM_PARTS,
    }


def install(app: Flask) -> None:
    """Lower the limit for requests without files; call first, before anything reads a body."""
    # Inputs of files say how large one may be.
    app.jinja_env.globals["upload_megabytes"] = app.extensions["gongdan"].settings.upload_max_mb

    @app.before_request
    def limit() -> None:
        # Flask's limit for forms does not count urlencoded ones, nor JSON.
        sends_files = request.mimetype == "multipart/form-data"
        # A token that opens nothing is refused before anything is read.
        if not sends_files or (offered_token() is None and USER_KEY not in session):
            request.max_content_length = FORM_BYTES
