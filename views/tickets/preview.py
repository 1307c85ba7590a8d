"""A look at a ticket from where it is listed: a card that shows what one would open it for."""

from flask import Response

from app.tickets import queries
from views.base import expose, permission
from views.tickets.desk import DeskView, short
from views.tickets.page import section_facts, ticket_facts
from views.tickets.shown import entry_shown

_ENTRIES = 3


class TicketPreviewView(DeskView):
    """The card over a row."""

    @expose("/<number>/preview")
    @permission("ticket.read")
    def preview(self, number: str) -> Response:
        """Return state, customer, address, the first section and the last entries of the timeline."""
        with self.reading() as work:
            detail = queries.ticket(work, number)
            place = queries.place(work, detail)
            sections = (section_facts(detail, spec.key) for spec in detail.version.spec.sections)
            entries = queries.timeline(work, detail.id, size=_ENTRIES, detail=detail)
            return self.page(
                "tickets/_preview.html",
                ticket=ticket_facts(detail),
                customer=short(detail.named("customer_id")),
                address=place.address if place else "",
                section=next((one for one in sections if one and one["answers"]), None),
                entries=[entry_shown(one) for one in entries],
            )
