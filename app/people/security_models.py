"""What signing in needs beside Flask-AppBuilder's own tables: sessions, counts of attempts, personal choices."""

from datetime import datetime

from sqlalchemy import Boolean, ForeignKey, Integer, String, false, true
from sqlalchemy.orm import Mapped, mapped_column

from app.core.columns import UtcDateTime
from app.core.db import Base


class AccountSecurity(Base):
    """What an account must do and likes; an account without a row has the defaults."""

    __tablename__ = "account_security"

    user_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id", ondelete="CASCADE"), primary_key=True)
    #: The password was given by somebody else; every page leads to its change until that is done.
    must_change_password: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    password_changed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    locale: Mapped[str | None] = mapped_column(String(10))
    #: ``light``, ``dark`` or ``auto`` (as the device is set).
    theme: Mapped[str | None] = mapped_column(String(8))
    #: Single keys that act on pages; some people's tools press them by mistake.
    shortcuts: Mapped[bool] = mapped_column(Boolean, default=True, server_default=true())


class AccountSession(Base):
    """A signed-in browser. Deleting the row signs it out, whatever its cookie says."""

    __tablename__ = "account_session"

    #: SHA-256 of the secret in the cookie, so that a read database opens no session.
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class AttemptCount(Base):
    """How often something was tried by one account, or from one address, in the running window."""

    #: Of what was counted first.
    __tablename__ = "sign_in_count"

    #: SHA-256 of the kind of attempt and whose it is: names typed by mistake may be passwords.
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    count: Mapped[int] = mapped_column(Integer)
    until: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
