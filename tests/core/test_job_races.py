"""A chunk that lost a race is run again: its items are refused for what is in them, never for who came first."""

from typing import Any, ClassVar

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from app.core.errors import ConflictError
from app.core.i18n import _
from app.core.jobs import queries, service
from app.core.jobs.kinds import JOB_KINDS
from app.core.jobs.kinds.base import ChunkOutcome, JobKind
from app.core.jobs.models import JobChunk
from app.core.jobs.runner import CONTESTED, run_one
from app.core.permissions import SYSTEM
from app.core.work import Cause
from app.people.models import Tag


class MetAnotherError(Exception):
    """What the driver raises, by its code."""

    def __init__(self, sqlstate: str) -> None:
        super().__init__(sqlstate)
        self.sqlstate = sqlstate


CONFLICT = ConflictError(_("Somebody else saved the same at the same moment."), code="conflict")
DEADLOCK = OperationalError("", None, MetAnotherError("40P01"))
SERIALIZATION = OperationalError("", None, MetAnotherError("40001"))


class Racing(JobKind):
    """Adds a tag per item, and then raises what it lost by as often as it is told to."""

    name = "test_job_races"
    losses: ClassVar[list[Exception]] = []

    def run(self, work: Any, job: Any, payload: Any) -> ChunkOutcome:
        for item in payload["items"]:
            work.session.add(Tag(name=item))
        work.session.flush()
        if self.losses:
            raise self.losses.pop()
        return ChunkOutcome(done=len(payload["items"]))

    def split(self, payload: Any) -> Any:
        return [{"items": [item]} for item in payload["items"]] if len(payload["items"]) > 1 else []

    def refused(self, work: Any, job: Any, payload: Any, error: Any) -> ChunkOutcome:
        return ChunkOutcome(refused=len(payload["items"]), detail={"reason": str(error)})


@pytest.fixture(autouse=True)
def _kind():
    JOB_KINDS.register(Racing)
    yield
    JOB_KINDS._classes.pop(Racing.name)


def ran(transactions: Any, losses: list[Exception], items: list[str]) -> Any:
    """A job of one chunk that loses so often: how it ended, its chunks and what their ledger says."""
    Racing.losses[:] = losses
    with transactions.unit_of_work(SYSTEM, Cause("person")) as work:
        job_id = service.submit(work, Racing.name, {}, [{"items": items}], idempotency_key="k", total=len(items))
    while run_one(transactions, "w", lambda _session, _owner: SYSTEM):
        pass
    with transactions.reading(SYSTEM) as work:
        chunks = work.session.execute(select(JobChunk.state, JobChunk.attempts).order_by(JobChunk.number)).all()
        return queries.job(work, job_id), chunks, queries.outcomes(work, job_id)


@pytest.mark.parametrize("lost", [CONFLICT, DEADLOCK, SERIALIZATION])
def test_a_chunk_that_lost_a_race_is_run_again_whole(transactions, lost):
    job, chunks, _ledger = ran(transactions, [lost] * 2, ["a", "b"])
    assert (job.state, job.done, job.refused, job.error) == ("done", 2, 0, None)
    assert chunks == [("done", 3)]


def test_one_that_keeps_losing_is_tried_in_parts(transactions):
    job, chunks, _ledger = ran(transactions, [CONFLICT] * 4, ["a", "b"])
    assert (job.state, job.done, job.refused) == ("done", 2, 0)
    assert sorted(chunks) == [("done", 1), ("done", 2), ("split", 3)]


def test_one_item_that_never_wins_has_failed_and_the_ledger_says_why(transactions):
    job, chunks, told = ran(transactions, [CONFLICT] * 3, ["a"])
    assert (job.state, job.done, job.error) == ("failed", 0, "ConflictError")
    assert (chunks, told) == ([("failed", 3)], [{"reason": str(CONTESTED)}])
