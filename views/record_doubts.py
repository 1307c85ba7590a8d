"""What may be a slip and is asked about before a record is saved: saving again says that it is right."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from flask import request

from app.core.i18n import Message
from app.core.records.service import MOST_LINES


@dataclass(frozen=True, slots=True)
class Doubt:
    """What is doubted, about which other record, and by which ``key`` the form says that it is right."""

    key: str
    text: Message
    name: str
    url: str


class DoubtedError(Exception):
    """Nothing is saved before the person is sure."""

    def __init__(self, doubts: Sequence[Doubt]) -> None:
        super().__init__()
        self.doubts = doubts


def sure() -> list[str]:
    """Return the doubts the person was shown before."""
    return request.form.getlist("sure")[:MOST_LINES]


def ask(doubts: Iterable[Doubt]) -> None:
    """Raise DoubtedError with the doubts that were not shown yet."""
    if left := [one for one in doubts if one.key not in sure()]:
        raise DoubtedError(left)
