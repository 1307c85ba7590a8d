"""Jobs and their chunks: our ledger is the truth of what is done."""

from datetime import datetime
from typing import Any, Final

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, String, Text, and_
from sqlalchemy.orm import Mapped, mapped_column

from app.core.columns import Json, SealedJson, UtcDateTime
from app.core.db import KEYS_ONCE, Base, BigKey


class Job(Base):
    """A piece of background work: frozen parameters, owner, and counts of what became of its items."""

    __tablename__ = "job"
    __table_args__ = KEYS_ONCE

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    #: Stored name of a class in the registry of job kinds.
    kind: Mapped[str] = mapped_column(String(40))
    #: Sealed: who asks for the tickets of a telephone number has written it here.
    parameters: Mapped[dict[str, Any]] = mapped_column(SealedJson)
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"), index=True)
    cause: Mapped[dict[str, Any]] = mapped_column(Json)
    #: waiting, running, done, failed, cancelled.
    state: Mapped[str] = mapped_column(String(12))
    #: A second submission with the same key is the same job.
    idempotency_key: Mapped[str] = mapped_column(String(120), unique=True)
    total: Mapped[int] = mapped_column(Integer, default=0)
    done: Mapped[int] = mapped_column(Integer, default=0)
    unchanged: Mapped[int] = mapped_column(Integer, default=0)
    refused: Mapped[int] = mapped_column(Integer, default=0)
    #: What the kind wants remembered: a file made, samples of refusals; sealed as the outcomes they are taken from.
    result: Mapped[dict[str, Any]] = mapped_column(SealedJson, default=dict)
    error: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    #: When its owner took note that it ended; set by itself where nobody is to be told.
    seen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


#: What ended and was not seen yet: a handful of rows, counted on every page.
_NEWS: Final = and_(Job.ended_at.is_not(None), Job.seen_at.is_(None))
Index("ix_job_news", Job.owner_id, Job.ended_at, sqlite_where=_NEWS, postgresql_where=_NEWS)


class JobChunk(Base):
    """A part of a job that is one transaction. ``fence`` grows with each claim; only the last claimant finishes it."""

    __tablename__ = "job_chunk"
    __table_args__ = (
        Index("uq_job_chunk_number", "job_id", "number", unique=True),
        Index("ix_job_chunk_claim", "state", "lease_until", "id"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    job_id: Mapped[int] = mapped_column(ForeignKey("job.id"))
    number: Mapped[int] = mapped_column(Integer)
    #: What the kind needs to do this part: row numbers, ids.
    payload: Mapped[dict[str, Any]] = mapped_column(Json)
    #: waiting, claimed, done, failed, cancelled, split (its parts are chunks of their own).
    state: Mapped[str] = mapped_column(String(12))
    #: ``machine:pid:start`` of the worker that holds it.
    worker: Mapped[str | None] = mapped_column(String(120))
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    fence: Mapped[int] = mapped_column(BigInteger, default=0)
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    #: Per-item outcomes, as the kind writes them; sealed, since a reason may quote what stood in a row.
    outcome: Mapped[dict[str, Any] | None] = mapped_column(SealedJson)
    error: Mapped[str | None] = mapped_column(Text)


class WorkerHeartbeat(Base):
    """A worker that lives: when it was last heard of."""

    __tablename__ = "worker_heartbeat"

    worker: Mapped[str] = mapped_column(String(120), primary_key=True)
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
