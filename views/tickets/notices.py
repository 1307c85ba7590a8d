"""What somebody was named on, given, or got back: the number in the bar, and the list behind it."""

from dataclasses import asdict
from typing import Final

from flask import Flask, Response, g, make_response, url_for

from app.core.i18n import Message, _
from app.tickets import queries, service
from app.tickets.queries.notices import Notice, notices, unopened
from views.base import expose, permission, reading_along, wants_fragment
from views.tickets.desk import DeskView, go, ticket_url

_SAID: Final[dict[str, Message]] = {
    "mentioned": _("named you"),
    "assigned": _("gave you this ticket"),
    "handed_back": _("gave the ticket back"),
}
_ICONS: Final = {
    "mentioned": "message",
    "assigned": "user-check",
    "handed_back": "arrows-exchange",
    "returned": "history",
    "reopened": "refresh",
    "cancelled": "x",
}


class TicketNoticeView(DeskView):
    """Tickets that wait to be opened by the one who asks."""

    @expose("/notices")
    @permission("ticket.read")
    def index(self) -> Response:
        """Show them, the latest first."""
        with self.reading() as work:
            return self.page("tickets/notices.html", notices=[_shown(one) for one in notices(work)])

    @expose("/notices/read", methods=["POST"])
    @permission("ticket.read")
    def read(self) -> Response:
        """Take all of them as opened."""
        with self.unit_of_work() as work:
            service.mark_read(work)
        return go(url_for("TicketNoticeView.index"))

    @expose("/<number>/opened", methods=["POST"])
    @permission("ticket.read")
    def opened(self, number: str) -> Response:
        """Take one as opened: its page is on the screen. Answers with the bar's number as it is now."""
        with self.unit_of_work() as work:
            service.mark_read(work, queries.ticket(work, number).id)
        if not wants_fragment():
            return go(ticket_url(number))
        return make_response(self.render_template("layout/_notices.html", oob=True))


def install(app: Flask) -> None:
    """Give templates `unopened_tickets()`, which the bar of every page counts."""
    app.jinja_env.globals["unopened_tickets"] = unopened_tickets


def unopened_tickets() -> set[int]:
    """Return the tickets that wait to be opened by the person signed in; read once a request."""
    if "unopened" not in g:
        g.unopened = set()
        with reading_along() as work:
            g.unopened = unopened(work)
    found: set[int] = g.unopened
    return found


def _shown(one: Notice) -> dict[str, object]:
    said = _SAID.get(one.kind, _("changed the ticket"))
    if one.step and one.kind not in ("mentioned", "assigned"):
        said = _("took the step “%(step)s”", step=one.step)
    return asdict(one) | {"url": ticket_url(one.number), "said": said, "icon": _ICONS.get(one.kind, "bell")}
