"""Running chunks: data, journal, outbox rows and the ledger's state flip are one transaction."""

import logging
import time
from collections.abc import Callable, Sequence
from typing import Any, Final

from sqlalchemy import func, insert, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.core.errors import ConflictError, DomainError
from app.core.i18n import Message, _
from app.core.jobs.kinds import JOB_KINDS
from app.core.jobs.kinds.base import Aside, ChunkOutcome, JobKind, JobRow
from app.core.jobs.leases import Claim, claim, database_time
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
#: PostgreSQL's codes of a transaction that met another one: serialization failure, deadlock.
_RACES = {"40001", "40P01"}
#: How long a reason may be in the columns that keep one.
_LONGEST = 500
#: How often at most a worker that is at a long chunk says so.
_HELD_SECONDS: Final = 5.0

UNKNOWN = _("This version of the program does not know this kind of job any more.")
WORKER_LOST = _("The worker was lost each time it did this part, so the part was given up.")
BUG = _("The program failed at this part and wrote the fault into its log. Ask who runs this installation.")
CONTESTED = _("Others kept saving the same at the same moment, so this part was not done. Start it once more.")


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
    known = JOB_KINDS.get(taken.kind)
    kind = (known or JobKind)()
    if known is None:
        _give_up(transactions, kind, taken, "unknown kind", UNKNOWN)
    elif taken.attempts > kind.max_attempts:
        # A failure is recorded by the worker that met it; only a worker that died left no word.
        _give_up(transactions, kind, taken, "worker lost", WORKER_LOST)
    else:
        _run_chunk(transactions, kind, taken, actor)
    return True


def _run_chunk(transactions: Transactions, kind: JobKind, taken: Claim, actor: Actor) -> None:
    try:
        made = _made(transactions, kind, taken, actor) if kind.makes_file else None
        with transactions.unit_of_work(actor, Cause(taken.kind, str(taken.job_id))) as work:
            outcome = made or kind.run(work, _job_row(work, taken.job_id), taken.payload)
            _finish_chunk(work, taken, outcome)
            if kind.makes_file:
                _follow(work, kind, taken)
            _finish_job(work, kind, taken.job_id)
    except FenceLostError:
        log.warning("chunk taken over by another worker", extra={"job": taken.job_id, "chunk": taken.chunk_id})
    except ConflictError as error:
        # Whoever came first is to be seen now: nothing in the chunk itself is wrong.
        _give_back(transactions, kind, taken, error)
    except DomainError as error:
        # What is refused as a whole is refused in parts too: it is not split, nor tried again.
        log.info("chunk refused: %s", error, extra={"job": taken.job_id, "chunk": taken.chunk_id})
        _end_unrun(transactions, kind, taken, error, state="failed" if kind.makes_file else "done", told=str(error))
    except DBAPIError as error:
        if error.connection_invalidated:
            # The outcome of the commit is unknown: the lease and the ledger decide.
            log.warning("connection lost while running a chunk", extra={"job": taken.job_id})
        else:
            _give_back(transactions, kind, taken, error)
    except Exception as error:  # noqa: BLE001 - a job's bug must not stop the worker; it is logged and recorded
        _give_back(transactions, kind, taken, error)


def _made(transactions: Transactions, kind: JobKind, taken: Claim, actor: Actor) -> ChunkOutcome:
    """Have a part of a file made; meanwhile the lease grows as long as the worker says that it is at it."""
    held = time.monotonic()

    def hold() -> None:
        nonlocal held
        if time.monotonic() - held < _HELD_SECONDS:
            return
        held = time.monotonic()
        with transactions.unit_of_work(SYSTEM, Cause(taken.kind, str(taken.job_id))) as work:
            longer = _held(taken).values(lease_until=database_time(work, kind.lease_seconds))
            if work.session.execute(longer).rowcount != 1:  # type: ignore[attr-defined]
                raise FenceLostError

    with transactions.reading(actor) as work:
        job = _job_row(work, taken.job_id)
    return kind.make(Aside(transactions, actor, hold), job, taken.payload)


def _held(taken: Claim) -> Any:
    """Return an update of the chunk, as long as no other worker has taken it over."""
    return update(JobChunk).where(
        JobChunk.id == taken.chunk_id, JobChunk.fence == taken.fence, JobChunk.state == "claimed"
    )


def _job_row(work: Work, job_id: int) -> JobRow:
    job = work.session.get_one(Job, job_id)
    return JobRow(job.id, job.parameters, job.owner_id, job.result)


def _finish_chunk(
    work: Work, taken: Claim, outcome: ChunkOutcome, state: str = "done", error: str | None = None
) -> None:
    work.session.flush()
    flipped = work.session.execute(
        _held(taken).values(state=state, outcome=outcome.detail, error=error, lease_until=None)
    )
    if flipped.rowcount != 1:  # type: ignore[attr-defined]
        raise FenceLostError
    work.session.execute(
        update(Job)
        .where(Job.id == taken.job_id)
        .values(
            done=Job.done + outcome.done,
            unchanged=Job.unchanged + outcome.unchanged,
            refused=Job.refused + outcome.refused,
            total=Job.total if outcome.total is None else outcome.total,
        )
        .execution_options(synchronize_session=False)
    )


