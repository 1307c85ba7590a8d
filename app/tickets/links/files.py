"""Files of merged tickets: whoever reaches the target reaches them."""

from typing import Any, Final

from sqlalchemy import ColumnElement, Select, or_, select

from app.tickets.links.models import TicketMerge
from app.tickets.models import Attachment

#: A ticket merged into one that is merged into another …: over so many steps.
MOST_STEPS: Final = 3


def merged_files(within: Select[Any]) -> ColumnElement[bool]:
    """Return the condition on `Attachment` for those of what was merged into the tickets that ``within`` selects."""
    ways = []
    for _step in range(MOST_STEPS):
        within = select(TicketMerge.source_id).where(TicketMerge.target_id.in_(within))
        ways.append(Attachment.ticket_id.in_(within))
    return or_(*ways)
