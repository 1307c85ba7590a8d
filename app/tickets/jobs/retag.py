"""Take a tag off all that wear it, or put another in its place."""

from collections.abc import Sequence
from typing import Any

from app.core.i18n import _
from app.core.jobs.kinds import JOB_KINDS
from app.core.jobs.kinds.base import ChunkOutcome, JobKind, JobRow
from app.core.work import Work
from app.tickets import retagging


@JOB_KINDS.register
class Retag(JobKind):
    """One chunk is some customers or some tickets; done again, it finds nothing to do. The last one takes the tag."""

    name = retagging.KIND
    label = _("Take a tag off everywhere")

    def run(self, work: Work, job: JobRow, payload: dict[str, Any]) -> ChunkOutcome:
        return retagging.retag(work, job.parameters, payload)

    def split(self, payload: dict[str, Any]) -> Sequence[dict[str, Any]]:
        ids = payload["ids"]
        return [{**payload, "ids": [one]} for one in ids] if len(ids) > 1 else ()

    def refused(self, work: Work, job: JobRow, payload: dict[str, Any], error: Any) -> ChunkOutcome:
        del work, job
        return ChunkOutcome(refused=len(payload["ids"]), detail={"reason": str(error)})

    def finish(self, work: Work, job: JobRow) -> dict[str, Any]:
        return job.result | retagging.finish(work, job.parameters)
