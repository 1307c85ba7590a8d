"""How often something was done lately: counted in the database, the same for every process and machine."""

import hashlib
from datetime import timedelta
from typing import Any

from sqlalchemy import case
from sqlalchemy.dialects import postgresql, sqlite

from app.core.errors import TooOftenError
from app.core.i18n import _
from app.core.work import Work
from app.people.security_models import AttemptCount


def key_of(kind: str, name: str) -> str:
    """Return by what attempts of a kind are counted for one name; it does not tell the name."""
    return hashlib.sha256(f"{kind}:{name}".encode()).hexdigest()


def count(work: Work, key: str, window: timedelta) -> int:
    """Count one more, and return how many there have been in the running window, this one included.

    What is over is deleted whenever somebody signs in.
    """
    insert: Any = postgresql.insert if work.dialect == "postgresql" else sqlite.insert
    over = AttemptCount.until <= work.now
    statement = (
        insert(AttemptCount)
        .values(key=key, count=1, until=work.now + window)
        .on_conflict_do_update(
            index_elements=["key"],
            set_={
                "count": case((over, 1), else_=AttemptCount.count + 1),
                "until": case((over, work.now + window), else_=AttemptCount.until),
            },
        )
        .returning(AttemptCount.count)
    )
    return int(work.session.execute(statement).scalar_one())


def demand_pause(work: Work, kind: str, limit: int, window: timedelta) -> None:
    """Raise TooOftenError when the actor does this more than ``limit`` times within the window."""
    if count(work, key_of(kind, str(work.actor.user_id)), window) > limit:
        raise TooOftenError(_("This was done too often just now. Please wait a moment."), wait=window)
