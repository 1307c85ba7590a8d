"""What is stored of a token: never itself."""

from datetime import datetime

from sqlalchemy import Boolean, ForeignKey, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.columns import Json, UtcDateTime
from app.core.db import KEYS_ONCE, Base


class ApiToken(Base):
    """A program's way in. Revoked and expired ones stay, to tell whose doings were done with them."""

    __tablename__ = "api_token"
    __table_args__ = KEYS_ONCE

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    #: SHA-256 of the token, so that a read database opens nothing.
    key: Mapped[str] = mapped_column(String(64), unique=True)
    #: Its last characters, by which its owner tells it from others.
    hint: Mapped[str] = mapped_column(String(8))
    name: Mapped[str] = mapped_column(String(80))
    #: Whom it acts as.
    user_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id", ondelete="CASCADE"), index=True)
    #: Made for a program by an administrator, not by its owner for himself.
    service: Mapped[bool] = mapped_column(Boolean)
    #: Names of `scopes.NAMED_SCOPES`, and permissions.
    scopes: Mapped[list[str]] = mapped_column(Json)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by_id: Mapped[int | None] = mapped_column(Integer)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
