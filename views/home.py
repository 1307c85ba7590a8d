"""The first page after signing in: the work that is this person's to see to.

Who works on tickets sees the own ones; who reaches beyond them, what is late and what came in; who hands work out,
what nobody has; who approves or pays, what waits for that. Who keeps something else (templates, accounts, records of
changes) finds the way there.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

from flask import url_for

from app.core.i18n import Message, _
from app.core.permissions import Actor, Scope
from app.core.work import Work
from app.tickets.queries import Mention, TicketQuery, mentions, ticket_page
from app.tickets.queries.awaiting import awaiting
from app.tickets.queries.visits import Visit, in_his_hands, visits
from forms.ticket_list import ACTIVE, ListState
from views.base import HouseView, current_actor, expose, signed_in
from views.menu import site_menu

_BRIEF: Final = 8
#: As many as somebody in the field may have before him.
_DAY: Final = 30


@dataclass(frozen=True, slots=True)
class _Box:
    """A small list of tickets; the address of the whole one is ``state``'s."""

    key: str
    label: Message
    empty: Message
    query: TicketQuery
    state: ListState
    wanted: Callable[[Actor], bool]
    #: The column that is the moment beside each ticket: its time limit where work waits, else when it came or was done.
    moment: str = "due_at"


def _works(actor: Actor) -> bool:
    return actor.may("ticket.transition")


def _oversees(actor: Actor) -> bool:
    return actor.scope > Scope.OWN


def _hands_out(actor: Actor) -> bool:
    return _oversees(actor) and actor.may("ticket.transfer")


_BOXES: Final = (
    _Box("mine", _("My open tickets"), _("Nothing waits for you."),
         TicketQuery(assignee="me", categories=ACTIVE, sort="due", descending=False, size=_BRIEF, columns=("number",)),
         ListState(assignee="me", category="active", sort="due"), _works),
    _Box("overdue", _("Overdue"), _("Nothing is overdue."),
         TicketQuery(overdue=True, sort="due", descending=False, size=_BRIEF, columns=("number",)),
         ListState(overdue="1", sort="due"), _oversees),
    _Box("unassigned", _("Unassigned"), _("Everything has somebody who does it."),
         TicketQuery(assignee="none", categories=ACTIVE, sort="due", descending=False, size=_BRIEF,
                     columns=("number",)),
         ListState(assignee="none", category="active", sort="due"), _hands_out),
    _Box("recent", _("Newest tickets"), _("No tickets yet."),
         TicketQuery(size=_BRIEF, columns=("number",)), ListState(), _oversees, moment="created_at"),
    _Box("done", _("Finished by me"), _("Nothing finished yet."),
         TicketQuery(assignee="me", categories=("resolved",), sort="changed", size=_BRIEF, columns=("number",)),
         ListState(assignee="me", category="resolved", sort="-changed"), lambda actor: not _oversees(actor),
         moment="resolved_at"),
)  # fmt: skip


def _for_roles(work: Work) -> Iterator[_Box]:
    """Yield the box of what waits for the roles of the actor, who takes such steps at all."""
    if _works(work.actor) and (tree := awaiting(work)) is not None:
        yield _Box("awaiting", _("Waits for your role"), _("Nothing waits for your role."),
                   TicketQuery(where=tree, sort="due", descending=False, size=_BRIEF, columns=("number",)),
                   ListState(where=json.dumps(tree, ensure_ascii=False), sort="due"), _works)  # fmt: skip


class HomeView(HouseView):
    """The work in boxes, and the rest of what one may open as links."""

    route_base = ""

    @expose("/")
    @signed_in
    def index(self) -> Any:
        """Show what is first."""
        actor = current_actor()
        boxes: list[dict[str, Any]] = []
        named: list[dict[str, Any]] = []
        if actor.may("ticket.read"):
            with self.reading() as work:
                named = [_mention_shown(one) for one in mentions(work)]
                boxes = [_shown(work, box) for box in (*_for_roles(work), *_BOXES) if box.wanted(actor)]
        sections = [] if _works(actor) else site_menu()
        return self.render_template("home.html", title=_("Home"), boxes=boxes, mentions=named, sections=sections)


def _mention_shown(one: Mention) -> dict[str, Any]:
    return {
        "url": f"{url_for('TicketPageView.show', number=one.number)}#timeline",
        "number": one.number,
        "subject": one.subject,
        "by": one.by,
        "at": one.at,
        "line": one.line,
    }


def _shown(work: Work, box: _Box) -> dict[str, Any]:
    # The ticket screens register after the home page, so they are not imported at the top.
    from views.tickets.customers import brief  # noqa: PLC0415

    in_the_field = box.key == "mine" and work.actor.scope is Scope.OWN
    page = ticket_page(work, replace(box.query, size=_DAY) if in_the_field else box.query)
    rows = in_his_hands(work, page.rows) if in_the_field else page.rows
    return {
        "key": box.key,
        "label": box.label,
        "empty": box.empty,
        "url": box.state.url(url_for("TicketView.index")),
        "count": page.count,
        "rows": [brief(row) | {"moment": row.columns[box.moment]} for row in rows],
        "counts_down": box.moment == "due_at",
        "more": page.next_cursor is not None,
        #: This person's, and with somebody else just now: they count above, and are no visits.
        "elsewhere": len(page.rows) - len(rows),
        "visits": [_visit_shown(brief(one.row), one) for one in visits(work, rows)] if in_the_field else [],
    }


def _visit_shown(shown: dict[str, Any], one: Visit) -> dict[str, Any]:
    return shown | {
        "at": one.at,
        "is_today": one.is_today,
        "is_missed": one.is_missed,
        "customer": one.customer,
        "address": one.address,
        "phone": one.phone,
    }
