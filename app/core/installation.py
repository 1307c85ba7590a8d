"""The mark of a complete installation: written last, so that a first run that was killed is told from a whole one."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, Integer, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.columns import UtcDateTime
from app.core.db import Base
from app.core.work import Work

ONLY: Final = 1


class Installation(Base):
    """The one row of its table. `app/installed.py` reads it in plain SQL, before anything heavy is imported."""

    __tablename__ = "installation"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    #: Fingerprint of the program whose schema, roles, menu and packs these are.
    program: Mapped[str] = mapped_column(String(64))
    completed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    #: Fingerprints of all keys that may have written personal data here, with blanks between.
    keys: Mapped[str] = mapped_column(Text, server_default="")


def revision_of(connection: Connection) -> str:
    """Return the revision of the schema, as the migration that was the last one left it."""
    return str(connection.scalar(text("SELECT version_num FROM alembic_version")) or "")


def mark_complete(work: Work, program: str, keys: Sequence[str]) -> None:
    """Note that everything ``program`` brings is there, and by which keys personal data is written."""
    work.session.merge(Installation(id=ONLY, program=program, completed_at=work.now, keys=" ".join(keys)))
