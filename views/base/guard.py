"""The one door: each route names what it needs, and nothing is served before that is checked.

A method says it with a decorator (`@permission("ticket.read")`, `@signed_in`, `@public`); for
Flask-AppBuilder's own methods it follows from ``class_permission_name`` and ``method_permission_name``. A
route that says nothing is closed to everybody, and a test finds it.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, redirect, request, url_for

from app.core.errors import NotAllowedError
from app.core.i18n import _
from views.base.answers import problem, wants_fragment, wants_json
from views.base.person import current_person, offered_token

PUBLIC: Final = "public"
SIGNED_IN: Final = "signed-in"
#: What no actor has: the answer for routes that forgot to say.
CLOSED: Final = "nobody"

View = TypeVar("View", bound=Callable[..., Any])


def permission(name: str) -> Callable[[View], View]:
    """Require ``"ticket.read"``; ``".read"`` means that verb on the class's ``class_permission_name``."""

    def mark(view: View) -> View:
        view.requires = name  # type: ignore[attr-defined]
        return view

    return mark


def public(view: View) -> View:
    """Serve everybody."""
    return permission(PUBLIC)(view)


def signed_in(view: View) -> View:
    """Serve everybody who has signed in; the view itself says on which rows."""
    return permission(SIGNED_IN)(view)


def requirements(app: Flask) -> Mapping[str, str]:
    """Return what each endpoint of ``app`` needs."""
    views = {view.endpoint or type(view).__name__: view for view in app.appbuilder.baseviews}  # type: ignore[attr-defined]
    needs = {}
    for rule in app.url_map.iter_rules():
        view_name, _dot, method_name = rule.endpoint.partition(".")
        needs[rule.endpoint] = _requirement(views.get(view_name), method_name)
    return needs


def _requirement(view: Any, method_name: str) -> str:
    method = getattr(view, method_name, None)
    if method is None:
        return CLOSED
    said: str | None = getattr(method, "requires", None)
    if said is None and hasattr(method, "_permission_name"):
        said = f".{view.get_method_permission(method_name)}"
    if said is None:
        return CLOSED
    return f"{view.class_permission_name}{said}" if said.startswith(".") else said


def install(app: Flask) -> None:
    """Check every request of ``app``; call when all views are there."""
    app.extensions["gongdan-requirements"] = requirements(app)
    app.before_request(check)


def check() -> Any:
    """Let the request pass, ask to sign in, or refuse."""
    if request.endpoint is None:
        return None
    if is_public(request.endpoint):
        return None
    need = _need(request.endpoint)
    person = current_person()
    if person is None:
        return ask_to_sign_in()
    if person.must_change_password and request.endpoint not in MAY_WITH_OLD_PASSWORD:
        return _lead(url_for("PasswordView.change"), 403)
    if need != SIGNED_IN and not person.actor.may(need):
        if person.token_id is not None:
            message = _("This token may not do this: it needs “%(permission)s”, and its owner too.", permission=need)
            raise NotAllowedError(message, code="not_allowed")
        raise NotAllowedError(_("You may not do this. Ask an administrator if you need it."), code="not_allowed")
    return None


def is_public(endpoint: str) -> bool:
    """Whether everybody is served there."""
    return _need(endpoint) == PUBLIC


def _need(endpoint: str) -> str:
    needs: Mapping[str, str] = current_app.extensions["gongdan-requirements"]
    return needs.get(endpoint, CLOSED)


#: What somebody may still open who must choose a password first.
MAY_WITH_OLD_PASSWORD: Final = frozenset({"PasswordView.change", "SignInView.logout", "LanguageView.choose"})


def ask_to_sign_in() -> Any:
    """Answer somebody who must sign in first. It leads back to the page, or to the one the form stood on.

    What was typed waits in that tab; nothing is sent a second time by itself.
    """
    is_page = request.method == "GET" and not wants_fragment()
    wanted = request.full_path.rstrip("?") if is_page else page_before()
    return _lead(url_for("SignInView.login", next=wanted if wanted != "/" else None), 401)


def page_before() -> str:
    """Return the page of this site the request was made on, "/" where nothing tells."""
    try:
        parts = urlsplit(request.headers.get("HX-Current-URL") or request.referrer or "")
    except ValueError:
        return "/"
    if parts.netloc != request.host or parts.path == url_for("SignInView.login"):
        return "/"
    return safe_next(parts.path + (f"?{parts.query}" if parts.query else ""))


def _lead(url: str, status: int) -> Any:
    if wants_fragment():
        # What the page asked by itself must not take away the form somebody is writing.
        leads = {} if request.headers.get("X-Background") else {"HX-Redirect": url}
        return Response(status=status, headers=leads)
    if wants_json():
        if status != 401:  # noqa: PLR2004 - HTTP
            return problem(status, _("Please choose a new password first."))
        ended = _("This token opens nothing: it is unknown, has expired or was revoked.")
        response = problem(status, _("Please sign in.") if offered_token() is None else ended)
        response.headers["WWW-Authenticate"] = 'Bearer realm="Gongdan"'
        return response
    return redirect(url)


def safe_next(url: str | None) -> str:
    """Return ``url`` when it is a path of this site, else the home page."""
    if not url or not url.startswith("/") or url[1:2] in {"/", "\\"} or not url.isprintable() or "\\" in url:
        return "/"
    try:
        parts = urlsplit(url)
    except ValueError:
        return "/"
    return "/" if parts.scheme or parts.netloc else url
