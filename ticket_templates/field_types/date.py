"""A day."""

import datetime as dt
import re
import unicodedata
from typing import Any, Final

from app.core.i18n import _
from ticket_templates.field_types import FIELD_TYPES
from ticket_templates.field_types.base import Case, Context, FieldError, FieldType, Refused, Setting
from ticket_templates.field_types.declared import Moving
from ticket_templates.spec import FieldSpec

#: Years outside are typing errors: a date input gives year 26 when somebody types 26.
FIRST_YEAR: Final = 1900
LAST_YEAR: Final = 2199
#: Excel believes that 1900 was a leap year; days before travel as text.
EXCEL_FIRST: Final = dt.date(1900, 3, 1)
#: Words for a limit that moves with time.
TODAY: Final = "today"
NOW: Final = "now"

_DAY: Final = re.compile(r"(\d{4})(?:-(\d{1,2})-|/(\d{1,2})/|\.(\d{1,2})\.|年(\d{1,2})月)(\d{1,2})日?", re.ASCII)
_COMPACT: Final = re.compile(r"(\d{4})(\d{2})(\d{2})", re.ASCII)
_LONGEST: Final = 40


class Dated(FieldType):
    """Base of date and datetime: limits by day."""

    input = "date"
    settings = (
        Setting("min", "text", _("Earliest day (2026-01-31 or “today”)"), ""),
        Setting("max", "text", _("Latest day (2026-01-31 or “today”)"), ""),
        Setting("default", "value", _("Default value (2026-01-31 or “today”: the day the ticket is made)")),
    )
    #: Limits take them as well.
    words = frozenset({TODAY})

    def __init__(self, spec: FieldSpec) -> None:
        super().__init__(spec)
        self.lapses = self.setting("min") in self.words

    def check_definition(self) -> None:
        super().check_definition()
        for bound in ("min", "max"):
            limit = self.setting(bound)
            try:
                self.bound(bound, dt.date(2026, 1, 1))
            except FieldError as error:
                raise FieldError(
                    _("“%(value)s” is no day.", value=limit[:_LONGEST]), field=bound, code="bad_setting"
                ) from error

    def written(self, raw: Any) -> Any:
        return Moving(raw) if isinstance(raw, str) and raw in self.words else raw

    def bound(self, name: str, today: dt.date) -> dt.date | None:
        """Return the day of a limit, or None where there is none."""
        limit = self.setting(name)
        return today if limit in self.words else read_day(limit) if limit else None

    def limits(self, context: Context) -> dict[str, Any]:
        del context
        return {f"x-{name}imum": self.setting(name) for name in ("min", "max") if self.setting(name)}

    def check_day(self, day: dt.date, context: Context) -> None:
        """Raise FieldError when ``day`` is outside the definition's limits or no year of ours."""
        check_year(day.year)
        today = context.now.astimezone(context.zone).date()
        earliest, latest = self.bound("min", today), self.bound("max", today)
        if earliest and day < earliest:
            raise FieldError(_("Not before %(day)s.", day=earliest.isoformat()), code="too_early")
        if latest and day > latest:
            raise FieldError(_("Not after %(day)s.", day=latest.isoformat()), code="too_late")


def check_year(year: int) -> None:
    """Raise FieldError for a year nobody means."""
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise FieldError(
            _("The year must be between %(first)s and %(last)s.", first=FIRST_YEAR, last=LAST_YEAR), code="out_of_range"
        )


def read_day(raw: Any) -> dt.date:
    """Return the day in ``raw``: 2026-11-21, 2026/11/21, 2026.11.21, 2026年11月21日 or 20261121."""
    if isinstance(raw, str) and len(raw) <= _LONGEST:
        text = unicodedata.normalize("NFKC", raw).strip()
        if found := _DAY.fullmatch(text) or _COMPACT.fullmatch(text):
            year, month, day = (int(part) for part in found.groups() if part)
            try:
                return dt.date(year, month, day)
            except ValueError:
                raise FieldError(_("There is no such day."), code="no_such_day") from None
    raise FieldError(_("Enter a date such as 2026-11-21."), code="not_date")


@FIELD_TYPES.register
class Date(Dated):
    """A day without a time: bought on, due on. Canonical: ``YYYY-MM-DD``."""

    name = "date"
    label = _("Date")
    purpose = _("A day: bought on, installed on, valid until.")
    kind = "date"
    icon = "calendar"
    excel_format = "yyyy-mm-dd"
    cases = (
        Case("2026-11-21", "2026-11-21", "2026-11-21"),
        Case("2026/1/5", "2026-01-05", "2026-01-05"),
        Case("2026.01.05", "2026-01-05", "2026-01-05"),
        Case("２０２６年１月５日", "2026-01-05", "2026-01-05"),
        Case("20260105", "2026-01-05", "2026-01-05"),
        Case("2024-02-29", "2024-02-29", "2024-02-29"),
        Case("1900-01-01", "1900-01-01", "1900-01-01"),
        Case("2199-12-31", "2199-12-31", "2199-12-31"),
        Case(dt.date(2026, 11, 21), "2026-11-21", "2026-11-21"),
        Case(dt.datetime(2026, 11, 21), "2026-11-21", "2026-11-21"),  # noqa: DTZ001 - a spreadsheet's cell
        Case("", None, ""),
        Case("2026-11-21", "2026-11-21", "2026-11-21", {"max": "today"}),
    )
    refused = (
        Refused("2026-02-30", "no_such_day"),
        Refused("2023-02-29", "no_such_day"),
        Refused("2026-13-01", "no_such_day"),
        Refused("0001-01-01", "out_of_range"),
        Refused("9999-12-31", "out_of_range"),
        Refused("0026-11-21", "out_of_range"),
        Refused("0000-00-00", "no_such_day"),
        Refused("10000-01-01", "not_date"),
        Refused("21.11.2026", "not_date"),
        Refused("2026-1/5", "not_date"),
        Refused("tomorrow", "not_date"),
        Refused("2026-11-21T10:00", "not_date"),
        Refused(20261121, "not_date"),
        Refused(float("nan"), "not_date"),
        Refused("9" * 10**5, "not_date"),
        Refused("2026-11-22", "too_late", {"max": "today"}),
        Refused("2019-12-31", "too_early", {"min": "2020-01-01"}),
    )

    def read(self, raw: Any, context: Context) -> str:
        if isinstance(raw, Moving):
            day = context.now.astimezone(context.zone).date()
        elif isinstance(raw, dt.datetime):
            day = raw.date()
        elif isinstance(raw, dt.date):
            day = raw
        else:
            day = read_day(raw)
        self.check_day(day, context)
        return day.isoformat()

    def shown(self, value: Any, context: Context) -> str:
        # The same in every language, as pages show instants.
        del context
        return value or ""

    def to_excel(self, value: Any, context: Context) -> Any:
        del context
        if value is None:
            return None
        day = dt.date.fromisoformat(value)
        return day if day >= EXCEL_FIRST else value

    def operand(self, value: Any, context: Context) -> Any:
        del context
        return None if value is None else dt.date.fromisoformat(value)

    def json_schema(self) -> dict[str, Any]:
        return {"type": "string", "format": "date", "pattern": r"^\d{4}-\d{2}-\d{2}$"}
