"""The import of an uploaded table, a chunk of rows a transaction."""

from collections.abc import Sequence
from typing import Any

from app.core.errors import DomainError
from app.core.i18n import _
from app.core.jobs.kinds import JOB_KINDS
from app.core.jobs.kinds.base import ChunkOutcome, JobKind, JobRow
from app.core.work import Work
from app.exchange import import_jobs, ledger, spool
from app.exchange.mapping import mapping_from_json
from app.exchange.reader import SourceRow
from app.exchange.ticket_import import CHUNK, IMPORTED, PRESENT, REFUSED, ImportPlan, import_rows, make_outlets


@JOB_KINDS.register
class TicketImport(JobKind):
    """Imports rows ``first`` to ``last`` of a chunk of the spool; the ledger keeps what became of each."""

    name = "ticket_import"
    label = _("Ticket import")
    lease_seconds = 120
    repeatable = True

    def run(self, work: Work, job: JobRow, payload: dict[str, Any]) -> ChunkOutcome:
        table = spool.of_job(work, job.parameters["spool"])
        rows = _rows(table, payload)
        plan = plan_of(job.parameters, table)
        make_outlets(work, plan, rows)
        results = import_rows(work, plan, rows)
        counts = {status: sum(one.status == status for one in results) for status in (IMPORTED, PRESENT, REFUSED)}
        told = [
            [one.number, one.status, one.ticket, [[why.column, ledger.kept(why.message)] for why in one.reasons]]
            for one in results
        ]
        return ChunkOutcome(counts[IMPORTED], counts[PRESENT], counts[REFUSED], {"rows": told})

    def refused(self, work: Work, job: JobRow, payload: dict[str, Any], error: DomainError) -> ChunkOutcome:
        reasons = [["", ledger.kept(one.message)] for one in error.refusals]
        try:
            rows = _rows(spool.of_job(work, job.parameters["spool"]), payload)
        except DomainError:
            # The rows are gone with the upload; how many there were is still known.
            return ChunkOutcome(refused=_last(payload) - payload.get("first", 0), detail={"reasons": reasons})
        return ChunkOutcome(refused=len(rows), detail={"rows": [[row.number, REFUSED, "", reasons] for row in rows]})

    def again(self, work: Work, job: JobRow) -> int:
        return import_jobs.again(work, job)

    def split(self, payload: dict[str, Any]) -> Sequence[dict[str, Any]]:
        first, last = payload.get("first", 0), _last(payload)
        if last - first <= 1:
            return ()
        middle = (first + last) // 2
        return [payload | {"first": first, "last": middle}, payload | {"first": middle, "last": last}]


def _rows(table: spool.Spool, payload: dict[str, Any]) -> list[SourceRow]:
    return table.chunk(payload["chunk"])[payload.get("first", 0) : _last(payload)]


def _last(payload: dict[str, Any]) -> int:
    """Return where the part ends; an import submitted by an older version does not say."""
    return int(payload.get("last", CHUNK))


def plan_of(parameters: dict[str, Any], table: spool.Spool) -> ImportPlan:
    """Return the plan a job was submitted with."""
    mapping = mapping_from_json(parameters["mapping"])
    return ImportPlan(
        parameters["template"], parameters["version_id"], mapping, table.headings, parameters["source"],
        spool.repeats(table, mapping),
    )  # fmt: skip
