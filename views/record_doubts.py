"""What may be a slip, as pages ask about it: saving again says that it is right."""

from collections.abc import Iterable
from dataclasses import dataclass

from flask import request

from app.core.i18n import Message
from app.core.records.doubts import Doubt
from app.core.records.service import MOST_LINES
from views.record_facts import page_of


@dataclass(frozen=True, slots=True)
class ShownDoubt:
    """A question with the way to the record it is about."""

    key: str
    text: Message
    row_id: int
    name: str
    url: str


def shown(doubts: Iterable[Doubt]) -> list[ShownDoubt]:
    """Return the questions as a page asks them."""
    return [ShownDoubt(one.key, one.text, one.row_id, one.name, page_of(one.kind, one.row_id)) for one in doubts]


def sure() -> list[str]:
    """Return the doubts the person was shown before."""
    return request.form.getlist("sure")[:MOST_LINES]
