"""Which templates are used most, so that they are offered first."""

from sqlalchemy import func, select

from app.core.work import Work
from app.tickets import scope
from app.tickets.models import Ticket
from ticket_templates.models import TicketTemplate

#: Lately: what the newest so many tickets were made of.
_LATELY = 500


def templates_used(work: Work) -> dict[str, int]:
    """Return how often each template (by key) was used lately, by what the actor can see."""
    lately = select(Ticket.template_id).order_by(Ticket.created_at.desc(), Ticket.id.desc()).limit(_LATELY)
    lately = scope.in_reach(lately, work.actor)
    used = lately.subquery("lately")
    query = (
        select(TicketTemplate.key, func.count())
        .join(used, used.c.template_id == TicketTemplate.id)
        .group_by(TicketTemplate.key)
    )
    return {row[0]: row[1] for row in work.session.execute(query)}
