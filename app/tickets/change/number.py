"""Numbers without a gap: one counter row a scope, moved once a batch and held until the commit.

Whoever comes second waits for the first's commit or rollback, so a number is never skipped and never given twice.
All counters of a batch are moved by one statement, in one order, when everything else is decided: a refused order
takes no number, and two batches never wait for each other crosswise.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from hashlib import sha256
from typing import Any

import orjson
from sqlalchemy import text

from app.core.work import Work
from ticket_templates import numbering

_MOVE = {
    "postgresql": text(
        "INSERT INTO ticket_counter (scope, last)"
        " SELECT scope, step FROM unnest(CAST(:scopes AS text[]), CAST(:steps AS int[])) AS wanted(scope, step)"
        ' ORDER BY scope COLLATE "C"'
        " ON CONFLICT (scope) DO UPDATE SET last = ticket_counter.last + excluded.last RETURNING scope, last"
    ),
    # There the whole batch is alone with its write lock.
    "sqlite": text(
        "INSERT INTO ticket_counter (scope, last)"
        " SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]') FROM json_each(:pairs) WHERE true"
        " ON CONFLICT (scope) DO UPDATE SET last = ticket_counter.last + excluded.last RETURNING scope, last"
    ),
}
#: Width of the counter's key.
_LONGEST = 60
#: What a field shows while it is decided whether there will be a ticket at all.
_PROVISIONAL = 1


@dataclass(slots=True)
class Sequences:
    """The numbers of auto-number fields in a batch: asked for while orders are decided on, given when all are."""

    #: The scopes asked for so far, in order.
    asked: list[str] = field(default_factory=list)
    _following: dict[str, int] | None = None

    def __call__(self, scope: str) -> int:
        """Return the next number of ``scope``; a provisional one, until numbers are `given`."""
        name = field_scope(scope)
        if self._following is None:
            self.asked.append(name)
            return _PROVISIONAL
        number = self._following[name]
        self._following[name] = number + 1
        return number

    def given(self, following: Mapping[str, int]) -> None:
        """From now on give real numbers: ``following`` is the first of each scope."""
        self._following = dict(following)


@dataclass(frozen=True, slots=True)
class Taken:
    """What a batch got: ticket numbers in the order asked for, and the first number of each field's scope."""

    numbers: list[str]
    following: Mapping[str, int]


def take(work: Work, tickets: Sequence[tuple[str, datetime]], scopes: Iterable[str] = ()) -> Taken:
    """Take a number for each (pattern, instant), in the order given within a day, and one for each of ``scopes``."""
    zone = work.company.zone
    groups: dict[tuple[str, date], list[int]] = {}
    for place, (pattern, moment) in enumerate(tickets):
        groups.setdefault((pattern, moment.astimezone(zone).date()), []).append(place)
    moments = {group: tickets[places[0]][1] for group, places in groups.items()}
    named = {group: numbering.parse(group[0]).scope(moments[group], zone) for group in groups}
    steps = Counter(scopes)
    for group, places in groups.items():
        steps[named[group]] += len(places)
    following = _moved(work, steps)
    numbers = [""] * len(tickets)
    for group, places in groups.items():
        first = following[named[group]]
        following[named[group]] += len(places)
        made = numbering.parse(group[0]).numbers(first, len(places), moments[group], zone)
        for place, number in zip(places, made, strict=True):
            numbers[place] = number
    return Taken(numbers, following)


def hold(work: Work, scopes: Iterable[str]) -> None:
    """Keep the counters of ``scopes`` to this transaction, in the order every batch takes them, without moving one."""
    _moved(work, dict.fromkeys(scopes, 0))


def field_scope(scope: str) -> str:
    """Return a field's scope as the counter's key; ticket numbers have no space in theirs."""
    name = f"field {scope}"
    return name if len(name) <= _LONGEST else f"field {sha256(scope.encode()).hexdigest()[:40]}"


def _moved(work: Work, steps: Mapping[str, int]) -> dict[str, int]:
    """Move each counter by its steps; return the first number of each."""
    if not steps:
        return {}
    given: dict[str, Any] = {"scopes": list(steps), "steps": list(steps.values())}
    if work.dialect == "sqlite":
        given = {"pairs": orjson.dumps(list(steps.items())).decode()}
    moved = work.session.execute(_MOVE[work.dialect], given).all()
    return {scope: last - steps[scope] + 1 for scope, last in moved}
