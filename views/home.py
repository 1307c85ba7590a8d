"""The first page after signing in: one's own work."""

from dataclasses import dataclass
from typing import Any, Final

from flask import url_for

from app.core.i18n import Message, _
from app.core.work import Work
from app.tickets.queries import TicketQuery, ticket_page
from forms.ticket_list import ACTIVE, ListState
from views.base import HouseView, current_actor, expose, signed_in

_BRIEF: Final = 8


@dataclass(frozen=True, slots=True)
class _Box:
    """A small list of tickets; the address of the whole one is ``state``'s."""

    key: str
    label: Message
    empty: Message
    query: TicketQuery
    state: ListState


_BOXES: Final = (
    _Box("mine", _("My open tickets"), _("Nothing waits for you."),
         TicketQuery(assignee="me", categories=ACTIVE, sort="due", descending=False, size=_BRIEF, columns=("number",)),
         ListState(assignee="me", category="active", sort="due")),
    _Box("overdue", _("Overdue"), _("Nothing is overdue."),
         TicketQuery(overdue=True, sort="due", descending=False, size=_BRIEF, columns=("number",)),
         ListState(overdue="1", sort="due")),
    _Box("unassigned", _("Unassigned"), _("Everything has somebody who does it."),
         TicketQuery(assignee="none", categories=ACTIVE, size=_BRIEF, columns=("number",)),
         ListState(assignee="none", category="active")),
    _Box("recent", _("Newest tickets"), _("No tickets yet."),
         TicketQuery(size=_BRIEF, columns=("number",)), ListState()),
)  # fmt: skip


class HomeView(HouseView):
    """What waits, what is late, what nobody has taken, what came in."""

    route_base = ""

    @expose("/")
    @signed_in
    def index(self) -> Any:
        """Show what is first."""
        boxes: list[dict[str, Any]] = []
        if current_actor().may("ticket.read"):
            with self.reading() as work:
                boxes = [_shown(work, box) for box in _BOXES]
        return self.render_template("home.html", title=_("Home"), boxes=boxes)


def _shown(work: Work, box: _Box) -> dict[str, Any]:
    # The ticket screens register after the home page, so they are not imported at the top.
    from views.tickets.customers import brief  # noqa: PLC0415

    page = ticket_page(work, box.query)
    return {
        "key": box.key,
        "label": box.label,
        "empty": box.empty,
        "url": box.state.url(url_for("TicketView.index")),
        "count": page.count,
        "rows": [brief(row) for row in page.rows],
    }
