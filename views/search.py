"""The search box of every page: what it offers while somebody types, and where Enter leads."""

from typing import Any, Final

from flask import Response, make_response, redirect, request, url_for

from app.core.work import Work
from app.tickets.queries import Target, exact, find
from views.base import HouseView, current_actor, expose, signed_in
from views.tickets.desk import reader, short, ticket_url

_LONGEST: Final = 200
#: Where a search goes that means several things: the first list this person may see.
_LISTS: Final = (
    ("ticket.read", "TicketView.index"),
    ("customer.read", "CustomerView.list"),
    ("installed_product.read", "InstalledProductView.list"),
)


class SearchView(HouseView):
    """One box for tickets, customers and installed products; each person gets what they may see."""

    route_base = "/search"
    class_permission_name = "search"

    @expose("/")
    @signed_in
    def index(self) -> Any:
        """Lead to the one thing that was typed, or to the list of all it may mean."""
        typed = _typed()
        with self.reading(reader()) as work:
            target = exact(work, typed)
        return redirect(_address(target) if target else _list(typed))

    @expose("/suggest")
    @signed_in
    def suggest(self) -> Response:
        """Return the options of the box for what was typed so far."""
        typed = _typed()
        with self.reading(reader()) as work:
            html = self.render_template("search/suggestions.html", **_options(work, typed))
        return make_response(html)


def _typed() -> str:
    return " ".join(request.args.get("q", "").replace("\x00", "").split())[:_LONGEST]


def _options(work: Work, typed: str) -> dict[str, Any]:
    found = find(work, typed)
    locale = work.actor.locale
    tickets = [
        {
            "url": ticket_url(row.number), "number": row.number, "subject": row.subject,
            "state": row.state_label(locale), "color": row.state_spec.color if row.state_spec else "gray",
            "customer": short(row.named("customer_id")),
        }
        for row in found.tickets
    ]  # fmt: skip
    return {
        "typed": typed,
        "tickets": tickets,
        "customers": [(_address(Target("customer", one.id)), one) for one in found.customers],
        "units": [(_address(Target("installed_product", one.id)), one) for one in found.units],
        "number": found.number,
        "all_url": url_for("TicketView.index", q=typed) if current_actor().may("ticket.read") else "",
    }


def _address(target: Target) -> str:
    if target.kind == "ticket":
        return ticket_url(str(target.key))
    view = "CustomerView" if target.kind == "customer" else "InstalledProductView"
    return url_for(f"{view}.show", pk=target.key)


def _list(typed: str) -> str:
    actor = current_actor()
    endpoint = next((one for permission, one in _LISTS if actor.may(permission)), None)
    return url_for(endpoint, q=typed) if endpoint and typed else url_for(endpoint) if endpoint else "/"
