"""Linking a ticket with others, in the panel beside it."""

from collections.abc import Mapping, Sequence

from flask import Response, jsonify, request

from app.core.errors import DomainError, NotFoundError
from app.core.i18n import Message, _
from app.core.numbers import whole_in
from app.core.work import Work
from app.tickets import queries, service
from app.tickets.links import reading
from app.tickets.orders import LinkTickets
from views.base import current_locale, expose, permission, say, wants_fragment
from views.tickets.desk import DeskView, go, ticket_url
from views.tickets.link_panel import linked_facts, related_facts
from views.tickets.page import header_facts


class TicketLinkView(DeskView):
    """Links between tickets."""

    @expose("/<number>/links/candidates")
    @permission("ticket.change")
    def candidates(self, number: str) -> Response:
        """Return which tickets may be meant by what was typed: a number, or words."""
        with self.reading() as work:
            found = reading.candidates(work, queries.ticket(work, number), request.args.get("q", ""))
            locale = current_locale()
            results = [
                {"id": one.id, "text": f"{one.number} {one.subject}", "hint": one.state_label(locale)} for one in found
            ]
        return jsonify(results=results)

    @expose("/<number>/links", methods=["POST"])
    @permission("ticket.change")
    def link(self, number: str) -> Response:
        """Link the ticket with another, or take a link away."""
        refusals: Sequence[Message] = ()
        typed: dict[str, str] = {}
        try:
            with self.unit_of_work() as work:
                _link(work, queries.ticket(work, number).id)
        except NotFoundError as error:
            if not error.refusals[0].field:
                raise
            refusals, typed = _told(error), _typed()
        except DomainError as error:
            refusals, typed = _told(error), _typed()
        if not wants_fragment():
            for message in refusals:
                say(message, "danger")
            return go(ticket_url(number))
        return self._panel(number, typed, refusals)

    def _panel(self, number: str, typed: Mapping[str, str], refusals: Sequence[Message]) -> Response:
        with self.reading() as work:
            detail = queries.ticket(work, number)
            facts = header_facts(work, detail) | linked_facts(work, detail, typed, refusals)
            facts["related"] = related_facts(work, detail, listed=detail.columns["customer_id"] is not None)
            # A child that was linked may shut the step that closes the ticket.
            return self.redrawn("_related", "_header", status=422 if refusals else 200, **facts)


def _link(work: Work, ticket_id: int) -> None:
    other = whole_in(request.form.get("other_id"))
    if other is None:
        raise DomainError(_("Choose the other ticket."), field="other_id", code="required")
    on = request.form.get("on") == "1"
    service.link_ticket(work, LinkTickets(ticket_id, request.form.get("kind", "")[:20], other, on=on))


def _told(error: DomainError) -> Sequence[Message]:
    return [one.message for one in error.refusals]


def _typed() -> dict[str, str]:
    return {"kind": request.form.get("kind", "")}
