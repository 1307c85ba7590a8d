"""Beside the form of a new ticket: the tickets that may be the same one, to be opened instead or linked."""

from collections.abc import Mapping
from typing import Any, Final

from flask import Response, request

from app.core.i18n import Message
from app.core.numbers import whole_in
from app.core.work import Work
from app.people import phones
from app.tickets import service
from app.tickets.links.likely import Likely, Wanted, likely
from app.tickets.orders import LinkTickets
from forms.new_ticket import NewTicketForm
from views.base import current_actor, expose, permission, say
from views.tickets.customers import brief
from views.tickets.desk import DeskView, context_of, version_in

_MOST: Final = 5


class TicketSimilarView(DeskView):
    """Doubles of a ticket that is not made yet."""

    @expose("/similar", methods=["POST"])
    @permission("ticket.create")
    def similar(self) -> Response:
        """Return the tickets that may be the one this form describes."""
        with self.reading() as work:
            form = NewTicketForm.of(version_in(work, request.form), work.actor, context_of(work), request.form)
            found = likely(work, _wanted(form, request.form))
            chosen = set(request.form.getlist("duplicate_of"))
            return self.page("tickets/_similar.html", similar=[_shown(one, chosen) for one in found])


def link_duplicates(work: Work, ticket_id: int) -> list[Message]:
    """Link a new ticket with those its form named as the same; return what was refused."""
    named = {one for raw in request.form.getlist("duplicate_of")[:_MOST] if (one := whole_in(raw)) is not None}
    orders = [LinkTickets(ticket_id, "duplicates", one) for one in sorted(named)]
    return [refusal.message for one in service.link_tickets(work, orders).outcomes for refusal in one.refusals]


def warn(refused: list[Message]) -> None:
    """Say what could not be linked; the ticket itself was made."""
    for message in refused:
        say(message, "warning")


def _wanted(form: NewTicketForm, typed: Mapping[str, Any]) -> Wanted:
    raw, types = form.raw(), form.version.types
    said = [raw[key] for key, _text in form.version.rules.searched if isinstance(raw.get(key), str)]
    numbers = (raw[key] for key in raw if types[key].input == "phone" and isinstance(raw[key], str))
    return Wanted(
        whole_in(typed.get("customer_id")),
        whole_in(typed.get("installed_product_id")),
        frozenset(index for one in numbers if (index := phones.index_of(one[:60]))),
        tuple(filter(None, (typed.get("subject", ""), *said))),
    )


def _shown(one: Likely, chosen: set[str]) -> dict[str, Any]:
    return brief(one.ticket) | {
        "id": one.ticket.id,
        "why": one.why,
        "chosen": str(one.ticket.id) in chosen,
        "linkable": one.yours and current_actor().may("ticket.change"),
    }
