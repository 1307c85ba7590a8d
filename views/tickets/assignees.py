"""Whom a ticket may be given to, as the select of the assignee asks."""

from typing import Any

from flask import Response, jsonify, request, url_for

from app.core.i18n import _
from app.core.work import Work
from app.tickets import queries
from app.tickets.queries import Candidate
from ticket_templates import queries as templates
from ticket_templates.versions import CompiledVersion
from views.base import current_locale, expose, permission
from views.tickets.desk import DeskView


class TicketAssigneeView(DeskView):
    """People for tickets."""

    @expose("/assignees")
    @permission("ticket.read")
    def find(self) -> Response:
        """Return who may take the ticket ``of`` further, or a new one of ``template``."""
        with self.reading() as work:
            version, columns = _asked_for(work)
            found = queries.candidates(work, request.args.get("q", ""), version, columns)
        return jsonify(results=[{"id": one.user_id, "text": one.name, "hint": hint(one)} for one in found])


def assignees_url(*, number: str = "", template: str = "") -> str:
    """Return where the select asks for the people of a ticket, or of a new one of a template."""
    return url_for("TicketAssigneeView.find", of=number or None, template=template or None)


def _asked_for(work: Work) -> tuple[CompiledVersion, dict[str, Any]]:
    if (key := request.args.get("template")) is not None:
        return templates.published_version(work, key), {}
    detail = queries.ticket(work, request.args.get("of", ""))
    return detail.version, detail.columns


def hint(one: Candidate) -> str:
    """Return what tells people of the same name apart, and how busy each is."""
    known = one.open_tickets is not None
    busy = _("%(count)s open", count=one.open_tickets).in_(current_locale()) if known else ""
    return " · ".join(part for part in (one.outlet, *one.teams, busy) if part)
