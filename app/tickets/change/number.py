"""Ticket numbers without a gap: one counter row a scope, moved once a batch and held until the commit.

Whoever comes second waits for the first's commit or rollback, so a number is never skipped and never given twice.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import text

from app.core.work import Work
from ticket_templates import numbering

_NEXT = text(
    "INSERT INTO ticket_counter (scope, last) VALUES (:scope, :step)"
    " ON CONFLICT (scope) DO UPDATE SET last = ticket_counter.last + excluded.last RETURNING last"
)


def take_numbers(work: Work, wanted: Sequence[tuple[str, datetime]]) -> list[str]:
    """Return a number for each (pattern, instant), in order."""
    zone = work.company.zone
    formats = [numbering.parse(pattern) for pattern, _moment in wanted]
    scopes = [form.scope(moment, zone) for form, (_pattern, moment) in zip(formats, wanted, strict=True)]
    # Always in one order, so that two batches never wait for each other crosswise.
    following = {scope: _moved(work, scope, step) - step for scope, step in sorted(Counter(scopes).items())}
    numbers = []
    for form, scope, (_pattern, moment) in zip(formats, scopes, wanted, strict=True):
        following[scope] += 1
        numbers.append(form.number(following[scope], moment, zone))
    return numbers


def next_in(work: Work, scope: str) -> int:
    """Return the next number of a scope of its own (auto-number fields)."""
    return _moved(work, f"field {scope}"[:60], 1)


def _moved(work: Work, scope: str, step: int) -> int:
    return int(work.session.execute(_NEXT, {"scope": scope, "step": step}).scalar_one())
