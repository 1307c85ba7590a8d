"""One wish of a program is carried out once, however often it is sent: after a broken line nobody knows whether it was.

What was answered is kept for a day and answered again. It is sealed, for it may tell of people; a refused wish leaves
nothing behind, so that it can be tried again.
"""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import String, Text, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from app.core.columns import UtcDateTime
from app.core.db import Base
from app.core.errors import DomainError
from app.core.i18n import _
from app.core.keyring import KEYRING
from app.core.work import Work

#: Nobody tries again that long after.
REMEMBERED: Final = timedelta(days=1)


class AnsweredRequest(Base):
    """A wish that was carried out, and what was answered."""

    __tablename__ = "answered_request"

    #: Of who wished and the key he gave it, so that nobody finds another's answer by it.
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    #: Of what was wished.
    content: Mapped[str] = mapped_column(String(64))
    answer: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


def once(work: Work, name: str, content: str, carry_out: Callable[[], dict[str, Any]]) -> tuple[dict[str, Any], bool]:
    """Return what ``carry_out`` answers, or answered when the wish ``name`` was sent before; and whether it was.

    DomainError when something else was wished by that name.
    """
    key = KEYRING.blind_index(f"answered:{work.actor.user_id}:{name}")
    digest = KEYRING.blind_index(content)
    table: Any = AnsweredRequest.__table__
    work.session.execute(delete(AnsweredRequest).where(AnsweredRequest.created_at < work.now - REMEMBERED))
    insert: Any = postgresql.insert if work.dialect == "postgresql" else sqlite.insert
    # Written first: of two that are sent at once the second waits here for the first.
    claim = insert(table).values(key=key, content=digest, created_at=work.now).on_conflict_do_nothing()
    if work.session.execute(claim.returning(table.c.key)).first() is None:
        known = work.session.execute(select(table.c.content, table.c.answer).where(table.c.key == key)).one()
        if known.content != digest:
            message = _("This idempotency key was used for something else. Use a new one.")
            raise DomainError(message, field="Idempotency-Key", code="key_reused")
        kept: dict[str, Any] = json.loads(KEYRING.decrypt(known.answer))
        return kept, True
    answer = carry_out()
    sealed = KEYRING.encrypt(json.dumps(answer, ensure_ascii=False))
    work.session.execute(update(table).where(table.c.key == key).values(answer=sealed))
    return answer, False
