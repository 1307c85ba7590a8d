"""An instant."""

import datetime as dt
import re
import unicodedata
from typing import Any, Final
from zoneinfo import ZoneInfo

from app.core.i18n import _
from ticket_templates.field_types import FIELD_TYPES
from ticket_templates.field_types.base import Case, Context, FieldError, Refused, Setting
from ticket_templates.field_types.date import EXCEL_FIRST, NOW, TODAY, Dated, check_year, read_day
from ticket_templates.field_types.declared import Moving

_TIMED: Final = re.compile(
    r"(?P<day>.{6,12}?)[T ]\s*(?P<hour>\d{1,2})[:时](?P<minute>\d{1,2})分?"
    r"(?::(?P<second>\d{2})(?:\.\d{1,9})?)?\s*(?P<offset>Z|[+-]\d{2}:?\d{2})?",
    re.ASCII,
)
_LONGEST: Final = 50


@FIELD_TYPES.register
class DateTime(Dated):
    """A day and a time. Canonical: UTC, ``YYYY-MM-DDTHH:MM:SSZ``, so that order is text order.

    It is typed in the company's zone. A time the clocks jump over is refused; of a time they pass twice the first
    is meant, unless an offset is given.
    """

    name = "datetime"
    label = _("Date and time")
    purpose = _("An instant: reported at, appointment, arrival.")
    kind = "datetime"
    input = "datetime"
    icon = "calendar-time"
    excel_format = "yyyy-mm-dd hh:mm"
    settings = (
        Setting("min", "text", _("Earliest (2026-01-31, “today” or “now”)"), ""),
        Setting("max", "text", _("Latest (2026-01-31, “today” or “now”)"), ""),
        Setting("default", "value", _("Default value (2026-01-31 16:30, “today” or “now”: when the ticket is made)")),
    )
    words = frozenset({TODAY, NOW})
    cases = (
        Case("2026-11-21T16:30", "2026-11-21T08:30:00Z", "2026-11-21 16:30"),
        Case("2026-11-21 16:30:05", "2026-11-21T08:30:05Z", "2026-11-21 16:30"),
        Case("2026/1/5 8:05", "2026-01-05T00:05:00Z", "2026-01-05 08:05"),
        Case("２０２６年１月５日 8时05分", "2026-01-05T00:05:00Z", "2026-01-05 08:05"),
        Case("2026-11-21T08:30:00Z", "2026-11-21T08:30:00Z", "2026-11-21 16:30"),
        Case("2026-11-21T08:30:00.000+00:00", "2026-11-21T08:30:00Z", "2026-11-21 16:30"),
        # Shanghai had summer time in 1988; this hour came twice.
        Case("1988-09-11 01:30", "1988-09-10T16:30:00Z", "1988-09-11 01:30"),
        Case("1988-09-11T01:30:00+08:00", "1988-09-10T17:30:00Z", "1988-09-11 01:30"),
        Case(dt.datetime(2026, 11, 21, 16, 29, 59, 999_999), "2026-11-21T08:30:00Z", "2026-11-21 16:30"),  # noqa: DTZ001 - a spreadsheet's cell
        Case(dt.date(2026, 11, 21), "2026-11-20T16:00:00Z", "2026-11-21 00:00"),
        Case("2026-11-21T16:30", "2026-11-21T08:30:00Z", "2026-11-21 16:30", {"max": "now"}),
        Case("", None, ""),
    )
    refused = (
        Refused("2026-11-21", "not_datetime"),
        Refused("16:30", "not_datetime"),
        Refused("2026-02-30T10:00", "no_such_day"),
        Refused("2026-11-21T24:00", "no_such_time"),
        Refused("2026-11-21T10:60", "no_such_time"),
        Refused("2026-11-21T10:00+99:00", "no_such_time"),
        # The clocks of Shanghai jumped from 2 to 3 here.
        Refused("1988-04-17 02:30", "no_such_time"),
        Refused("0001-01-01T00:00", "out_of_range"),
        Refused("9999-12-31T23:59", "out_of_range"),
        Refused("1900-01-01T00:00+08:00", "out_of_range"),
        Refused("soon", "not_datetime"),
        Refused(1763713800, "not_datetime"),
        Refused(float("nan"), "not_datetime"),
        Refused("9" * 10**5, "not_datetime"),
        Refused("2026-11-22T00:00", "too_late", {"max": "today"}),
        Refused("2026-11-20T23:59", "too_early", {"min": "today"}),
        Refused("2026-11-21T16:31", "too_late", {"max": "now"}),
        Refused("2026-11-21T16:29", "too_early", {"min": "now"}),
    )

    def read(self, raw: Any, context: Context) -> str:
        if isinstance(raw, Moving):
            moment = _begun(raw, context)
        elif isinstance(raw, dt.datetime):
            moment = raw if raw.tzinfo else in_zone(_to_second(raw), context.zone)
        elif isinstance(raw, dt.date):
            moment = in_zone(dt.datetime.combine(raw, dt.time()), context.zone)
        else:
            moment = read_moment(raw, context.zone)
        check_year(moment.year)
        utc = moment.astimezone(dt.UTC)
        check_year(utc.year)
        self._check_now(utc, context)
        self.check_day(utc.astimezone(context.zone).date(), context)
        return utc.strftime("%Y-%m-%dT%H:%M:%SZ")

    def _check_now(self, moment: dt.datetime, context: Context) -> None:
        if self.setting("max") == NOW and moment > context.now:
            raise FieldError(_("This is in the future."), code="too_late")
        # People type minutes; the one that is running has begun.
        if self.setting("min") == NOW and moment < context.now.replace(second=0, microsecond=0):
            raise FieldError(_("This is in the past."), code="too_early")

    def form_value(self, value: Any, context: Context) -> str:
        if value is None:
            return ""
        local = local_time(value, context.zone)
        return local.strftime("%Y-%m-%dT%H:%M:%S" if local.second else "%Y-%m-%dT%H:%M")

    def shown(self, value: Any, context: Context) -> str:
        if value is None:
            return ""
        # The same in every language, as pages show the instants of a ticket.
        return local_time(value, context.zone).replace(tzinfo=None).isoformat(" ", "minutes")

    def to_excel(self, value: Any, context: Context) -> Any:
        if value is None:
            return None
        local = local_time(value, context.zone)
        naive = local.replace(tzinfo=None, fold=0)
        if not local.fold and naive.date() >= EXCEL_FIRST:
            return naive
        # Before there were zones a place had its own time, with seconds: no offset anybody writes.
        offset = local.utcoffset() or dt.timedelta()
        return value if offset % dt.timedelta(minutes=1) else local.isoformat(sep=" ")

    def operand(self, value: Any, context: Context) -> Any:
        del context
        return None if value is None else dt.datetime.fromisoformat(value)

    def json_schema(self) -> dict[str, Any]:
        return {"type": "string", "format": "date-time", "pattern": r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$"}


def read_moment(raw: Any, zone: ZoneInfo) -> dt.datetime:
    """Return the aware instant in a text: a day, a time, and perhaps an offset; without one, in ``zone``."""
    if isinstance(raw, str) and len(raw) <= _LONGEST:
        text = unicodedata.normalize("NFKC", raw).strip()
        if found := _TIMED.fullmatch(text):
            day = read_day(found["day"])
            # Before anything is computed: year 1 has no time in zones east of Greenwich.
            check_year(day.year)
            try:
                naive = dt.datetime.combine(
                    day, dt.time(int(found["hour"]), int(found["minute"]), int(found["second"] or 0))
                )
                if not found["offset"]:
                    return in_zone(naive, zone)
                offset = found["offset"].replace("Z", "+00:00")
                return dt.datetime.fromisoformat(naive.isoformat() + offset)
            except ValueError:
                raise no_such_time() from None
    raise FieldError(_("Enter a date and a time such as 2026-11-21 16:30."), code="not_datetime")


def in_zone(naive: dt.datetime, zone: ZoneInfo) -> dt.datetime:
    """Return the instant at which clocks in ``zone`` show ``naive``: the first, if they show it twice."""
    check_year(naive.year)
    moment = naive.replace(tzinfo=zone, fold=0)
    if moment.astimezone(dt.UTC).astimezone(zone).replace(tzinfo=None, fold=0) != naive:
        raise no_such_time()
    return moment


def local_time(value: str, zone: ZoneInfo) -> dt.datetime:
    """Return a canonical value in ``zone``."""
    return dt.datetime.fromisoformat(value).astimezone(zone)


def no_such_time() -> FieldError:
    """Return the refusal of a time no clock shows."""
    return FieldError(_("There is no such time on that day."), code="no_such_time")


def _begun(word: Moving, context: Context) -> dt.datetime:
    """Return the minute that is running, as people type it, or the day's beginning."""
    local = context.now.astimezone(context.zone)
    if word == TODAY:
        return dt.datetime.combine(local.date(), dt.time(), context.zone)
    return local.replace(second=0, microsecond=0)


def _to_second(cell: dt.datetime) -> dt.datetime:
    # Spreadsheets count days as floats; 16:30 may come back as 16:29:59.999995.
    return (cell + dt.timedelta(microseconds=500_000)).replace(microsecond=0)
