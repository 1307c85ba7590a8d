"""The table of links. Only `app/tickets/change` writes it."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.columns import UtcDateTime
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
