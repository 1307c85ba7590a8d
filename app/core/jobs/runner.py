"""Running chunks: data, journal, outbox rows and the ledger's state flip are one transaction."""

import logging
from collections.abc import Callable
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.core.jobs.kinds import JOB_KINDS
from app.core.jobs.kinds.base import ChunkOutcome, JobKind, JobRow
from app.core.jobs.leases import Claim, claim
from app.core.jobs.models import Job, JobChunk
from app.core.jobs.service import ENDED
from app.core.permissions import SYSTEM, Actor
from app.core.unit_of_work import Transactions
from app.core.work import Cause, Work

log = logging.getLogger(__name__)

#: Finds the rights an account holds now; the system's for None.
ActorFinder = Callable[[Session, int | None], Actor]

#: The claim is made before the kind is known; a kind that needs longer asks for it in `lease_seconds`.
FIRST_LEASE_SECONDS = 60


class FenceLostError(Exception):
    """Another worker took the chunk over; what was done here is rolled back."""


def run_one(transactions: Transactions, worker: str, actor_of: ActorFinder) -> bool:
    """Claim and run one chunk; False when there was nothing to do."""
    with transactions.unit_of_work(SYSTEM, Cause("system", worker)) as work:
        longest = max((kind.lease_seconds for kind in JOB_KINDS), default=FIRST_LEASE_SECONDS)
        taken = claim(work, worker, longest)
        owner = work.session.scalar(select(Job.owner_id).where(Job.id == taken.job_id)) if taken else None
        actor = actor_of(work.session, owner) if taken else SYSTEM
    if taken is None:
        return False
    kind = JOB_KINDS[taken.kind]()
    try:
        with transactions.unit_of_work(actor, Cause(taken.kind, str(taken.job_id))) as work:
            job = _job_row(work, taken.job_id)
            outcome = kind.run(work, job, taken.payload)
            _finish_chunk(work, taken, outcome)
            _finish_job(work, kind, taken.job_id)
    except FenceLostError:
        log.warning("chunk taken over by another worker", extra={"job": taken.job_id, "chunk": taken.chunk_id})
    except DBAPIError as error:
        if error.connection_invalidated:
            # The outcome of the commit is unknown: the lease and the ledger decide.
            log.warning("connection lost while running a chunk", extra={"job": taken.job_id})
        else:
            _give_back(transactions, kind, taken, error)
    except Exception as error:  # noqa: BLE001 - a job's bug must not stop the worker; it is logged and recorded
        _give_back(transactions, kind, taken, error)
    return True


def _job_row(work: Work, job_id: int) -> JobRow:
    job = work.session.get_one(Job, job_id)
    return JobRow(job.id, job.parameters, job.owner_id, job.result)


def _finish_chunk(work: Work, taken: Claim, outcome: ChunkOutcome) -> None:
    work.session.flush()
    mine = update(JobChunk).where(
        JobChunk.id == taken.chunk_id, JobChunk.fence == taken.fence, JobChunk.state == "claimed"
    )
    flipped = work.session.execute(mine.values(state="done", outcome=outcome.detail, lease_until=None))
    if flipped.rowcount != 1:  # type: ignore[attr-defined]
        raise FenceLostError
    work.session.execute(
        update(Job)
        .where(Job.id == taken.job_id)
        .values(
            done=Job.done + outcome.done,
            unchanged=Job.unchanged + outcome.unchanged,
            refused=Job.refused + outcome.refused,
        )
        .execution_options(synchronize_session=False)
    )


def _finish_job(work: Work, kind: JobKind, job_id: int) -> None:
    """End the job when no chunk is left. The job's row is locked by now, so one of two last chunks sees the other."""
    left = select(func.count()).where(JobChunk.job_id == job_id, JobChunk.state.not_in(ENDED))
    if work.session.scalar(left):
        return
    failed = work.session.scalar(select(func.count()).where(JobChunk.job_id == job_id, JobChunk.state == "failed"))
    work.session.expire_all()
    result = kind.finish(work, _job_row(work, job_id))
    running = update(Job).where(Job.id == job_id, Job.state == "running")
    work.session.execute(running.values(state="failed" if failed else "done", result=result, ended_at=work.now))


def _give_back(transactions: Transactions, kind: JobKind, taken: Claim, error: Exception) -> None:
    """Record a failure: split the chunk so that the bad item stands alone, try again, or give up."""
    log.error("chunk failed", exc_info=error, extra={"job": taken.job_id, "chunk": taken.chunk_id})
    parts = kind.split(taken.payload)
    state = "split" if parts else "failed" if taken.attempts >= kind.max_attempts else "waiting"
    values: dict[str, Any] = {"state": state, "error": type(error).__name__, "lease_until": None}
    with transactions.unit_of_work(SYSTEM, Cause(taken.kind, str(taken.job_id))) as work:
        mine = update(JobChunk).where(
            JobChunk.id == taken.chunk_id, JobChunk.fence == taken.fence, JobChunk.state == "claimed"
        )
        if work.session.execute(mine.values(**values)).rowcount != 1:  # type: ignore[attr-defined]
            return
        work.session.execute(update(Job).where(Job.id == taken.job_id).values(done=Job.done))
        if parts:
            last = work.session.scalar(select(func.max(JobChunk.number)).where(JobChunk.job_id == taken.job_id)) or 0
            blank = {"job_id": taken.job_id, "state": "waiting", "fence": 0, "attempts": 0}
            rows = [blank | {"number": last + n, "payload": part} for n, part in enumerate(parts, start=1)]
            work.session.execute(insert(JobChunk), rows)
        elif state == "failed":
            work.session.execute(update(Job).where(Job.id == taken.job_id).values(error=type(error).__name__))
            _finish_job(work, kind, taken.job_id)
