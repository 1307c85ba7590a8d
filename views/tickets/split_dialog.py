"""The dialog that splits a ticket: which notes go over, to a ticket of which template."""

from flask import Response, url_for

from app.core.errors import NotAllowedError
from app.core.i18n import _, label_in
from app.tickets import queries
from app.tickets.change.splitting import MOST_NOTES
from ticket_templates import queries as templates
from views.base import current_locale, expose, permission, wants_fragment
from views.tickets.desk import DeskView
from views.tickets.link_panel import may_split
from views.tickets.page import ticket_facts, urls_of
from views.tickets.shown import entry_shown


class TicketSplitView(DeskView):
    """Splitting a ticket in two."""

    @expose("/<number>/split")
    @permission("ticket.create")
    def choose(self, number: str) -> Response:
        """Ask for the template of the new ticket and the notes that go over; leads to the form of a new ticket."""
        with self.reading() as work:
            detail = queries.ticket(work, number)
            if not may_split(detail):
                raise NotAllowedError(_("You may not split tickets."), code="not_allowed")
            notes = queries.timeline(work, detail.id, kinds=["note"], size=MOST_NOTES, detail=detail)
            locale = current_locale()
            form = {
                "fragment": "tickets/_split.html",
                "title": _("Split %(number)s", number=detail.number),
                "notes": [entry_shown(one) | {"id": one.id} for one in notes if not one.origin and one.kind == "note"],
                "templates": [
                    {"label": label_in(one.labels, locale), "chosen": one.key == detail.version.template_key,
                     "url": url_for("TicketCreateView.form", key=one.key)}
                    for one in templates.templates(work)
                    if one.version_id is not None
                ],
            }  # fmt: skip
            part = "tickets/_split.html" if wants_fragment() else "tickets/dialog.html"
            return self.page(part, form=form, ticket=ticket_facts(detail), urls=urls_of(detail))
