"""All reads of tickets, through one query builder (`selection`) and one row scope (`app.tickets.scope`)."""

from app.tickets.change.plan import NOT_YOURS
from app.tickets.queries.apart import Apart, told_apart
from app.tickets.queries.candidates import Candidate, candidates
from app.tickets.queries.counting import MOST_GROUPS, Group, Groups, counts, exact_within, groups
from app.tickets.queries.detail import (
    Since,
    TicketDetail,
    Watcher,
    answered_at,
    changes_since,
    emptied_by_steps,
    is_seen,
    last_move,
    steps,
    ticket,
    watchers,
)
from app.tickets.queries.finding import CustomerFound, Findings, Target, UnitFound, exact, find
from app.tickets.queries.foretelling import merge_brings
from app.tickets.queries.mentions import Mention, mentions
from app.tickets.queries.page import (
    Count,
    TicketPage,
    answered,
    count,
    count_to,
    exact_count,
    ids_in_order,
    rows_by_id,
    stream,
    ticket_page,
    versions_used,
)
from app.tickets.queries.related import (
    Customer360,
    Place,
    Related,
    TicketsOf,
    customer_360,
    customer_tickets,
    place,
    related,
    unit_tickets,
)
from app.tickets.queries.selection import TicketQuery
from app.tickets.queries.timeline import FileCard, TimelineEntry, timeline
from app.tickets.queries.usage import templates_used
from app.tickets.queries.wording import FieldChange
from app.tickets.rows import TicketRow

__all__ = [
    "MOST_GROUPS",
    "NOT_YOURS",
    "Apart",
    "Candidate",
    "Count",
    "Customer360",
    "CustomerFound",
    "FieldChange",
    "FileCard",
    "Findings",
    "Group",
    "Groups",
    "Mention",
    "Place",
    "Related",
    "Since",
    "Target",
    "TicketDetail",
    "TicketPage",
    "TicketQuery",
    "TicketRow",
    "TicketsOf",
    "TimelineEntry",
    "UnitFound",
    "Watcher",
    "answered",
    "answered_at",
    "candidates",
    "changes_since",
    "count",
    "count_to",
    "counts",
    "customer_360",
    "customer_tickets",
    "emptied_by_steps",
    "exact",
    "exact_count",
    "exact_within",
    "find",
    "groups",
    "ids_in_order",
    "is_seen",
    "last_move",
    "mentions",
    "merge_brings",
    "place",
    "related",
    "rows_by_id",
    "steps",
    "stream",
    "templates_used",
    "ticket",
    "ticket_page",
    "timeline",
    "told_apart",
    "unit_tickets",
    "versions_used",
    "watchers",
]
