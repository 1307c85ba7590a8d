"""All reads of tickets, through one query builder (`selection`) and one row scope (`app.tickets.scope`)."""

from app.tickets.queries.detail import TicketDetail, changes_since, steps, ticket, watchers
from app.tickets.queries.page import Count, TicketPage, stream, ticket_page
from app.tickets.queries.related import Customer360, Related, customer_360, related
from app.tickets.queries.selection import TicketQuery
from app.tickets.queries.timeline import FieldChange, TimelineEntry, timeline
from app.tickets.rows import TicketRow

__all__ = [
    "Count",
    "Customer360",
    "FieldChange",
    "Related",
    "TicketDetail",
    "TicketPage",
    "TicketQuery",
    "TicketRow",
    "TimelineEntry",
    "changes_since",
    "customer_360",
    "related",
    "steps",
    "stream",
    "ticket",
    "ticket_page",
    "timeline",
    "watchers",
]
