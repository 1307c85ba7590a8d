"""The web application: one function that puts the rooms together. It runs no SQL."""

from datetime import timedelta
from typing import Any

import flask_appbuilder
from flask import Blueprint, Flask, current_app
from flask.globals import app_ctx
from flask_appbuilder import AppBuilder
from sqlalchemy.orm import scoped_session

from app.config import Settings
from app.core.db import session_factory
from app.house import House, open_house
from app.instance_keys import session_secret
from app.people.sign_in import SESSION_LASTS
from app.routing import LateRule
from views import errors, headers, health, language, limits, marks, menu, script_words, static
from views.base import bearer, guard, list_links
from views.home import HomeView
from views.security import HouseSecurityManager
from views.site import VIEWS
from views.template_code import HouseEnvironment
from views.tickets import desk, notices, saved


def create_app(settings: Settings) -> Flask:
    """Return the web application of a process."""
    return create_app_in(open_house(settings))


def create_app_in(house: House) -> Flask:
    """Return the web application over a house that is open."""
    app = Flask("app", static_folder=None)
    app.url_rule_class = LateRule
    app.jinja_environment = HouseEnvironment
    app.config.update(_configuration(house.settings))
    app.extensions["gongdan"] = house
    app.json.sort_keys = False  # type: ignore[attr-defined]
    headers.install(app, house.settings)
    limits.install(app)
    language.settle(app)
    bearer.install(app)
    with app.app_context():
        builder = HouseAppBuilder(app, _sessions(app, house))
        language.install(app)
        for view in VIEWS:
            builder.add_view_no_menu(view)
        guard.install(app)
    menu.install(app)
    list_links.install(app)
    notices.install(app)
    desk.install(app)
    saved.install(app)
    script_words.install(app)
    errors.install(app)
    health.install(app)
    static.install(app, house.settings)
    marks.install(app)
    return app


class HouseAppBuilder(AppBuilder):
    """Flask-AppBuilder without its own front end, menu, permission sync and index page."""

    def __init__(self, app: Flask, session: Any) -> None:
        super().__init__(
            app, session, indexview=HomeView, security_manager_class=HouseSecurityManager, update_perms=False,
            base_template="layout/page.html",
        )  # fmt: skip

    def _add_global_static(self) -> None:
        """Know Flask-AppBuilder's templates, below ours; serve none of its scripts and styles."""
        current_app.register_blueprint(Blueprint("appbuilder", flask_appbuilder.__name__, template_folder="templates"))

    def _add_admin_views(self) -> None:
        self._indexview = self.add_view_no_menu(HomeView)
        self.sm.register_views()


def _sessions(app: Flask, house: House) -> scoped_session[Any]:
    """Return Flask-AppBuilder's session: one an application context, on our engine."""
    sessions = scoped_session(session_factory(house.engine), scopefunc=lambda: id(app_ctx._get_current_object()))  # type: ignore[attr-defined]  # noqa: SLF001 - the context itself, as Flask-SQLAlchemy does

    @app.teardown_appcontext
    def close(_error: BaseException | None) -> None:
        sessions.remove()

    return sessions


def _configuration(settings: Settings) -> dict[str, Any]:
    secure = settings.secure_cookies
    return {
        "SECRET_KEY": session_secret(settings),
        "TRUSTED_HOSTS": settings.answers_to() or None,
        **limits.configuration(settings),
        # The prefix makes browsers refuse the cookie unless it came over HTTPS from this very host.
        "SESSION_COOKIE_NAME": "__Host-gongdan" if secure else "gongdan",
        "SESSION_COOKIE_SECURE": secure,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "PERMANENT_SESSION_LIFETIME": timedelta(seconds=SESSION_LASTS.total_seconds()),
        "SESSION_REFRESH_EACH_REQUEST": False,
        # The token lives as long as the session: a form left open over lunch can still be sent.
        "WTF_CSRF_TIME_LIMIT": None,
        "WTF_CSRF_SSL_STRICT": secure,
        "APP_NAME": "Gongdan",
        "AUTH_TYPE": 1,
        "AUTH_ROLE_ADMIN": "administrator",
        "AUTH_ROLE_PUBLIC": "",
        "FAB_UPDATE_PERMS": False,
        "FAB_CREATE_DB": False,
        "FAB_ADD_SECURITY_API": False,
        "FAB_API_MAX_PAGE_SIZE": 100,
        "FAB_API_SWAGGER_UI": False,
        "FAB_BASE_TEMPLATE": "layout/page.html",
        "RATELIMIT_ENABLED": False,
        "BABEL_DEFAULT_LOCALE": settings.locale,
        "LANGUAGES": {"zh_Hans": {"name": "简体中文"}, "zh_Hant": {"name": "繁體中文"}, "en": {"name": "English"}},
        "JSON_AS_ASCII": False,
    }
