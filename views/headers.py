"""Headers of every response, and the id of every request."""

import re
import time
from uuid import uuid4

from flask import Flask, Response, g, request
from werkzeug.middleware.proxy_fix import ProxyFix

from app.config import Settings
from app.logging import REQUEST_ID

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; "
    "connect-src 'self'; font-src 'self'; manifest-src 'self'; form-action 'self'; frame-ancestors 'none'; "
    "base-uri 'none'"
)
SECURITY_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Flask-WTF compares the referrer of forms sent over HTTPS, so it is kept within the site.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), geolocation=(self), microphone=(), payment=(), usb=(), interest-cohort=()",
}
#: Two years, as browsers' preload lists ask.
_HSTS = "max-age=63072000; includeSubDomains"
_OUR_REQUEST_ID = re.compile(r"[\w-]{8,64}")


def response_headers(settings: Settings) -> dict[str, str]:
    """Return the headers of every response, pages and files alike."""
    return SECURITY_HEADERS | ({"Strict-Transport-Security": _HSTS} if settings.secure_cookies else {})


def install(app: Flask, settings: Settings) -> None:
    """Give every request an id and every response its headers."""
    always = response_headers(settings)
    if settings.behind_proxy:
        hops = settings.behind_proxy
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]

    @app.before_request
    def begin() -> None:
        if request.method == "HEAD":
            # What GET would say, less its body: a view that tells GET from POST must not take it for the other.
            request.method = "GET"
        given = request.headers.get("X-Request-ID", "") if settings.behind_proxy else ""
        REQUEST_ID.set(given if _OUR_REQUEST_ID.fullmatch(given) else uuid4().hex)
        g.started = time.perf_counter()
        # An application context may outlive a request (a command, a test): who asked before is not who asks now.
        g.pop("person", None)
        g.pop("gongdan_filters", None)

    @app.after_request
    def finish(response: Response) -> Response:
        for name, value in always.items():
            response.headers.setdefault(name, value)
        if REQUEST_ID.get():
            response.headers["X-Request-ID"] = REQUEST_ID.get()
        # Pages show what a person may see: no shared cache keeps them.
        response.headers.setdefault("Cache-Control", "private, no-cache")
        response.vary.update(("Cookie", "Accept-Language", "HX-Request"))
        return response
