"""Links and merges of tickets. Only `app/tickets/change` writes these tables."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.columns import Json, UtcDateTime
from app.core.db import Base, BigKey

_PARENT = text("kind = 'parent'")


class TicketLink(Base):
    """That one ticket stands to another in some way: ``source`` blocks, duplicates or is the parent of ``target``."""

    __tablename__ = "ticket_link"
    __table_args__ = (
        Index("uq_ticket_link", "source_id", "kind", "target_id", unique=True),
        Index("ix_ticket_link_target", "target_id", "kind"),
        # A ticket has one parent.
        Index("uq_ticket_link_parent", "target_id", unique=True, sqlite_where=_PARENT, postgresql_where=_PARENT),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"))
    #: blocks, duplicates, relates, parent. Of two that relate, the one with the smaller id is the source.
    kind: Mapped[str] = mapped_column(String(12))
    target_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))


class TicketMerge(Base):
    """That ``source`` was merged into ``target``, and what undoing that needs to know; gone once it is undone."""

    __tablename__ = "ticket_merge"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), unique=True)
    target_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    #: The state the source was in, and since when.
    state: Mapped[str] = mapped_column(String(40))
    state_since: Mapped[datetime] = mapped_column(UtcDateTime)
    #: What the target was given of the source: ``{field: [before, after]}`` as the journal holds it.
    filled: Mapped[dict[str, Any]] = mapped_column(Json)
    #: Accounts that watch the target only because they watched the source.
    watchers: Mapped[list[int]] = mapped_column(Json)
