"""What people see when something cannot be done: a page, a fragment or problem+json, in their language."""

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

from flask import Flask, Response, make_response, render_template, request
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from werkzeug.exceptions import HTTPException, InternalServerError

from app.core.disk import is_full
from app.core.errors import ConflictError, DomainError, NotAllowedError, NotFoundError, TooLargeError, TooOftenError
from app.core.i18n import Message, _
from app.core.records.doubts import DoubtedError
from app.logging import REQUEST_ID
from views.base import current_person, guard
from views.base.answers import current_locale, problem, wants_fragment, wants_json
from views.base.sent_json import NotJsonError

log = logging.getLogger(__name__)

#: Title and what to do, by status.
TEXTS: dict[int, tuple[Message, Message]] = {
    400: (_("The request could not be understood"), _("Go back, reload the page and try again.")),
    401: (_("Please sign in"), _("Your session has ended. Sign in to go on.")),
    403: (_("You may not do this"), _("Ask an administrator if you need it.")),
    404: (_("There is nothing here"), _("It may have been deleted, or you may not see it.")),
    405: (_("This cannot be done here"), _("Go back and use the buttons of the page.")),
    409: (_("Somebody else was faster"), _("The data was changed meanwhile. Reload the page and look again.")),
    412: (_("Somebody else was faster"), _("It was changed since it was read. Read it again and decide anew.")),
    413: (_("This is too large"), _("Send less at once, or smaller files.")),
    415: (_("This kind of content is not taken"), _("Send JSON (Content-Type: application/json).")),
    422: (_("This cannot be done"), _("Go back and correct your input.")),
    429: (_("Too many requests"), _("Please wait a while and try again.")),
    500: (_("Something went wrong on our side"), _("Nothing was saved. If it happens again, report the number below.")),
    503: (_("The service is busy"), _("Nothing was saved. Please try again in a moment.")),
    507: (_("The disk is full"), _("Nothing was saved. Tell your administrator that the server's disk is full.")),
}
_STATUS: dict[type[DomainError], int] = {
    NotJsonError: 400,
    NotAllowedError: 403,
    NotFoundError: 404,
    ConflictError: 409,
    TooLargeError: 413,
    TooOftenError: 429,
}
#: What whoever is signed in goes on from by the menu.
_FRAMED: Final = frozenset({403, 404})


def install(app: Flask) -> None:
    """Answer every error of ``app``."""
    app.register_error_handler(DomainError, _refused)
    app.register_error_handler(DoubtedError, _doubted)
    app.register_error_handler(CSRFError, _expired)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(OSError, _system)
    app.register_error_handler(OperationalError, _busy)
    app.register_error_handler(InterfaceError, _busy)
    app.register_error_handler(PoolTimeoutError, _busy)
    app.register_error_handler(Exception, _bug)
    app.after_request(_sent_on)


def status_of(error: DomainError) -> int:
    """Return the HTTP status of a refusal."""
    return next((status for kind, status in _STATUS.items() if isinstance(error, kind)), 422)


def _refused(error: DomainError) -> Response:
    response = answer(status_of(error), error.refusals[0].message, error)
    if isinstance(error, TooOftenError):
        response.headers["Retry-After"] = str(int(error.wait.total_seconds()))
    return response


def _doubted(error: DoubtedError) -> Response:
    """Give a program what is doubted, so that it can ask whoever knows; forms ask on their own pages."""
    if not wants_json():
        return _refused(error)
    text = _('Nothing was saved: this may be a slip. If it is right so, send it again with `"sure": true`.')
    locale = current_locale()
    doubts = [
        {"key": one.key, "field": one.field, "message": one.text.in_(locale),
         "kind": one.kind, "id": one.row_id, "name": one.name}
        for one in error.doubts
    ]  # fmt: skip
    return problem(409, text, error.refusals, doubts=doubts)


def _expired(_error: CSRFError) -> Any:
    if current_person() is None and request.endpoint and not guard.is_public(request.endpoint):
        return guard.ask_to_sign_in()
    return answer(400, _("This page had been open for too long, or came from elsewhere. Reload it and try again."))


def _http(error: HTTPException) -> Any:
    status = error.code or 500
    if status < 400:  # noqa: PLR2004 - redirects raised by the router
        return error
    response = answer(status)
    for name, value in error.get_headers():
        if name.lower() in {"allow", "retry-after"}:
            response.headers[name] = value
    return response


def _sent_on(response: Response) -> Response:
    """Say to a program as JSON where it finds what it asks for: the router answers with a page."""
    if response.status_code != HTTPStatus.PERMANENT_REDIRECT or not wants_json():
        return response
    found = problem(response.status_code, _("This is found at the address in `Location`."))
    found.headers["Location"] = response.headers["Location"]
    return found


def _busy(error: Exception) -> Response:
    if is_full(error):
        return _full(error)
    log.error("database away or locked", exc_info=error)
    response = answer(503)
    response.headers["Retry-After"] = "5"
    return response


def _system(error: OSError) -> Any:
    return _full(error) if is_full(error) else _bug(error)


def _full(error: Exception) -> Response:
    log.error("disk full", exc_info=error)
    return answer(507)


def _bug(error: Exception) -> Any:
    if isinstance(error, InternalServerError) or not isinstance(error, HTTPException):
        log.error("unhandled error", exc_info=error)
    return answer(500)


def answer(status: int, text: Message | None = None, error: DomainError | None = None) -> Response:
    """Return the answer for ``status`` in the form the asker reads."""
    title, usual = TEXTS.get(status, TEXTS[500 if status >= 500 else 400])  # noqa: PLR2004 - HTTP
    if wants_json():
        return problem(status, text or title, error.refusals if error else ())
    context = {"code": status, "title": title, "text": text or usual, "request_id": REQUEST_ID.get(),
               "refusals": error.refusals if error else (), "back": _form_page()}  # fmt: skip
    kind = "fragment" if wants_fragment() else "framed" if _leads_on(status) else "page"
    response = make_response(_rendered(kind, context), status)
    if kind == "fragment":
        # Said beside the page: swapped into its target it would take the place of what was typed there.
        response.headers["HX-Retarget"] = "#toasts"
        response.headers["HX-Reswap"] = "beforeend"
    return response


def _leads_on(status: int) -> bool:
    """Whether all is well but what was asked for, so that the frame of all pages can be asked of the database."""
    return status in _FRAMED and current_person() is not None


def _rendered(kind: str, context: Mapping[str, Any]) -> str:
    try:
        return render_template(f"errors/{kind}.html", **context)
    except SQLAlchemyError:
        # The frame counts what is new for the person: a database that goes away just then takes the frame alone. The
        # other pages ask for nothing.
        log.exception("the frame of the error page failed")
        return render_template("errors/page.html", **context)


def _form_page() -> str:
    """Return the page whose form was not taken; "" where none was sent."""
    page = guard.page_before() if request.method == "POST" else "/"
    return page if page != "/" else ""
