"""The import of an uploaded table, a chunk of rows a transaction."""

from collections.abc import Sequence
from typing import Any

from app.core.i18n import _
from app.core.jobs.kinds import JOB_KINDS
from app.core.jobs.kinds.base import ChunkOutcome, JobKind, JobRow
from app.core.work import Work
from app.exchange import spool
from app.exchange.mapping import mapping_from_json
from app.exchange.ticket_import import CHUNK, IMPORTED, PRESENT, REFUSED, ImportPlan, import_rows


@JOB_KINDS.register
class TicketImport(JobKind):
    """Imports rows ``first`` to ``last`` of a chunk of the spool; the ledger keeps what became of each."""

    name = "ticket_import"
    label = _("Ticket import")
    lease_seconds = 120

    def run(self, work: Work, job: JobRow, payload: dict[str, Any]) -> ChunkOutcome:
        table = spool.of_job(work, job.parameters["spool"])
        rows = table.chunk(payload["chunk"])[payload.get("first", 0) : payload.get("last", CHUNK)]
        results = import_rows(work, plan_of(job.parameters, table), rows)
        counts = {status: sum(one.status == status for one in results) for status in (IMPORTED, PRESENT, REFUSED)}
        locale = work.actor.locale
        told = [[one.number, one.status, one.ticket, one.reason_in(locale)] for one in results]
        return ChunkOutcome(counts[IMPORTED], counts[PRESENT], counts[REFUSED], {"rows": told})

    def split(self, payload: dict[str, Any]) -> Sequence[dict[str, Any]]:
        first, last = payload.get("first", 0), payload.get("last", CHUNK)
        if last - first <= 1:
            return ()
        middle = (first + last) // 2
        return [payload | {"first": first, "last": middle}, payload | {"first": middle, "last": last}]


def plan_of(parameters: dict[str, Any], table: spool.Spool) -> ImportPlan:
    """Return the plan a job was submitted with."""
    return ImportPlan(
        parameters["template"], parameters["version_id"], mapping_from_json(parameters["mapping"]), table.headings,
        parameters["source"],
    )  # fmt: skip
