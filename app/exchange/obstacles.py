"""What stands in the way of rows, one line a reason instead of one a row: of a check, and of an import."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from app.core.work import Work
from app.exchange import ledger
from app.exchange.ticket_import import CHUNK, IMPORTED, REFUSED

#: Reasons told apart in a summary; a file that has more is wrong as a whole.
MOST: Final = 200


@dataclass(frozen=True, slots=True)
class Obstacle:
    """A reason that stands in the way of rows: at which column, how many, and the first of them (0: not known)."""

    column: str
    reason: str
    rows: int
    first: int


def counted(chunks: Iterable[tuple[Mapping[str, Any], Mapping[str, Any]]], *, doubted: bool = False) -> list[list[Any]]:
    """Return column, reason, rows and first row of each reason in a ledger, the most frequent first.

    ``doubted``: not why rows were refused, but what their template doubts of those that came in.
    """
    found: dict[tuple[str, str], list[Any]] = {}
    for payload, detail in chunks:
        for number, reasons, rows in _reasons(payload, detail, doubted=doubted):
            for column, reason in [["", reasons]] if isinstance(reasons, str) else reasons:
                message = reason["message"] if isinstance(reason, dict) and "message" in reason else str(reason)
                found.setdefault((column, message), [column, reason, 0, number])[2] += rows
    return sorted(found.values(), key=lambda one: -one[2])[:MOST]


def obstacles(work: Work, told: Sequence[Sequence[Any]]) -> list[Obstacle]:
    """Return what `counted` found in the reader's language."""
    return [
        Obstacle(column, ledger.told(reason, work.actor.locale), rows, first) for column, reason, rows, first in told
    ]


def _reasons(payload: Mapping[str, Any], detail: Mapping[str, Any], *, doubted: bool) -> Iterable[tuple[int, Any, int]]:
    """Yield number, reasons and how many rows they stand for; rows that are gone with their upload stand as one."""
    if "reasons" in detail and not doubted:
        yield 0, detail["reasons"], payload.get("last", CHUNK) - payload.get("first", 0)
    for number, status, _ticket, reasons in detail.get("rows", ()):
        if status == (IMPORTED if doubted else REFUSED):
            yield number, reasons, 1
