"""From where a condition is asked: relative times and “me” mean what they mean at one standpoint.

Everything relative is resolved here, once an evaluation, into plain days, instants and keys; no backend knows a clock.
"""

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Flag, auto
from typing import Any, Final
from zoneinfo import ZoneInfo

from app.core.i18n import Message, _


class View(Flag):
    """What there is to be asked about, besides the facts themselves."""

    FACTS = 0
    #: Somebody asks, at some time.
    STANDPOINT = auto()
    #: Something changes, or has changed: a rule sees the change it runs for, a list those of the journal.
    CHANGE = auto()


@dataclass(frozen=True, slots=True)
class Standpoint:
    """Who asks and when. ``now`` is an aware instant, ``zone`` the company's: its midnight begins a day."""

    now: dt.datetime
    zone: ZoneInfo
    #: The account that asks; None: the system, which is nobody's “me”.
    user_id: int | None = None
    team_ids: frozenset[int] = frozenset()
    #: The accounts in those teams.
    colleague_ids: frozenset[int] = frozenset()

    @property
    def today(self) -> dt.date:
        """Return the day it is in the company's zone."""
        return self.now.astimezone(self.zone).date()


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of relative times: ``3d``. Steps of calendar units are taken on the calendar, so that a day is a day."""

    #: Its name in CLDR, by which a span is spoken.
    spoken: str
    #: More would leave the calendar: about a hundred years.
    most: int
    seconds: int = 0
    days: int = 0
    months: int = 0


UNITS: Final[Mapping[str, Unit]] = {
    "min": Unit("duration-minute", 52_704_000, seconds=60),
    "h": Unit("duration-hour", 878_400, seconds=3600),
    "d": Unit("duration-day", 36_600, days=1),
    "w": Unit("duration-week", 5_200, days=7),
    "mo": Unit("duration-month", 1_200, months=1),
    "y": Unit("duration-year", 100, months=12),
}
_SPAN: Final = re.compile(rf"([+-]?)(\d{{1,8}})({'|'.join(UNITS)})", re.ASCII)

#: Parts of the calendar that have a beginning, and how that is called. Weeks begin on Monday.
STARTS: Final[Mapping[str, Message]] = {
    "day": _("the start of today"),
    "week": _("the start of this week"),
    "month": _("the start of this month"),
    "quarter": _("the start of this quarter"),
    "year": _("the start of this year"),
}

#: Relative periods: the part of the calendar and which of them, counted from the present one.
PERIODS: Final[Mapping[str, tuple[Message, str, int]]] = {
    "today": (_("today"), "day", 0),
    "yesterday": (_("yesterday"), "day", -1),
    "tomorrow": (_("tomorrow"), "day", 1),
    "this_week": (_("this week"), "week", 0),
    "last_week": (_("last week"), "week", -1),
    "next_week": (_("next week"), "week", 1),
    "this_month": (_("this month"), "month", 0),
    "last_month": (_("last month"), "month", -1),
    "next_month": (_("next month"), "month", 1),
    "this_quarter": (_("this quarter"), "quarter", 0),
    "last_quarter": (_("last quarter"), "quarter", -1),
    "next_quarter": (_("next quarter"), "quarter", 1),
    "this_year": (_("this year"), "year", 0),
    "last_year": (_("last year"), "year", -1),
    "next_year": (_("next year"), "year", 1),
}

#: A stretch of days or instants, from the first to before the second, as texts that sort.
Stretch = tuple[str, str]


def read_span(text: Any) -> tuple[int, str] | None:
    """Return how many of which unit ``3d`` or ``-3d`` is; None: it is no span."""
    found = _SPAN.fullmatch(text) if type(text) is str else None
    if found is None or int(found[2]) > UNITS[found[3]].most:
        return None
    return int(f"{found[1]}{found[2]}"), found[3]


def is_relative(value: Any) -> bool:
    """Whether a value of a leaf is one of the relative times: ``{"now": "-3d"}``, ``{"start_of": "month"}``."""
    if not isinstance(value, Mapping) or len(value) != 1:
        return False
    ((name, said),) = value.items()
    return read_span(said) is not None if name == "now" else name == "start_of" and _named(said, STARTS)


def resolved(value: Mapping[str, str], kind: str, at: Standpoint) -> str:
    """Return the day or the instant a relative time is."""
    if "start_of" in value:
        return _day_text(start_of(value["start_of"], at), kind, at.zone)
    span = read_span(value["now"])
    assert span is not None  # noqa: S101 - the parser has refused what is no span
    return _text(_shifted(at, *span), kind, at.zone)


def around_now(span: str, kind: str, at: Standpoint, *, ahead: bool) -> Stretch:
    """Return the stretch from a span ago until now, or from now on; now and the last day are within it."""
    count, unit = read_span(span) or (0, "d")
    other = _shifted(at, count if ahead else -count, unit)
    first, last = sorted((at.now, other))
    step = dt.timedelta(days=1) if kind == "date" else dt.timedelta(seconds=1)
    return _text(first, kind, at.zone), _text(last + step, kind, at.zone)


def period(name: str, kind: str, at: Standpoint) -> Stretch:
    """Return the stretch of a relative period."""
    _label, part, shift = PERIODS[name]
    first, last = start_of(part, at, shift), start_of(part, at, shift + 1)
    return _day_text(first, kind, at.zone), _day_text(last, kind, at.zone)


def start_of(part: str, at: Standpoint, shift: int = 0) -> dt.date:
    """Return the first day of a part of the calendar: the present one, or ``shift`` later."""
    today = at.today
    if part == "day":
        return today + dt.timedelta(days=shift)
    if part == "week":
        return today + dt.timedelta(weeks=shift, days=-today.weekday())
    months = {"month": 1, "quarter": 3, "year": 12}[part]
    return _months_later(today.replace(month=(today.month - 1) // months * months + 1, day=1), shift * months)


def instant_text(moment: dt.datetime) -> str:
    """Return an instant in the one form in which conditions compare them: UTC, to the second."""
    return f"{moment.astimezone(dt.UTC).replace(tzinfo=None).isoformat(timespec='seconds')}Z"


def _shifted(at: Standpoint, count: int, name: str) -> dt.datetime:
    unit = UNITS[name]
    if unit.seconds:
        return at.now + dt.timedelta(seconds=count * unit.seconds)
    local = at.now.astimezone(at.zone)
    day = _months_later(local.date(), count * unit.months) + dt.timedelta(days=count * unit.days)
    return dt.datetime.combine(day, local.time(), at.zone)


def _months_later(day: dt.date, months: int) -> dt.date:
    """Return the same day months later, or the last of that month where there is none."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    following = dt.date(year + (month + 1) // 12, (month + 1) % 12 + 1, 1)
    return dt.date(year, month + 1, min(day.day, (following - dt.timedelta(days=1)).day))


def _text(moment: dt.datetime, kind: str, zone: ZoneInfo) -> str:
    return moment.astimezone(zone).date().isoformat() if kind == "date" else instant_text(moment)


def _day_text(day: dt.date, kind: str, zone: ZoneInfo) -> str:
    return day.isoformat() if kind == "date" else instant_text(dt.datetime.combine(day, dt.time(), zone))


def _named(said: Any, names: Mapping[str, Any]) -> bool:
    return type(said) is str and said in names
