"""A new ticket that is split off from another: what its form begins with, and how it is made."""

from dataclasses import dataclass
from typing import Any, Final

from flask import request

from app.core.numbers import whole_in
from app.core.work import Work
from app.tickets import queries, service
from app.tickets.change.splitting import MOST_NOTES
from app.tickets.links.filling import carried_over
from app.tickets.orders import OpenTicket, Outcome, SplitTicket
from app.tickets.queries import TicketDetail
from ticket_templates.versions import CompiledVersion

_ANSWER: Final = "values."


@dataclass(frozen=True, slots=True)
class Split:
    """What a new ticket is split off from."""

    source: TicketDetail
    notes: tuple[int, ...]

    @property
    def number(self) -> str:
        """Return the number of the ticket that is split."""
        return self.source.number

    @property
    def charges(self) -> bool:
        """Whether something is due on the ticket that is split, which stays there."""
        return not self.source.version.rules.charged.isdisjoint(self.source.values)


def asked(work: Work) -> Split | None:
    """Return what the request wants to be split; None: it is about an ordinary new ticket."""
    number = request.values.get("split", "")
    if not number:
        return None
    detail = queries.ticket(work, number)
    notes = [whole_in(one) for one in request.values.getlist("split_note")[: MOST_NOTES + 1]]
    return Split(detail, tuple(one for one in notes if one is not None))


def prefilled(work: Work, split: Split | None, version: CompiledVersion) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the columns and answers that the form of what is split off begins with."""
    if split is None:
        return {}, {}
    source = split.source
    known = carried_over(work.actor, source.columns, source.version, version)
    answers = {key.removeprefix(_ANSWER): value for key, value in known.items() if key.startswith(_ANSWER)}
    return {name: value for name, value in known.items() if not name.startswith(_ANSWER)}, answers


def open_split(work: Work, split: Split | None, order: OpenTicket) -> Outcome:
    """Open the ticket, split off or not."""
    if split is None:
        return service.open_ticket(work, order)
    return service.split_ticket(work, SplitTicket(split.source.id, order, split.notes))
