"""The outbox table."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.columns import Json, UtcDateTime
from app.core.db import Base, BigKey


class OutboxMessage(Base):
    """One side effect to bring about. The far end sees ``idempotency_key`` and drops what it has seen."""

    __tablename__ = "outbox_message"
    __table_args__ = (Index("ix_outbox_message_due", "state", "next_try_at", "id"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    #: Stored name of the delivery class.
    kind: Mapped[str] = mapped_column(String(40))
    #: Whom it goes to, for breakers and fairness.
    target: Mapped[str] = mapped_column(String(200), index=True)
    payload: Mapped[dict[str, Any]] = mapped_column(Json)
    idempotency_key: Mapped[str] = mapped_column(String(120), unique=True)
    #: waiting, claimed, sent, dead.
    state: Mapped[str] = mapped_column(String(12))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    next_try_at: Mapped[datetime] = mapped_column(UtcDateTime)
    worker: Mapped[str | None] = mapped_column(String(120))
    fence: Mapped[int] = mapped_column(Integer, default=0)
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_error: Mapped[str | None] = mapped_column(Text)
