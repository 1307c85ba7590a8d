"""What is news to somebody, of tickets and of his own jobs: the number in the bar, and the list behind it."""

from dataclasses import asdict
from operator import itemgetter
from typing import Any, Final

from flask import Flask, Response, g, make_response, url_for

from app.core.i18n import Message, _
from app.core.jobs import service as job_service
from app.tickets import queries, service
from app.tickets.queries.notices import MOST, Notice, news, notices
from views.base import expose, permission, reading_along, wants_fragment
from views.job_news import job_news
from views.tickets.desk import DeskView, go, ticket_url

_SAID: Final[dict[str, Message]] = {
    "mentioned": _("named you"),
    "assigned": _("gave you this ticket"),
    "handed_back": _("gave the ticket back"),
    "noted": _("wrote a note"),
    "merged": _("merged this ticket into another"),
}
_ICONS: Final = {
    "mentioned": "message",
    "assigned": "user-check",
    "handed_back": "arrows-exchange",
    "returned": "history",
    "reopened": "refresh",
    "cancelled": "x",
    "noted": "message-circle",
    "resolved": "circle-check",
    "closed": "archive",
    "merged": "git-merge",
}


class TicketNoticeView(DeskView):
    """Tickets that wait to be opened by the one who asks, and his jobs whose end he has not seen."""

    @expose("/notices")
    @permission("ticket.read")
    def index(self) -> Response:
        """Show them, the latest first."""
        with self.reading() as work:
            told = [*map(_shown, notices(work)), *job_news(work)]
            told.sort(key=itemgetter("at"), reverse=True)
            return self.page("tickets/notices.html", notices=told)

    @expose("/notices/read", methods=["POST"])
    @permission("ticket.read")
    def read(self) -> Response:
        """Take all of them as opened."""
        with self.unit_of_work() as work:
            service.mark_read(work)
            job_service.take_note(work)
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
    """Give templates `news_count()`, which stands in the bar of every page, and `is_news(ticket_id)`."""
    app.jinja_env.globals |= {"news_count": news_count, "is_news": is_news}


def news_count() -> int:
    """Return how many tickets and jobs wait to be looked at by the person signed in."""
    tickets, ended = _news()
    return len(tickets) + ended


def is_news(ticket_id: int) -> bool:
    """Whether a ticket waits to be opened by the person signed in; where too many do, any one may."""
    tickets, _ended = _news()
    return ticket_id in tickets or len(tickets) >= MOST


def _news() -> tuple[set[int], int]:
    """Return the tickets that wait, and how many jobs; read once a request."""
    if "news" not in g:
        g.news = set(), 0
        with reading_along() as work:
            g.news = news(work)
    found: tuple[set[int], int] = g.news
    return found


def _shown(one: Notice) -> dict[str, Any]:
    said = _SAID.get(one.kind, _("changed the ticket"))
    if one.step and one.kind not in ("mentioned", "assigned"):
        said = _("took the step “%(step)s”", step=one.step)
    url = ticket_url(one.number) + ("#timeline" if one.reason else "")
    shown = {"url": url, "said": said, "icon": _ICONS.get(one.kind, "bell"), "facts": [one.subject]}
    return asdict(one) | shown | {"by": one.by or _("System")}
