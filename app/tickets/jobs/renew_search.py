"""Renew what the search finds the many tickets of a renamed customer by."""

from collections.abc import Sequence
from typing import Any

from app.core.i18n import _
from app.core.jobs.kinds import JOB_KINDS
from app.core.jobs.kinds.base import ChunkOutcome, JobKind, JobRow
from app.core.work import Work
from app.tickets import renewal


@JOB_KINDS.register
class RenewSearch(JobKind):
    """One chunk is a range of tickets; doing it again writes the same."""

    name = renewal.KIND
    label = _("Renew the search of tickets")
    awaited = False

    def run(self, work: Work, job: JobRow, payload: dict[str, Any]) -> ChunkOutcome:
        del job
        return ChunkOutcome(done=renewal.renew_range(work, payload))

    def split(self, payload: dict[str, Any]) -> Sequence[dict[str, Any]]:
        first, last = payload["first"], payload["last"]
        if first == last:
            return ()
        middle = (first + last) // 2
        return [{**payload, "last": middle}, {**payload, "first": middle + 1}]
