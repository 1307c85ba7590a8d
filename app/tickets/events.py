"""What happened to tickets; told through the switchboard, inside the transaction."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class TicketChange:
    """One ticket's change, as journaled: ``{field: [old, new]}``, and the transition taken, if any."""

    ticket_id: int
    kind: str
    changes: Mapping[str, Any]
    transition: str | None = None


@dataclass(frozen=True, slots=True)
class TicketsOpened:
    """Tickets were made; in the order of their numbers."""

    ticket_ids: tuple[int, ...]
    changes: tuple[TicketChange, ...] = ()


@dataclass(frozen=True, slots=True)
class TicketsChanged:
    """Tickets were changed, moved, handed over or noted."""

    changes: tuple[TicketChange, ...]

    @property
    def ticket_ids(self) -> tuple[int, ...]:
        """Return the tickets concerned."""
        return tuple(change.ticket_id for change in self.changes)


@dataclass(frozen=True, slots=True)
class PeopleMentioned:
    """Accounts were named with @username in a note."""

    ticket_id: int
    note_id: int
    user_ids: tuple[int, ...]
