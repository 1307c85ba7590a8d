"""What may be a slip: asked about before a record is written, whichever door it comes through.

A doubt is no law: whoever was shown it and is sure goes on. It names other records, so whoever raises one looks only
within the actor's reach.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from app.core.errors import ConflictError, Refusal
from app.core.i18n import Message
from app.core.work import Work

#: The keys of the doubts somebody was shown and is sure about; True: whatever is doubted.
Sure = Collection[str] | bool


@dataclass(frozen=True, slots=True)
class Doubt:
    """A question about ``field``: is what was typed meant, though the record ``row_id`` of ``kind`` is there?"""

    #: Says which question is answered; the same wish is asked about by the same key.
    key: str
    field: str
    text: Message
    kind: str
    row_id: int
    #: How that record is called.
    name: str


class DoubtedError(ConflictError):
    """Nothing is written before the person is sure; there is at least one doubt."""

    def __init__(self, doubts: Collection[Doubt]) -> None:
        self.doubts = tuple(doubts)
        first = self.doubts[0]
        super().__init__(first.text, field=first.field, code="doubted")
        self.refusals = tuple(Refusal(one.text, one.field, "doubted") for one in self.doubts)


def ask(work: Work, doubts: Iterable[Doubt], sure: Sure) -> None:
    """Raise DoubtedError with the doubts nobody is sure about yet; the system has nobody to ask."""
    if sure is True or work.actor.is_system:
        return
    known = sure or ()
    if left := [one for one in doubts if one.key not in known]:
        raise DoubtedError(left)
