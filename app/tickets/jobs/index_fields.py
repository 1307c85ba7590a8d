"""Make the indexes of fields marked as indexed, and drop those of fields that no longer are."""

from typing import Any

from app.core.i18n import _
from app.core.jobs.kinds import JOB_KINDS
from app.core.jobs.kinds.base import ChunkOutcome, JobKind, JobRow
from app.core.work import Work
from app.tickets import indexes


@JOB_KINDS.register
class IndexFields(JobKind):
    """Runs when the marks change, and once an hour; a second time it finds nothing to do."""

    name = indexes.KIND
    label = _("Index fields")

    def run(self, work: Work, job: JobRow, payload: dict[str, Any]) -> ChunkOutcome:
        del job, payload
        return ChunkOutcome(done=indexes.settle(work))
