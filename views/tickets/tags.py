"""The tags of a ticket: found while somebody types, and given and taken away on the ticket's page."""

from typing import Final

from flask import Response, jsonify, request, url_for

from app.core.errors import DomainError, NotFoundError
from app.core.i18n import Message, _
from app.tickets import queries, service
from app.tickets.change.tags import MOST
from app.tickets.orders import ChangeTicket
from app.tickets.queries.tags import tags_like
from views.base import current_locale, expose, permission, say, wants_fragment
from views.tickets.desk import DeskView, go, ticket_url
from views.tickets.page import header_facts

_LONGEST: Final = 200


class TicketTagView(DeskView):
    """What a picker of tags asks, and sends."""

    @expose("/tags")
    @permission("ticket.read")
    def find(self) -> Response:
        """Return the tags like what is typed; each stands for itself by its name, so one may be new."""
        with self.reading() as work:
            found = tags_like(work, request.args.get("q", ""))
        new = _("New tag").in_(current_locale())
        return jsonify(results=[{"id": one.name, "text": one.name, "hint": new if one.is_new else ""} for one in found])

    @expose("/<number>/tags", methods=["POST"])
    @permission("ticket.change")
    def change(self, number: str) -> Response:
        """Give the ticket the tags chosen and take those away that were there and are not.

        What others did to its tags meanwhile stays: nobody has to choose between the two.
        """
        had, chosen = (request.form.getlist(name)[: 10 * MOST] for name in ("had", "tags"))
        wish = {
            "add": [one[:_LONGEST] for one in chosen if one.strip() and one not in had],
            "remove": [one[:_LONGEST] for one in had if one not in chosen],
        }
        refusals: list[Message] = []
        try:
            with self.unit_of_work() as work:
                service.change_ticket(work, ChangeTicket(queries.ticket(work, number).id, fields={"tags": wish}))
        except NotFoundError:
            raise
        except DomainError as error:
            refusals = [one.message for one in error.refusals]
        if not wants_fragment():
            for message in refusals:
                say(message, "danger")
            return go(ticket_url(number))
        return self._drawn(number, refusals, wish["add"])

    def _drawn(self, number: str, refusals: list[Message], typed: list[str]) -> Response:
        """Return the tags as they are now; what was refused stays chosen."""
        with self.reading() as work:
            facts = header_facts(work, queries.ticket(work, number))
            facts |= {"tag_refusals": refusals, "tags_typed": typed if refusals else []}
            return self.redrawn("_tags", "_header", status=422 if refusals else 200, **facts)


def tags_url() -> str:
    """Return where a picker of tags asks."""
    return url_for("TicketTagView.find")
