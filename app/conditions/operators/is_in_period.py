"""Within a day, week, month, quarter or year, counted from now."""

from app.conditions.operators import OPERATORS
from app.conditions.operators.base import Case, SpanOperator
from app.conditions.values import PERIOD
from app.core.i18n import _


@OPERATORS.register
class IsInPeriod(SpanOperator):
    """The fact lies in the period, as calendars in the company's zone show it."""

    name = "is_in_period"
    label = _("falls in")
    sentence = _("%(field)s falls in %(value)s")
    takes = PERIOD
    cases = (
        Case("datetime", "2026-11-20T16:00:00Z", "today", True),
        Case("datetime", "2026-11-20T15:59:59Z", "today", False),
        Case("date", "2026-11-16", "this_week", True),
        Case("date", "2026-11-23", "next_week", True),
        Case("date", "2026-10-31", "last_month", True),
        Case("date", "2026-11-01", "last_month", False),
        Case("date", "2026-12-31", "this_quarter", True),
        Case("date", "2025-01-01", "last_year", True),
        Case("date", None, "today", False),
    )
