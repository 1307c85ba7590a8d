"""The small marks a page draws by the dozen: icons, words with a colour, priorities, instants.

Pages reach them as they reach the macros of ``ui.html`` (`ui.icon('plus')`). They are Python because a list of
tickets draws hundreds: each costs a tenth of what a macro costs, and the same mark is drawn once a process.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, tzinfo
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

from flask import Flask, current_app
from jinja2 import Undefined
from markupsafe import Markup, escape

from app.core.i18n import Message, _, spoken
from app.tickets.priorities import NORMAL, PRIORITIES
from views.base.answers import current_locale
from views.language import shown_date, translated

#: Labels are administrators' words: as many marks are kept as a busy company has states and options.
_KEPT: Final = 2_000
#: How each of `PRIORITIES` looks: its icon and tone.
_LOOKS: Final[Mapping[int, tuple[str, str]]] = {
    1: ("flame", "red"), 2: ("chevron-up", "orange"), 3: ("equal", "gray"), 4: ("chevron-down", "gray"),
}  # fmt: skip


def install(app: Flask) -> None:
    """Give templates `marks`; call when `asset` is known."""
    asset: Any = app.jinja_env.globals["asset"]
    drawn = Marks(asset("vendor/icons.svg"), app.extensions["gongdan"].company.zone)
    app.jinja_env.globals["marks"] = app.extensions["gongdan-marks"] = drawn


def marks() -> "Marks":
    """Return the marks of this application, for views that draw cells themselves."""
    found: Marks = current_app.extensions["gongdan-marks"]
    return found


class Marks:
    """Draws marks in the language of the request."""

    def __init__(self, sprite: str, zone: tzinfo) -> None:
        self._sprite = sprite
        self._zone = zone
        # One memory an application, and it goes with it: decorated methods would keep every one made in tests.
        self.icon = lru_cache(_KEPT)(self._icon)
        self._tag = lru_cache(_KEPT)(self._drawn_tag)
        self._priority = lru_cache()(self._drawn_priority)
        self._nothing = lru_cache()(self._drawn_nothing)
        self._link = lru_cache(_KEPT)(self._drawn_link)

    def badge(self, text: Any, color: str = "gray", icon_name: str = "") -> Markup:
        """Return a small word with a colour: a Tabler name, unknown ones are grey."""
        return self._tag("tag", translated(text), color, icon_name)

    def state(self, label: Any, color: str = "blue") -> Markup:
        """Return a state: its colour is a dot beside the word."""
        return self._tag("tag tag-state", translated(label), color, "")

    def priority(self, number: int, words: bool = True, word_class: str = "visually-hidden") -> Markup:
        """Return a priority's icon with its word; without ``words`` those who cannot see the icon hear it."""
        return self._priority(number, "" if words else word_class, current_locale())

    def link(self, label: Message, icon_name: str, url: str, active: bool) -> Markup:
        """Return a link of the sidebar, the same on every page of everybody who reads that language."""
        return self._link(label.in_(current_locale()), icon_name, url, active)

    @staticmethod
    def options(choices: Iterable[tuple[str, Any]], chosen: str) -> Markup:
        """Return the options of a select, by value and label."""
        locale = current_locale()
        option = '<option value="%s"%s>%s</option>'
        drawn = [
            option % (escape(value), " selected" if value == chosen else "", escape(spoken(label, locale)))
            for value, label in choices
        ]
        return Markup("".join(drawn))  # noqa: S704 - escaped above

    def when(self, instant: datetime | None, relative: bool = True) -> Markup | str:
        """Return an instant: exact as it is sent, relative once app.js has seen it, which keeps the exact as title."""
        if not instant:
            return ""
        # As `shown_datetime` says it, without asking for the company: a list draws dozens.
        shown = instant.astimezone(self._zone).replace(tzinfo=None).isoformat(" ", "minutes")
        mark = " data-relative" if relative else ""
        return Markup(f'<time datetime="{instant.isoformat()}"{mark}>{shown}</time>')  # noqa: S704 - digits

    def value(self, value: Any) -> Markup:
        """Return what a list or a page says of a value, whatever its type."""
        if value is None or isinstance(value, Undefined) or (isinstance(value, str) and not value):
            return self._nothing(current_locale())
        if isinstance(value, bool):
            word = _("Yes") if value else _("No")
            return self.icon("check" if value else "minus") + " " + word.in_(current_locale())
        if isinstance(value, str | int | float | Decimal):
            return escape(value)
        if isinstance(value, date):
            return escape(self.when(value) if isinstance(value, datetime) else shown_date(value))
        if isinstance(value, Iterable) and not isinstance(value, Mapping):
            return Markup(" ").join(map(self.badge, value)) or self._nothing(current_locale())
        return escape(translated(value))

    @staticmethod
    def delete_question(thing: Message | str | None, name: str, lost: Message | None = None) -> str:
        """Return what is asked before deleting a record; ``thing``: its kind, where known; ``lost``: what goes too."""
        question = _("Delete “%(name)s”? This cannot be undone.", name=name)
        if thing:
            question = _("Delete %(thing)s “%(name)s”? This cannot be undone.", thing=thing, name=name)
        return "\n".join(one.in_(current_locale()) for one in (question, lost) if one)

    def _icon(self, name: str, class_: str = "") -> Markup:
        css = f"icon {class_}" if class_ else "icon"
        return Markup('<svg class="{}" aria-hidden="true"><use href="{}#{}"/></svg>').format(css, self._sprite, name)

    def _drawn_tag(self, css: str, text: str, color: str, icon_name: str) -> Markup:
        icon = self.icon(icon_name, "icon-sm") if icon_name else ""
        return Markup('<span class="{} tone-{}">{}{}</span>').format(css, color or "gray", icon, text)

    def _drawn_priority(self, number: int, word_class: str, locale: str) -> Markup:
        # What no longer exists looks like a normal one.
        known = number if number in PRIORITIES else NORMAL
        icon, tone = _LOOKS[known]
        text = PRIORITIES[known].in_(locale)
        title = Markup(' title="{}"').format(text) if word_class else ""
        css = Markup(' class="{}"').format(word_class) if word_class else ""
        return Markup('<span class="prio tone-{}"{}>{}<span{}>{}</span></span>').format(
            tone, title, self.icon(icon), css, text
        )

    def _drawn_link(self, text: str, icon_name: str, url: str, active: bool) -> Markup:
        here = Markup(' aria-current="page"') if active else ""
        return Markup('<a href="{}"{}>{}<span>{}</span></a>').format(url, here, self.icon(icon_name), text)

    @staticmethod
    def _drawn_nothing(locale: str) -> Markup:
        return Markup('<span class="text-secondary" aria-label="{}">—</span>').format(_("empty").in_(locale))
