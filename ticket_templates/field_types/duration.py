"""A length of time."""

import datetime as dt
import re
import unicodedata
from dataclasses import replace
from decimal import Decimal
from typing import Any, Final

from app.conditions.fields import ConditionField
from app.core.i18n import _
from ticket_templates.field_types import FIELD_TYPES
from ticket_templates.field_types.base import (
    DEFAULT,
    PLACEHOLDER,
    Case,
    Context,
    FieldError,
    FieldType,
    Refused,
    Setting,
)

#: A year of minutes; longer is a date.
MOST_MINUTES: Final = 366 * 24 * 60
_LONGEST: Final = 30
_CLOCK: Final = re.compile(r"(\d{1,4}):([0-5]\d)", re.ASCII)
_WORDS: Final = re.compile(
    r"(?:(\d{1,3})\s*(?:d|days?|天|日))?\s*"
    r"(?:(\d{1,4}(?:\.\d{1,2})?)\s*(?:h|hrs?|hours?|个?小时|個?小時|时|時))?\s*"
    r"(?:(\d{1,6})\s*(?:m|min|mins|minutes?|分钟?|分鐘))?",
    re.ASCII | re.IGNORECASE,
)


@FIELD_TYPES.register
class Duration(FieldType):
    """Hours and minutes. Canonical: whole minutes. A bare number means minutes."""

    name = "duration"
    label = _("Duration")
    purpose = _("How long something took or takes: labour, travel, downtime.")
    kind = "number"
    input = "duration"
    icon = "hourglass"
    excel_format = "[h]:mm"
    settings = (
        Setting("min", "int", _("Shortest, in minutes"), 0),
        Setting("max", "int", _("Longest, in minutes"), MOST_MINUTES),
        DEFAULT,
        PLACEHOLDER,
    )
    cases = (
        Case("1:30", 90, "1:30"),
        Case("90", 90, "1:30"),
        Case("９０", 90, "1:30"),
        Case("1h30m", 90, "1:30"),
        Case("1 h 30 min", 90, "1:30"),
        Case("1小时30分", 90, "1:30"),
        Case("1.5h", 90, "1:30"),
        Case("1天2小时", 1560, "26:00"),
        Case("45分钟", 45, "0:45"),
        Case(90, 90, "1:30"),
        Case(90.0, 90, "1:30"),
        Case(dt.time(1, 30), 90, "1:30"),
        Case(dt.timedelta(hours=30), 1800, "30:00"),
        Case("0", 0, "0:00"),
        Case("", None, ""),
    )
    refused = (
        Refused("1:60", "not_duration"),
        Refused("-5", "not_duration"),
        Refused("a while", "not_duration"),
        Refused("1.5", "not_duration"),
        Refused(1.5, "not_duration"),
        Refused(float("nan"), "not_duration"),
        Refused(float("inf"), "not_duration"),
        Refused(True, "not_duration"),
        Refused("0.01h", "not_duration"),
        Refused("9" * 10**5, "not_duration"),
        Refused(10**30, "too_long"),
        Refused("999999", "too_long"),
        Refused(-1, "too_short"),
        Refused("5", "too_short", {"min": 10}),
        Refused("2h", "too_long", {"max": 60}),
    )

    def read(self, raw: Any, context: Context) -> int:
        del context
        minutes = _minutes(raw)
        if minutes < self.setting("min"):
            raise FieldError(_("At least %(limit)s.", limit=clock(self.setting("min"))), code="too_short")
        if minutes > min(self.setting("max"), MOST_MINUTES):
            raise FieldError(_("At most %(limit)s.", limit=clock(self.setting("max"))), code="too_long")
        return minutes

    def form_value(self, value: Any, context: Context) -> str:
        del context
        return "" if value is None else clock(value)

    def to_excel(self, value: Any, context: Context) -> Any:
        """Return a length of time: it adds up in a spreadsheet, and shows as hours and minutes."""
        del context
        return None if value is None else dt.timedelta(minutes=value)

    def condition_field(self) -> ConditionField:
        return replace(super().condition_field(), in_minutes=True)

    def operand(self, value: Any, context: Context) -> Any:
        del context
        return None if value is None else Decimal(value)

    def json_schema(self) -> dict[str, Any]:
        return {"type": "integer", "minimum": 0, "maximum": MOST_MINUTES}

    def limits(self, context: Context) -> dict[str, Any]:
        del context
        most = min(self.setting("max"), MOST_MINUTES)
        return {"minimum": self.setting("min"), "maximum": most, "x-unit": "min"}


def clock(minutes: int) -> str:
    """Return minutes as hours and minutes: 90 is 1:30."""
    return f"{minutes // 60}:{minutes % 60:02}"


def _minutes(raw: Any) -> int:
    if isinstance(raw, dt.time):
        return raw.hour * 60 + raw.minute
    if isinstance(raw, dt.timedelta):
        return round(raw.total_seconds() / 60)
    if type(raw) is int or (isinstance(raw, float) and raw.is_integer()):
        return int(raw)
    if isinstance(raw, str) and len(raw) <= _LONGEST:
        text = unicodedata.normalize("NFKC", raw).strip()
        if text.isascii() and text.isdecimal():
            return int(text)
        if found := _CLOCK.fullmatch(text):
            return int(found[1]) * 60 + int(found[2])
        if (words := _WORDS.fullmatch(text)) and any(words.groups()):
            days, hours, minutes = (Decimal(part or 0) for part in words.groups())
            total = days * 1440 + hours * 60 + minutes
            if total == int(total):
                return int(total)
    raise FieldError(_("Enter a duration such as 1:30, 90 or 1h30m."), code="not_duration")
