"""Reading jobs: progress pages, lists, metrics."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Integer, and_, bindparam, func, select

from app.core.errors import NotFoundError
from app.core.i18n import _
from app.core.jobs.leases import database_time
from app.core.jobs.models import Job, JobChunk, WorkerHeartbeat
from app.core.work import Work

#: More than anybody opens one by one.
MOST: Final = 100
_UNSEEN: Final = and_(
    Job.owner_id == bindparam("reader_id", type_=Integer), Job.ended_at.is_not(None), Job.seen_at.is_(None)
)
#: The ids of those, ``reader_id``'s own: the bar of every page counts them.
UNSEEN: Final = select(Job.id).where(_UNSEEN)


@dataclass(frozen=True, slots=True)
class JobView:
    """A job as people see it; counts are of items, not of chunks."""

    id: int
    kind: str
    parameters: dict[str, Any]
    owner_id: int | None
    state: str
    total: int
    done: int
    unchanged: int
    refused: int
    result: dict[str, Any]
    error: str | None
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    #: When its owner took note of its end; None: it is news to him.
    seen_at: datetime | None = None
    #: It was stopped, and a worker is still at the part it had in hand: the counts grow once more.
    settling: bool = False

    @property
    def moving(self) -> bool:
        """Whether its counts may still change: a page of it is not final."""
        return self.settling or not self.ended

    @property
    def seen(self) -> int:
        """Return how many items have an outcome."""
        return self.done + self.unchanged + self.refused

    @property
    def percent(self) -> int:
        """Return the progress, 0 to 100."""
        return 100 if self.state == "done" else min(99, self.seen * 100 // self.total) if self.total else 0

    @property
    def ended(self) -> bool:
        """Whether nothing more will be begun."""
        return self.state in {"done", "failed", "cancelled"}

    def rate(self, now: datetime) -> float:
        """Return how many items had an outcome per second, from its first chunk on."""
        seconds = ((self.ended_at or now) - self.started_at).total_seconds() if self.started_at else 0.0
        return self.seen / seconds if seconds > 0 else 0.0

    def seconds_left(self, now: datetime) -> int | None:
        """Return how long it will take at this rate; None while nobody can tell."""
        rate = self.rate(now)
        return None if self.ended or not rate else round((self.total - self.seen) / rate)


def job(work: Work, job_id: int) -> JobView:
    """Return one job the actor may see: one's own, or any with ``job.read``."""
    row = work.session.get(Job, job_id, populate_existing=True)
    if row is None or not (work.actor.may("job.read") or row.owner_id == work.actor.user_id):
        raise NotFoundError(_("There is no such job."))
    return _views(work, [row])[0]


def jobs(
    work: Work, *, kind: str | None = None, states: Sequence[str] = (), own: bool = False, before: int | None = None,
    limit: int = 50,
) -> list[JobView]:  # fmt: skip
    """Return the newest jobs the actor may see: one's own, or all with ``job.read`` unless only ``own`` are wanted.

    ``before``: only jobs older than the one of that id, for the next page.
    """
    query = select(Job).order_by(Job.id.desc()).limit(limit)
    if kind:
        query = query.where(Job.kind == kind)
    if states:
        query = query.where(Job.state.in_(states))
    if before is not None:
        query = query.where(Job.id < before)
    if own or not work.actor.may("job.read"):
        query = query.where(Job.owner_id == work.actor.user_id)
    return _views(work, work.session.scalars(query).all())


def ended_unseen(work: Work) -> list[JobView]:
    """Return the actor's own jobs that have ended and whose end he has not seen, the latest first."""
    query = select(Job).where(_UNSEEN).order_by(Job.ended_at.desc(), Job.id.desc()).limit(MOST)
    return _views(work, work.session.scalars(query, {"reader_id": work.actor.user_id}).all())


def outcomes(work: Work, job_id: int) -> list[dict[str, Any]]:
    """Return the ledger of a job: the detail each finished chunk left, in order."""
    query = select(JobChunk.outcome).where(JobChunk.job_id == job_id, JobChunk.outcome.is_not(None))
    return [row or {} for row in work.session.scalars(query.order_by(JobChunk.number, JobChunk.id))]


def ledger(work: Work, job_id: int) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Yield what each finished chunk was asked to do and the detail it left, in order, one after the other."""
    query = select(JobChunk.payload, JobChunk.outcome).where(JobChunk.job_id == job_id, JobChunk.outcome.is_not(None))
    rows = work.session.execute(query.order_by(JobChunk.number, JobChunk.id).execution_options(yield_per=20))
    for payload, outcome in rows:
        yield payload, outcome or {}


def chunks_by_state(work: Work) -> dict[str, int]:
    """Return how many chunks there are in each state, those of all jobs."""
    return dict(work.session.execute(select(JobChunk.state, func.count()).group_by(JobChunk.state)).all())


def states_of(work: Work, key: str) -> list[str]:
    """Return the states of the jobs whose idempotency key begins with ``key``."""
    return list(work.session.scalars(select(Job.state).where(Job.idempotency_key.startswith(key, autoescape=True))))


def last_heartbeat(work: Work) -> datetime | None:
    """Return when any worker was last heard of."""
    return work.session.scalar(select(func.max(WorkerHeartbeat.seen_at)))


def _views(work: Work, rows: Sequence[Job]) -> list[JobView]:
    settling: set[int] = set()
    if stopped := [row.id for row in rows if row.state == "cancelled"]:
        # Whose lease ran out is lost, and of a job that was stopped nobody takes it over.
        held = select(JobChunk.job_id).where(JobChunk.state == "claimed", JobChunk.lease_until >= database_time(work))
        settling.update(work.session.scalars(held.where(JobChunk.job_id.in_(stopped))))
    names = [one.name for one in fields(JobView) if one.name != "settling"]
    return [JobView(**{name: getattr(row, name) for name in names}, settling=row.id in settling) for row in rows]
