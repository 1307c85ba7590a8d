"""Submitting and steering jobs. Running them is `runner`'s; the tables are the truth."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import insert, select, update

from app.core.errors import DomainError, NotAllowedError, NotFoundError
from app.core.i18n import _
from app.core.jobs.keys import insert_new
from app.core.jobs.kinds import JOB_KINDS
from app.core.jobs.kinds.base import JobRow
from app.core.jobs.models import Job, JobChunk
from app.core.work import Work

#: A chunk in one of these states will not run again.
ENDED = ("done", "failed", "cancelled", "split")


def submit(
    work: Work,
    kind: str,
    parameters: dict[str, Any],
    chunks: Sequence[dict[str, Any]],
    *,
    idempotency_key: str,
    total: int | None = None,
) -> int:
    """Freeze a job and its chunks in this transaction and return its id.

    A second submission with the same key returns the first one's id. A job without chunks is done at once.
    """
    JOB_KINDS[kind]  # an unknown kind is a bug here, not when a worker meets it
    new = insert_new(work, Job).values(
        kind=kind,
        parameters=parameters,
        owner_id=work.actor.user_id,
        cause=work.cause.as_json(),
        state="waiting" if chunks else "done",
        idempotency_key=idempotency_key,
        total=len(chunks) if total is None else total,
        result={},
        created_at=work.now,
        ended_at=None if chunks else work.now,
        seen_at=None if _is_asked_for(work) else work.now,
    )
    job_id: int | None = work.session.scalar(new)
    if job_id is None:
        # Committed by now: an insert waits for another one of the same key.
        return work.session.scalars(select(Job.id).where(Job.idempotency_key == idempotency_key)).one()
    if chunks:
        rows = [
            {"job_id": job_id, "number": number, "payload": payload, "state": "waiting", "fence": 0, "attempts": 0}
            for number, payload in enumerate(chunks, start=1)
        ]
        work.session.execute(insert(JobChunk), rows)
    return job_id


def _is_asked_for(work: Work) -> bool:
    """Whether somebody had it done himself, and so is to hear of its end."""
    return work.actor.user_id is not None and work.cause.kind == "person"


def cancel(work: Work, job_id: int) -> bool:
    """Stop a job: chunks not yet begun never run; one that is running ends first. False: it had ended before."""
    job = work.session.get(Job, job_id)
    if job is None:
        raise NotFoundError(_("There is no such job."))
    if not may_steer(work, job.owner_id):
        raise NotAllowedError(_("Only its owner may stop this job."))
    own = job.owner_id is not None and job.owner_id == work.actor.user_id
    stopped = work.session.execute(
        update(Job)
        .where(Job.id == job_id, Job.state.in_(("waiting", "running")))
        # Who stops his own job need not be told.
        .values(state="cancelled", ended_at=work.now, seen_at=work.now if own else Job.seen_at)
    )
    if not stopped.rowcount:  # type: ignore[attr-defined]
        return False
    work.session.execute(
        update(JobChunk).where(JobChunk.job_id == job_id, JobChunk.state == "waiting").values(state="cancelled")
    )
    return True


def take_note(work: Work, job_id: int | None = None) -> None:
    """Remember that the actor has seen how a job of his ended; None: every one of them."""
    news = update(Job).where(Job.owner_id == work.actor.user_id, Job.ended_at.is_not(None), Job.seen_at.is_(None))
    work.session.execute((news if job_id is None else news.where(Job.id == job_id)).values(seen_at=work.now))


def again(work: Work, job_id: int) -> int:
    """Do once more what a job that has ended left undone, in the name of who asks; return the new job's id."""
    job = work.session.get(Job, job_id)
    if job is None:
        raise NotFoundError(_("There is no such job."))
    if not may_steer(work, job.owner_id):
        raise NotAllowedError(_("Only its owner may start this job again."))
    kind = JOB_KINDS.get(job.kind)
    if kind is None or not kind.repeatable or job.ended_at is None:
        raise DomainError(_("This job cannot be started again."), code="not_repeatable")
    return kind().again(work, JobRow(job.id, job.parameters, job.owner_id, job.result))


def may_steer(work: Work, owner_id: int | None) -> bool:
    """Whether the actor may stop a job of that owner and start it again: one's own, or any with ``job.run``."""
    own = owner_id is not None and owner_id == work.actor.user_id
    return work.actor.is_system or own or work.actor.may("job.run")
