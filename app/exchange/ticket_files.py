"""Long lists of tickets: which are long, and how their file is asked for."""

from dataclasses import asdict, replace
from typing import Any, Final

from app.core.errors import NotAllowedError
from app.core.i18n import _
from app.core.work import Work
from app.exchange import export_jobs
from app.tickets import queries
from app.tickets.queries import TicketQuery

KIND: Final = "ticket_export"


def submit(work: Work, query: TicketQuery, form: str, *, all_fields: bool) -> int:
    """Have the list made into a file, ``form`` xlsx or csv; return the job's id."""
    if not work.actor.may(export_jobs.OF_TICKETS):
        raise NotAllowedError(_("You may not export tickets."), code="not_allowed")
    query = replace(query, size=1, cursor=None)
    query.check()
    asked = {"query": asdict(query), "all_fields": all_fields}
    return export_jobs.submit(work, KIND, asked, form=form, permission=export_jobs.OF_TICKETS, stem="tickets")


def is_long(work: Work, query: TicketQuery, limit: int) -> bool:
    """Whether a list has more tickets than are exported while one waits."""
    return queries.count_to(work, replace(query, size=1, cursor=None), limit) > limit


def query_of(parameters: dict[str, Any]) -> TicketQuery:
    """Return the query a job was submitted with."""
    return TicketQuery(**parameters["query"])
