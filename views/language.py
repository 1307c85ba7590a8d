"""Which language a request is answered in, and how templates speak it."""

from collections.abc import Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, abort, g, redirect, request, session
from flask_babel import get_babel
from markupsafe import Markup, escape
from werkzeug.local import LocalProxy

from app.core.i18n import CATALOGUES, LOCALES, Message, catalogue, spoken
from app.core.money import Money
from app.people import access
from babel import dates
from views.base import HouseView, current_actor, current_person, expose, house, public
from views.base.answers import current_locale
from views.base.guard import safe_next

_COOKIE = "locale"
#: In Chinese large numbers are counted by ten thousands.
_TEN_THOUSAND = {"zh_Hans": "万", "zh_Hant": "萬"}


class LanguageView(HouseView):
    """Switching the language: kept with the account, or in the session of somebody not signed in."""

    route_base = ""
    default_view = "choose"

    @expose("/language/<locale>", methods=["GET", "POST"])
    @expose("/lang/<locale>")
    @public
    def choose(self, locale: str) -> Any:
        """Take the language and go back to where the person was."""
        if locale not in LOCALES:
            abort(404)
        session[_COOKIE] = locale
        if current_person():
            with self.unit_of_work() as work:
                access.choose(work, locale=locale)
        response: Response = redirect(safe_next(request.args.get("next") or _came_from()))  # type: ignore[assignment]
        return response


def _came_from() -> str:
    parts = urlsplit(request.referrer or "")
    return f"{parts.path}?{parts.query}" if parts.netloc == request.host and parts.query else parts.path


def choose_locale() -> str:
    """Return the language: the person's, the session's, the browser's, the company's."""
    person = current_person()
    if person and person.token_id is not None:
        return _of_browser() or person.locale or house().settings.locale
    if person and person.locale:
        return person.locale
    chosen = session.get(_COOKIE)
    if chosen in LOCALES:
        return str(chosen)
    return _of_browser() or house().settings.locale


def _of_browser() -> str | None:
    for tag, _quality in request.accept_languages:
        parts = tag.replace("_", "-").lower().split("-")
        if parts[0] == "zh":
            return "zh_Hant" if {"hant", "tw", "hk", "mo"} & set(parts) else "zh_Hans"
        if parts[0] == "en":
            return "en"
    return None


def settle(app: Flask) -> None:
    """Settle the language of each request; call first, so that refusals speak it too."""

    @app.before_request
    def begin() -> None:
        # Whether this process lives must not depend on the database.
        if request.blueprint != "HealthView":
            g.locale = choose_locale()


def install(app: Flask) -> None:
    """Teach the templates to speak the language of the request."""
    babel = get_babel(app)
    babel.locale_selector = current_locale
    # Flask-AppBuilder's own catalogues lack zh_Hant, and babel would fall back to simplified forms.
    babel.translation_directories = [str(CATALOGUES)]
    env = app.jinja_env
    env.install_gettext_callables(_gettext, _ngettext, newstyle=True)  # type: ignore[attr-defined]
    env.globals["_"] = said
    env.filters |= {"t": translated, "datetime": shown_datetime, "date": shown_date, "money": shown_money,
                    "at_least": at_least}  # fmt: skip
    # Flask-AppBuilder's widgets and imported macros see globals only.
    asking = LocalProxy(lambda: current_actor() if current_person() else None)
    env.globals |= {
        "current_locale": current_locale, "current_actor": asking, "chosen_theme": chosen_theme, "keys_off": keys_off,
    }  # fmt: skip

    @app.context_processor
    def words() -> dict[str, Any]:
        return {"locale": current_locale(), "current_actor": current_actor() if current_person() else None}


def chosen_theme() -> str:
    """Return light, dark or auto: as the account says, else as this browser did last."""
    person = current_person()
    chosen = person.theme if person else request.cookies.get("theme", "auto")
    return chosen if chosen in {"light", "dark"} else "auto"


def keys_off() -> bool:
    """Whether the person wants no keyboard shortcuts."""
    person = current_person()
    return person is not None and not person.shortcuts


def translated(value: Any, **params: Any) -> str:
    """Speak a message, a label or an English sentence in the language of the request; nothing stays nothing."""
    if value is None:
        return ""
    if isinstance(value, Message | Mapping):
        return spoken(value, current_locale())
    text = catalogue(current_locale()).gettext(str(value)) if str(value) else ""
    return text % params if params else text


def shown_datetime(value: datetime | None, style: str = "medium") -> str:
    """Show an instant in the company's zone: to the minute, or ``long`` to the second."""
    if value is None:
        return ""
    # The same in every language; a list shows dozens, and babel would read the pattern for each.
    local = value.astimezone(house().company.zone).replace(tzinfo=None)
    return local.isoformat(" ", "seconds" if style == "long" else "minutes")


def shown_date(value: date | datetime | None, style: str = "medium") -> str:
    """Show a day as people of the language write it; an instant is the day it falls on in the company's zone."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        value = value.astimezone(house().company.zone).date()
    if style == "medium":
        return value.isoformat()
    return dates.format_date(value, style, locale=current_locale())


def shown_money(value: Money | int | None, currency: str = "") -> str:
    """Show an amount; whole minor units without their currency are the company's."""
    if value is None:
        return ""
    money = value if isinstance(value, Money) else Money(value, currency or house().company.currency)
    return money.shown(current_locale())


def at_least(number: int) -> str:
    """Show a number of which only is known that it is reached: rounded down, in the units of the language."""
    step = 10 ** (len(str(number)) - 1)
    known = number // step * step
    unit = _TEN_THOUSAND.get(current_locale())
    return f"{known // 10_000}{unit}" if unit and known >= 10_000 else f"{known:,}"  # noqa: PLR2004 - the unit's worth


def said(message: Any, /, **params: Any) -> Markup:
    """Speak a sentence in a template, as Jinja's own ``_``: the sentence is markup, and its parameters are not."""
    if params or type(message) is not str:
        return Markup(_gettext(message)) % params  # noqa: S704 - our own words
    return _sentence(message, current_locale())


@lru_cache(4_000)
def _sentence(message: str, locale: str) -> Markup:
    """Return a sentence without parameters: a page says a hundred, and every page the same ones."""
    return Markup(catalogue(locale).gettext(message)) % {}  # noqa: S704 - our own words


def _gettext(message: Any) -> str:
    if isinstance(message, Message | Mapping):
        # Jinja takes the result as markup and fills in parameters: what people typed must be neither.
        return str(escape(spoken(message, current_locale()))).replace("%", "%%")
    return catalogue(current_locale()).gettext(str(message))


def _ngettext(singular: str, plural: str, number: int) -> str:
    return catalogue(current_locale()).ngettext(singular, plural, number)
