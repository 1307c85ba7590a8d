"""The three kinds of answer: a page, a fragment for htmx, problem+json (RFC 9457) for programs."""

import re
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from flask import Response, flash, g, json, request
from markupsafe import Markup

from app.core.errors import Refusal
from app.core.i18n import DEFAULT_LOCALE, Label, Message, spoken
from app.logging import REQUEST_ID


def current_locale() -> str:
    """Return the language this request is answered in; set by `views.language`."""
    # A page asks hundreds of times, and each touch of `g` looks for the request anew: one touch, not three.
    try:
        locale: str = g.locale
    except (AttributeError, RuntimeError):
        return DEFAULT_LOCALE
    return locale


def wants_json() -> bool:
    """Whether a program asks: the API, or an Accept header that names JSON before HTML."""
    # Beneath it all is for programs; its own page is read by people.
    if request.path.startswith("/api/") and request.path != "/api/v1/":
        return True
    accepted = request.accept_mimetypes
    return accepted.best_match(("text/html", "application/json"), "text/html") == "application/json"


def wants_fragment() -> bool:
    """Whether htmx asks for a part of a page."""
    return request.headers.get("HX-Request") == "true" and request.headers.get("HX-Boosted") != "true"


def problem(status: int, title: Message | str, refusals: Sequence[Refusal] = (), **more: Any) -> Response:
    """Return an RFC 9457 problem, its refusals by field; ``more``: members of this kind of problem."""
    locale = current_locale()
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": spoken(title, locale),
        "request_id": REQUEST_ID.get(),
    }
    if refusals:
        body["errors"] = told(refusals, locale)
    return Response(json.dumps(body | more), status, content_type="application/problem+json")


def told(refusals: Sequence[Refusal], locale: str) -> list[dict[str, str]]:
    """Return refusals as programs read them: each with its place and code, in the words of ``locale``."""
    return [
        {"field": r.field, "pointer": _pointer(r.field), "message": r.message.in_(locale), "code": r.code}
        for r in refusals
    ]


def _pointer(path: str) -> str:
    """Return the place ``any[1].value`` in what was sent as a JSON pointer."""
    parts = re.sub(r"\[(\d+)\]", r".\1", path).split(".") if path else []
    return "".join(["#", *("/" + part.replace("~", "~0").replace("/", "~1") for part in parts)])


def say(message: Message | Label | str, category: str = "success") -> None:
    """Show ``message`` on the next page, in the language of this request; `Markup` (with links) as it is."""
    flash(message if isinstance(message, Markup) else spoken(message, current_locale()), category)
