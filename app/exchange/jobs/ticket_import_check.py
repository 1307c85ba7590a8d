"""The check before an import: every row is imported in a rehearsal, a chunk after the other."""

from dataclasses import replace
from typing import Any

from app.core.i18n import _
from app.core.jobs import queries as job_queries
from app.core.jobs.kinds import JOB_KINDS
from app.core.jobs.kinds.base import ChunkOutcome, JobRow
from app.core.work import Work
from app.exchange import obstacles
from app.exchange.jobs.ticket_import import TicketImport
from app.exchange.ticket_import import IMPORTED


@JOB_KINDS.register
class TicketImportCheck(TicketImport):
    """Imports a chunk and takes it back; the ledger keeps the rows that would not simply come in."""

    name = "ticket_import_check"
    label = _("Check of an import")
    repeatable = False

    def run(self, work: Work, job: JobRow, payload: dict[str, Any]) -> ChunkOutcome:
        heard = len(work.events)
        with work.session.begin_nested() as rehearsal:
            outcome = super().run(work, job, payload)
            work.session.flush()
            rehearsal.rollback()
        # What was taken back never happened, so nobody is told of it.
        del work.events[heard:]
        rows = [row for row in outcome.detail["rows"] if row[1] != IMPORTED]
        return replace(outcome, detail={"rows": rows})

    def finish(self, work: Work, job: JobRow) -> dict[str, Any]:
        """Return how often each reason stands in the way, at which column, with the first row that has it."""
        return {"reasons": obstacles.counted(job_queries.ledger(work, job.id))}
