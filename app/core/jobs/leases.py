"""Claiming chunks: a lease by the database's clock, and a fence that grows with each claim."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, func, literal_column, or_, select, update

from app.core.columns import UtcDateTime
from app.core.jobs.models import Job, JobChunk, WorkerHeartbeat
from app.core.jobs.processes import is_dead_here
from app.core.work import Work


@dataclass(frozen=True, slots=True)
class Claim:
    """One chunk, held by this worker until the lease runs out or another fence is higher."""

    chunk_id: int
    job_id: int
    kind: str
    payload: dict[str, Any]
    fence: int
    attempts: int


def database_time(work: Work, plus_seconds: int = 0) -> ColumnElement[Any]:
    """Return SQL for the database's clock, ``plus_seconds`` later, as `UtcDateTime` stores instants."""
    if work.dialect == "postgresql":
        return literal_column(f"(clock_timestamp() + interval '{plus_seconds} seconds')", UtcDateTime)
    return literal_column(f"(strftime('%Y-%m-%dT%H:%M:%f', 'now', '{plus_seconds:+d} seconds') || '000Z')", UtcDateTime)


def claim(work: Work, worker: str, lease_seconds: int) -> Claim | None:
    """Take the next chunk that waits or whose lease ran out; None when there is nothing to do.

    On PostgreSQL rows another worker is claiming are skipped; on SQLite the write lock admits one at a time.
    """
    free = or_(
        JobChunk.state == "waiting",
        and_(JobChunk.state == "claimed", JobChunk.lease_until < database_time(work)),
    )
    candidate = (
        select(JobChunk.id)
        .join(Job, Job.id == JobChunk.job_id)
        .where(free, Job.state.in_(("waiting", "running")))
        .order_by(JobChunk.attempts, JobChunk.id)
        .limit(1)
        .with_for_update(skip_locked=True, of=JobChunk)
    )
    chunk_id = work.session.scalar(candidate)
    if chunk_id is None:
        return None
    row = work.session.execute(
        update(JobChunk)
        .where(JobChunk.id == chunk_id)
        .values(
            state="claimed",
            worker=worker,
            lease_until=database_time(work, lease_seconds),
            fence=JobChunk.fence + 1,
            attempts=JobChunk.attempts + 1,
        )
        .returning(JobChunk.job_id, JobChunk.payload, JobChunk.fence, JobChunk.attempts)
    ).one()
    work.session.execute(
        update(Job).where(Job.id == row.job_id, Job.state == "waiting").values(state="running", started_at=work.now)
    )
    kind = work.session.scalars(select(Job.kind).where(Job.id == row.job_id)).one()
    return Claim(chunk_id, row.job_id, kind, row.payload, row.fence, row.attempts)


def return_leases_of_the_dead(work: Work) -> int:
    """Give back what processes of this machine held that live no more; other machines' leases run out."""
    holders = work.session.scalars(select(JobChunk.worker).where(JobChunk.state == "claimed").distinct()).all()
    dead = [worker for worker in holders if worker and is_dead_here(worker)]
    if not dead:
        return 0
    held = update(JobChunk).where(JobChunk.state == "claimed", JobChunk.worker.in_(dead))
    returned = work.session.execute(held.values(state="waiting", worker=None, lease_until=None))
    return int(returned.rowcount)  # type: ignore[attr-defined]


def beat(work: Work, worker: str) -> None:
    """Say that ``worker`` lives, and forget workers not heard of for a day."""
    now = database_time(work)
    known = update(WorkerHeartbeat).where(WorkerHeartbeat.worker == worker).values(seen_at=now)
    if work.session.execute(known).rowcount == 0:  # type: ignore[attr-defined]
        work.session.add(WorkerHeartbeat(worker=worker, started_at=work.now, seen_at=work.now))
    long_ago = database_time(work, -86_400)
    work.session.execute(WorkerHeartbeat.__table__.delete().where(WorkerHeartbeat.seen_at < long_ago))  # type: ignore[attr-defined]


def seconds_since_heartbeat(work: Work) -> float | None:
    """Return how long ago, by the database's clock, any worker was heard of."""
    last = work.session.scalar(select(func.max(WorkerHeartbeat.seen_at)))
    if last is None:
        return None
    now: datetime = work.session.scalars(select(database_time(work))).one()
    age: timedelta = now - last
    return age.total_seconds()
