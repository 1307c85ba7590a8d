"""Remove exported files nobody may fetch any more, and what was left of those that were never finished."""

from typing import Any

from app.core.i18n import _
from app.core.jobs.kinds import JOB_KINDS
from app.core.jobs.kinds.base import ChunkOutcome, JobKind, JobRow
from app.core.work import Work
from app.exchange import export_store


@JOB_KINDS.register
class SweepExports(JobKind):
    """Runs once an hour."""

    name = "sweep_exports"
    label = _("Delete exported files past their keeping")
    awaited = False

    def run(self, work: Work, job: JobRow, payload: dict[str, Any]) -> ChunkOutcome:
        del job, payload
        return ChunkOutcome(done=export_store.sweep(work.company, work.now))
