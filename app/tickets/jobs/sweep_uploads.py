"""Delete uploads that no ticket claimed."""

from typing import Any

from app.core.i18n import _
from app.core.jobs.kinds import JOB_KINDS
from app.core.jobs.kinds.base import ChunkOutcome, JobKind, JobRow
from app.core.work import Work
from app.tickets.attachments import sweep_unclaimed


@JOB_KINDS.register
class SweepUploads(JobKind):
    """Runs once an hour; what is left over after one turn goes with the next."""

    name = "sweep_uploads"
    label = _("Delete unclaimed uploads")
    awaited = False

    def run(self, work: Work, job: JobRow, payload: dict[str, Any]) -> ChunkOutcome:
        del job, payload
        return ChunkOutcome(done=sweep_unclaimed(work))
