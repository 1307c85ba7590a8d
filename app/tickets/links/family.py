"""Parents and children: what keeps a parent from being closed, and how deep a family goes."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import select, true

from app.core.i18n import Message, _, listing
from app.core.work import Work
from app.tickets import scope
from app.tickets.change.plan import DONE
from app.tickets.links.kinds import MOST_LEVELS
from app.tickets.links.models import TicketLink
from app.tickets.models import Ticket

#: So many are named; the others are counted.
_NAMED: Final = 5
_PARENT: Final = "parent"


@dataclass(frozen=True, slots=True)
class Child:
    """A child that is not finished; without a number it is out of the actor's reach."""

    id: int
    number: str | None


def unfinished(work: Work, parent_ids: Iterable[int]) -> dict[int, list[Child]]:
    """Return the children of each of the tickets whose work is not done; one statement, however many are asked."""
    reach = scope.reaches(work.actor)
    query = (
        select(TicketLink.source_id, Ticket.id, Ticket.number, true() if reach is None else reach)
        .join(Ticket, Ticket.id == TicketLink.target_id)
        .where(
            TicketLink.kind == _PARENT,
            TicketLink.source_id.in_(sorted(set(parent_ids))),
            Ticket.category.not_in(DONE),
        )
        .order_by(Ticket.id)
    )
    found: dict[int, list[Child]] = {}
    for parent, child, number, reached in work.rows(query):
        found.setdefault(parent, []).append(Child(child, number if reached else None))
    return found


def finish_first(children: Sequence[Child]) -> Message:
    """Return what is to be finished before their parent is closed; those out of reach are only counted."""
    named = [child.number for child in children if child.number][:_NAMED]
    others = len(children) - len(named)
    if not named:
        return _("Tickets below this one must be finished first: %(count)s.", count=others)
    if not others:
        return _("Finish the tickets below this one first: %(numbers)s.", numbers=listing(named))
    return _(
        "Finish the tickets below this one first: %(numbers)s and %(count)s others.",
        numbers=listing(named), count=others,
    )  # fmt: skip


@dataclass(slots=True)
class Family:
    """Who is whose parent around some tickets: enough to tell whether a new link would close a circle."""

    parents: dict[int, int] = field(default_factory=dict)
    children: dict[int, set[int]] = field(default_factory=dict)

    @classmethod
    def around(cls, work: Work, ticket_ids: Collection[int]) -> "Family":
        """Read the ancestors and descendants of the tickets, one statement a level."""
        family = cls()
        for near, far in ((TicketLink.target_id, TicketLink.source_id), (TicketLink.source_id, TicketLink.target_id)):
            known, asked = set(ticket_ids), set(ticket_ids)
            for _level in range(MOST_LEVELS):
                if not asked:
                    break
                query = select(TicketLink.source_id, TicketLink.target_id, far)
                links = work.session.execute(query.where(TicketLink.kind == _PARENT, near.in_(sorted(asked)))).all()
                for parent, child, _far in links:
                    family.add(parent, child)
                asked = {one[2] for one in links} - known
                known |= asked
        return family

    def add(self, parent: int, child: int) -> None:
        """Take note of a link."""
        self.parents[child] = parent
        self.children.setdefault(parent, set()).add(child)

    def remove(self, parent: int, child: int) -> None:
        """Forget a link."""
        self.parents.pop(child, None)
        self.children.get(parent, set()).discard(child)

    def above(self, ticket_id: int) -> list[int]:
        """Return the ancestors, nearest first."""
        found: list[int] = []
        while (parent := self.parents.get(found[-1] if found else ticket_id)) is not None and parent not in found:
            found.append(parent)
        return found

    def levels_below(self, ticket_id: int) -> int:
        """Return how many levels of descendants there are."""
        levels, row = 0, {ticket_id}
        while levels <= MOST_LEVELS and (row := {child for one in row for child in self.children.get(one, ())}):
            levels += 1
        return levels

    def refusal(self, parent: int, child: int, numbers: Mapping[int, Any]) -> tuple[Message, str] | None:
        """Return why ``child`` may not come under ``parent``, and the code of that."""
        held = self.parents.get(child)
        if held is not None:
            if held in numbers:
                return _("It has a parent already: %(number)s.", number=numbers[held]), "has_parent"
            return _("It has another parent already."), "has_parent"
        above = self.above(parent)
        if child in above:
            return _("It stands above this ticket already; a circle cannot be closed."), "circle"
        if len(above) + 1 + self.levels_below(child) >= MOST_LEVELS:
            return _("At most %(limit)s levels can stand below one another.", limit=MOST_LEVELS), "too_deep"
        return None
