"""Not long ago."""

from app.conditions.operators import OPERATORS
from app.conditions.operators.base import Case, SpanOperator
from app.conditions.values import PAST
from app.core.i18n import _


@OPERATORS.register
class IsWithinLast(SpanOperator):
    """The fact is at most so long ago, and not ahead. Of days, the one that began then is the first."""

    name = "is_within_last"
    label = _("is within the last")
    sentence = _("%(field)s is within the last %(value)s")
    takes = PAST
    cases = (
        Case("datetime", "2026-11-21T07:00:00Z", "90min", True),
        Case("datetime", "2026-11-21T06:59:59Z", "90min", False),
        Case("datetime", "2026-11-21T08:30:00Z", "1d", True),
        Case("datetime", "2026-11-21T08:30:01Z", "1d", False),
        Case("date", "2026-11-18", "3d", True),
        Case("date", "2026-11-17", "3d", False),
        Case("date", "2026-02-28", "9mo", True),
        Case("date", None, "1y", False),
    )
