"""Remove uploaded tables past their keeping, and what was left of those that were never read to their end."""

from typing import Any

from app.core.i18n import _
from app.core.jobs.kinds import JOB_KINDS
from app.core.jobs.kinds.base import ChunkOutcome, JobKind, JobRow
from app.core.work import Work
from app.exchange import spool


@JOB_KINDS.register
class SweepImports(JobKind):
    """Runs once an hour."""

    name = "sweep_imports"
    label = _("Delete uploaded tables past their keeping")
    awaited = False

    def run(self, work: Work, job: JobRow, payload: dict[str, Any]) -> ChunkOutcome:
        del job, payload
        return ChunkOutcome(done=spool.sweep(work))
