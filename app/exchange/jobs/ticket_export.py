"""A long list of tickets as a file."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime

from app.core.i18n import _
from app.core.jobs.kinds import JOB_KINDS
from app.core.jobs.kinds.base import Aside, JobRow
from app.core.work import Work
from app.exchange import ticket_export, ticket_files
from app.exchange.file_kind import Cells, FileExport
from app.exchange.made_file import Layout
from app.tickets import queries


@JOB_KINDS.register
class TicketExport(FileExport):
    """Submitted by `app.exchange.ticket_files`."""

    name = "ticket_export"
    label = _("Ticket export")

    def listed(self, aside: Aside, job: JobRow) -> tuple[Layout, Sequence[int]]:
        with _as_asked(aside, job) as work:
            query = ticket_files.query_of(job.parameters)
            layout = ticket_export.layout_of(work, query, all_fields=job.parameters["all_fields"])
            return layout, queries.ids_in_order(work, query)

    @contextmanager
    def cells(self, aside: Aside, job: JobRow, layout: Layout, ids: Sequence[int]) -> Iterator[Cells]:
        with _as_asked(aside, job) as work:
            yield ticket_export.cells_of(work, layout, ids)


@contextmanager
def _as_asked(aside: Aside, job: JobRow) -> Iterator[Work]:
    """Yield a work in the language and at the moment the file was asked for: all its parts tell the same age."""
    with aside.reading() as work:
        actor = replace(work.actor, locale=job.parameters["locale"])
        work.actor, work.now = actor, datetime.fromisoformat(job.parameters["at"])
        yield work