def _follow(work: Work, kind: JobKind, taken: Claim) -> None:
    """Add the chunks that could only be done now that all others are; none where one of those could not be."""
    undone = select(func.count()).where(JobChunk.job_id == taken.job_id, JobChunk.state != "done")
    if work.session.scalar(undone):
        return
    work.session.expire_all()
    job = work.session.get_one(Job, taken.job_id)
    if job.state == "running":
        row = JobRow(job.id, job.parameters, job.owner_id, job.result)
        _add_chunks(work, taken.job_id, kind.following(row, taken.payload, job.total))


def _add_chunks(work: Work, job_id: int, payloads: Sequence[dict[str, Any]]) -> None:
    """Add chunks behind those there are. The job's row is locked by now: two never give the same numbers."""
    if not payloads:
        return
    last = work.session.scalar(select(func.max(JobChunk.number)).where(JobChunk.job_id == job_id)) or 0
    blank = {"job_id": job_id, "state": "waiting", "fence": 0, "attempts": 0}
    rows = [blank | {"number": last + n, "payload": payload} for n, payload in enumerate(payloads, start=1)]
    work.session.execute(insert(JobChunk), rows)


def _finish_job(work: Work, kind: JobKind, job_id: int) -> None:
    """End the job when no chunk is left. The job's row is locked by now, so one of two last chunks sees the other."""
    left = select(func.count()).where(JobChunk.job_id == job_id, JobChunk.state.not_in(ENDED))
    if work.session.scalar(left):
        return
    failed = work.session.scalar(select(func.count()).where(JobChunk.job_id == job_id, JobChunk.state == "failed"))
    work.session.expire_all()
    result = kind.finish(work, _job_row(work, job_id))
    running = update(Job).where(Job.id == job_id, Job.state == "running")
    seen = Job.seen_at if failed or kind.awaited else work.now
    state = "failed" if failed else "done"
    work.session.execute(running.values(state=state, result=result, ended_at=work.now, seen_at=seen))


def _give_back(transactions: Transactions, kind: JobKind, taken: Claim, error: Exception) -> None:
    """Record a failure: try again, split the chunk so that the bad item stands alone, or give up.

    A lost race has no bad item, so the chunk is first run again whole; `claim` takes it after those not tried yet.
    """
    raced = _is_race(error)
    told = {"job": taken.job_id, "chunk": taken.chunk_id}
    if raced:
        log.warning("chunk met another transaction: %s", error, extra=told)
    else:
        log.error("chunk failed", exc_info=error, extra=told)
    tried = taken.attempts >= kind.max_attempts
    parts = () if raced and not tried else kind.split(taken.payload)
    if not parts and tried:
        _give_up(transactions, kind, taken, type(error).__name__, CONTESTED if raced else BUG)
        return
    state = "split" if parts else "waiting"
    values: dict[str, Any] = {"state": state, "error": type(error).__name__, "lease_until": None}
    with transactions.unit_of_work(SYSTEM, Cause(taken.kind, str(taken.job_id))) as work:
        if work.session.execute(_held(taken).values(**values)).rowcount != 1:  # type: ignore[attr-defined]
            return
        # Nothing changes but the lock.
        work.session.execute(update(Job).where(Job.id == taken.job_id).values(done=Job.done))
        _add_chunks(work, taken.job_id, parts)


def _is_race(error: Exception) -> bool:
    """Whether another transaction came first, so that the same once more may well be done."""
    if isinstance(error, DBAPIError):
        return getattr(error.orig, "sqlstate", None) in _RACES
    return isinstance(error, ConflictError)


def _give_up(transactions: Transactions, kind: JobKind, taken: Claim, error: str, reason: Message) -> None:
    log.error("chunk given up: %s", error, extra={"job": taken.job_id, "chunk": taken.chunk_id, "kind": taken.kind})
    _end_unrun(transactions, kind, taken, DomainError(reason), state="failed", told=error)


def _end_unrun(
    transactions: Transactions, kind: JobKind, taken: Claim, reason: DomainError, *, state: str, told: str
) -> None:
    """End a chunk of which nothing was done, and the job with its last one.

    A kind that fails even at that is left out of it, so that the chunk ends in any case.
    """
    try:
        _record_unrun(transactions, kind, taken, reason, state=state, told=told)
    except FenceLostError:
        log.warning("chunk taken over by another worker", extra={"job": taken.job_id, "chunk": taken.chunk_id})
    except Exception as raised:
        if type(kind) is JobKind or (isinstance(raised, DBAPIError) and raised.connection_invalidated):
            raise
        log.exception("the end of a chunk failed", extra={"job": taken.job_id, "chunk": taken.chunk_id})
        _end_unrun(transactions, JobKind(), taken, reason, state="failed", told=told)


def _record_unrun(
    transactions: Transactions, kind: JobKind, taken: Claim, reason: DomainError, *, state: str, told: str
) -> None:
    with transactions.unit_of_work(SYSTEM, Cause(taken.kind, str(taken.job_id))) as work:
        outcome = kind.refused(work, _job_row(work, taken.job_id), taken.payload, reason)
        _finish_chunk(work, taken, outcome, state, told[:_LONGEST])
        if state == "failed":
            work.session.execute(update(Job).where(Job.id == taken.job_id).values(error=told[:_LONGEST]))
            if kind.makes_file:
                others = update(JobChunk).where(JobChunk.job_id == taken.job_id, JobChunk.state == "waiting")
                work.session.execute(others.values(state="cancelled"))
        _finish_job(work, kind, taken.job_id)
