"""Links between tickets over the API: what the other ticket is to this one, within reach of who asks."""

from typing import Any

from flask import Response

from app.core.work import Work
from app.tickets import queries, service
from app.tickets.links import reading
from app.tickets.orders import LinkTickets
from views.api.v1 import schemas
from views.api.v1.base import ApiView
from views.api.v1.operation import Asked, operation
from views.base import current_locale, expose, permission


class LinkApi(ApiView):
    """Tickets and those they are linked with."""

    @expose("/tickets/<number>/links")
    @permission("ticket.read")
    @operation(gives=schemas.one_of("Links"))
    def links(self, asked: Asked, number: str) -> Response:
        """List the tickets a ticket is linked with, and what each is to it."""
        del asked
        with self.reading() as work:
            return self.answer(_links(work, number))

    @expose("/tickets/<number>/links", methods=["POST"])
    @permission("ticket.change")
    @operation(body=schemas.LINK_WISH, gives=schemas.one_of("Links"), status=201, once=True)
    def link(self, asked: Asked, number: str) -> Response:
        """Link a ticket with another; a link that is there already stays."""
        kind, other = asked.body["kind"], asked.body["number"]
        return self.carried_out(asked, lambda work: _linked(work, number, kind, other), 201, about=number)

    @expose("/tickets/<number>/links/<kind>/<other>", methods=["DELETE"])
    @permission("ticket.change")
    @operation(gives=schemas.one_of("Links"))
    def unlink(self, asked: Asked, number: str, kind: str, other: str) -> Response:
        """Take a link away."""
        return self.carried_out(asked, lambda work: _linked(work, number, kind, other, on=False))


def _linked(work: Work, number: str, kind: str, other: str, *, on: bool = True) -> dict[str, Any]:
    ids = [queries.ticket(work, one).id for one in (number, other)]
    service.link_ticket(work, LinkTickets(ids[0], kind[:20], ids[1], on=on))
    return _links(work, number)


def _links(work: Work, number: str) -> dict[str, Any]:
    locale = current_locale()
    found = reading.linked(work, queries.ticket(work, number))
    items = [
        {
            "kind": one.end.name,
            "label": one.end.label.in_(locale),
            "number": one.ticket.number,
            "subject": one.ticket.columns["subject"],
            "state": one.ticket.state,
            "category": one.ticket.category,
            "removable": one.removable,
        }
        for one in found
    ]
    return {"items": items}
