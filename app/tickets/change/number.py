"""Ticket numbers without a gap: one counter row a scope, moved once a batch and held until the commit.

Whoever comes second waits for the first's commit or rollback, so a number is never skipped and never given twice.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import text

from app.core.work import Work
from ticket_templates import numbering

_NEXT = text(
    "INSERT INTO ticket_counter (scope, last) VALUES (:scope, :step)"
    " ON CONFLICT (scope) DO UPDATE SET last = ticket_counter.last + excluded.last RETURNING last"
)


def take_numbers(work: Work, wanted: Sequence[tuple[str, datetime]]) -> list[str]:
    """Return a number for each (pattern, instant); within a pattern and day they follow the order given."""
    zone = work.company.zone
    groups: dict[tuple[str, date], list[int]] = {}
    for place, (pattern, moment) in enumerate(wanted):
        groups.setdefault((pattern, moment.astimezone(zone).date()), []).append(place)
    moments = {group: wanted[places[0]][1] for group, places in groups.items()}
    scopes = {group: numbering.parse(group[0]).scope(moments[group], zone) for group in groups}
    steps = Counter[str]()
    for group, places in groups.items():
        steps[scopes[group]] += len(places)
    # Always in one order, so that two batches never wait for each other crosswise.
    following = {scope: _moved(work, scope, step) - step + 1 for scope, step in sorted(steps.items())}
    numbers = [""] * len(wanted)
    for group, places in groups.items():
        first = following[scopes[group]]
        following[scopes[group]] += len(places)
        made = numbering.parse(group[0]).numbers(first, len(places), moments[group], zone)
        for place, number in zip(places, made, strict=True):
            numbers[place] = number
    return numbers


def next_in(work: Work, scope: str) -> int:
    """Return the next number of a scope of its own (auto-number fields)."""
    return _moved(work, f"field {scope}"[:60], 1)


def _moved(work: Work, scope: str, step: int) -> int:
    return int(work.session.execute(_NEXT, {"scope": scope, "step": step}).scalar_one())
