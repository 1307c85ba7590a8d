"""One sent form is one record, however often it is sent: by a second click, or after the way back."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import String, delete, insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from app.core.columns import UtcDateTime
from app.core.db import Base
from app.core.errors import ConflictError, NotFoundError
from app.core.i18n import _
from app.core.keyring import KEYRING
from app.core.records import service
from app.core.records.doubts import Sure
from app.core.records.service import RecordType
from app.core.work import Work

#: Nobody goes back to a form that long after.
_REMEMBERED: Final = timedelta(days=7)


class RecordSubmission(Base):
    """A form that made a record. Digests only: it says neither who sent it nor what was typed."""

    __tablename__ = "record_submission"

    #: Of the form and of who sent it, so that nobody finds another's record by it.
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    #: Of what was typed: a second click sends the same, somebody who came back perhaps something else.
    content: Mapped[str] = mapped_column(String(64))
    row_id: Mapped[str | None] = mapped_column(String(60))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class AlreadyMadeError(ConflictError):
    """This form has made a record already. ``same``: and nothing else was typed since."""

    def __init__(self, key: int | str, name: str, *, same: bool) -> None:
        super().__init__(_("This form has made a record already."), code="already_made")
        self.key, self.name, self.same = key, name, same


def create_once(
    work: Work, record: RecordType, values: Mapping[str, Any], submission: str, *, sure: Sure = False
) -> Any:
    """Make a record as `service.create` does, unless the form ``submission`` names made one that still exists."""
    if not submission:
        return service.create(work, record, values, sure=sure)
    service.demand(work, record, "create")
    claim = _claimed(work, record, values, submission)
    # Asked by the door below, so last: the phone a second click finds known is of the customer the first one made.
    row = service.create(work, record, values, sure=sure)
    claim.row_id = str(getattr(row, record.key.key))
    work.session.flush()
    return row


def _claimed(work: Work, record: RecordType, values: Mapping[str, Any], submission: str) -> RecordSubmission:
    work.session.execute(delete(RecordSubmission).where(RecordSubmission.created_at < work.now - _REMEMBERED))
    key = KEYRING.blind_index(f"{work.actor.user_id}:{record.model.__tablename__}:{submission}")
    content = KEYRING.blind_index(json.dumps(values, sort_keys=True, default=str))
    try:
        # Written first: of two clicks at once the second waits here for the first.
        with work.session.begin_nested():
            work.session.execute(insert(RecordSubmission).values(key=key, content=content, created_at=work.now))
    except IntegrityError:
        known = work.session.get_one(RecordSubmission, key, with_for_update=True)
        if (row := _row(work, record, known.row_id)) is not None:
            same = known.content == content
            raise AlreadyMadeError(getattr(row, record.key.key), str(row), same=same) from None
        known.content = content
    return work.session.get_one(RecordSubmission, key)


def _row(work: Work, record: RecordType, row_id: str | None) -> Any:
    """Return the record that was made, None when it is gone."""
    if row_id is None:
        return None
    try:
        return service.get(work, record, int(row_id) if record.key.type.python_type is int else row_id)
    except NotFoundError:
        return None
