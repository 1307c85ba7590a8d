"""A time of day."""

import datetime as dt
import re
import unicodedata
from typing import Any, Final

from app.core.i18n import _
from ticket_templates.field_types import FIELD_TYPES
from ticket_templates.field_types.base import DEFAULT, Case, Context, FieldError, FieldType, Refused

_CLOCK: Final = re.compile(r"(\d{1,2})(?:[:.](\d{2})(?::\d{2})?|[时點点](?:(\d{1,2})分?)?)", re.ASCII)
_LONGEST: Final = 20


@FIELD_TYPES.register
class Time(FieldType):
    """A time without a day, to the minute. Canonical: ``HH:MM``."""

    name = "time"
    label = _("Time")
    purpose = _("A time of day: open from, please call at.")
    kind = "time"
    input = "time"
    icon = "clock"
    excel_format = "hh:mm"
    settings = (DEFAULT,)
    cases = (
        Case("08:05", "08:05", "08:05"),
        Case("8:05", "08:05", "08:05"),
        Case("１６：３０", "16:30", "16:30"),
        Case("16点30分", "16:30", "16:30"),
        Case("16点", "16:00", "16:00"),
        Case("16:30:59", "16:30", "16:30"),
        Case(dt.time(16, 30), "16:30", "16:30"),
        Case(0.5, "12:00", "12:00"),
        Case(0.3541666, "08:30", "08:30"),
        Case("00:00", "00:00", "00:00"),
        Case("", None, ""),
    )
    refused = (
        Refused("24:00", "no_such_time"),
        Refused("12:60", "no_such_time"),
        Refused("noon", "not_time"),
        Refused("12", "not_time"),
        Refused(12, "not_time"),
        Refused(1.5, "not_time"),
        Refused(float("nan"), "not_time"),
        Refused(True, "not_time"),
        Refused("9" * 10**5, "not_time"),
        Refused(["08:05"], "not_time"),
    )

    def read(self, raw: Any, context: Context) -> str:
        del context
        if isinstance(raw, dt.time):
            return raw.strftime("%H:%M")
        if isinstance(raw, dt.datetime):
            return raw.strftime("%H:%M")
        if isinstance(raw, float) and 0 <= raw < 1:
            # A spreadsheet's time is a share of a day.
            hour, minute = divmod(round(raw * 1440) % 1440, 60)
            return f"{hour:02}:{minute:02}"
        found = None
        if isinstance(raw, str) and len(raw) <= _LONGEST:
            found = _CLOCK.fullmatch(unicodedata.normalize("NFKC", raw).strip())
        if not found:
            raise FieldError(_("Enter a time such as 08:30."), code="not_time")
        try:
            return dt.time(int(found[1]), int(found[2] or found[3] or 0)).strftime("%H:%M")
        except ValueError:
            raise FieldError(_("There is no such time."), code="no_such_time") from None

    def shown(self, value: Any, context: Context) -> str:
        del context
        return value or ""

    def to_excel(self, value: Any, context: Context) -> Any:
        del context
        return None if value is None else dt.time.fromisoformat(value)

    def json_schema(self) -> dict[str, Any]:
        return {"type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$"}
