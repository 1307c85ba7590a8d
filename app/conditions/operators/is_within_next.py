"""Soon."""

from app.conditions.operators import OPERATORS
from app.conditions.operators.base import Case, SpanOperator
from app.conditions.values import FUTURE
from app.core.i18n import _


@OPERATORS.register
class IsWithinNext(SpanOperator):
    """The fact is at most so far ahead, and not past. Of days, today is the first."""

    name = "is_within_next"
    label = _("is within the next")
    sentence = _("%(field)s is within the next %(value)s")
    takes = FUTURE
    cases = (
        Case("datetime", "2026-11-21T10:30:00Z", "2h", True),
        Case("datetime", "2026-11-21T08:29:59Z", "2h", False),
        Case("date", "2026-11-28", "1w", True),
        Case("date", "2026-11-29", "1w", False),
        Case("date", "2026-11-20", "1w", False),
    )
