"""Who changed what: stamps on rows, and an append-only record of changes to reference tables.

Works for every door that writes through the ORM (Flask-AppBuilder's CRUD, services). The ticket tables are
written set-based and have their own journal instead.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar, Final

from sqlalchemy import Index, Integer, String, event, insert, inspect
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.core.columns import Encrypted, Json, UtcDateTime
from app.core.db import Base, BigKey
from app.core.work import Work

#: In a column's ``info``: the audit record does not keep it.
UNRECORDED: Final = "unrecorded"


class AuditEvent(Base):
    """One change of one row: created, changed or deleted, with old and new values. Never updated or deleted."""

    __tablename__ = "audit_event"
    __table_args__ = (Index("ix_audit_event_row", "table_name", "row_id", "id"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    actor_id: Mapped[int | None] = mapped_column(Integer)
    cause: Mapped[dict[str, Any]] = mapped_column(Json)
    action: Mapped[str] = mapped_column(String(10))
    table_name: Mapped[str] = mapped_column(String(60))
    row_id: Mapped[str] = mapped_column(String(60))
    #: ``{column: [old, new]}``; personal data reads ``"•••"``.
    changes: Mapped[dict[str, Any]] = mapped_column(Json)


class Stamped:
    """Mixin: when and by whom a row was made and last changed; set from `work`, never by hand."""

    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by_id: Mapped[int | None] = mapped_column(Integer)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_by_id: Mapped[int | None] = mapped_column(Integer)


class Recorded:
    """Mixin: a row whose every change is recorded as an `AuditEvent`; it need not be stamped (shipped data).

    A column whose ``info`` has ``UNRECORDED`` is left out: it follows from others, and is for nobody to read.
    """

    #: Columns whose changes are told through the switchboard (`RecordsChanged`): copies of them stand elsewhere.
    told: ClassVar[frozenset[str]] = frozenset()


@dataclass(frozen=True, slots=True)
class RecordsChanged:
    """Rows of one table have another value in a column that is told."""

    table: str
    ids: tuple[int, ...]


class Audited(Stamped, Recorded):
    """Mixin: a stamped row whose every change is recorded as an `AuditEvent`."""


def listen(target: Any = Session) -> None:
    """Attach the recorder to ``target`` (all sessions, unless told)."""
    if not event.contains(target, "before_flush", _stamp):
        event.listen(target, "before_flush", _stamp)
        event.listen(target, "after_flush", _record)


def _stamp(session: Session, _context: Any, _instances: Any) -> None:
    work: Work | None = session.info.get("work")
    if work is None:
        return
    for row in session.new:
        if isinstance(row, Stamped):
            row.created_at = row.created_at or work.now
            row.created_by_id = work.actor.user_id
            row.changed_at, row.changed_by_id = work.now, work.actor.user_id
    for row in session.dirty:
        if isinstance(row, Stamped) and session.is_modified(row):
            row.changed_at, row.changed_by_id = work.now, work.actor.user_id


def _record(session: Session, _context: Any) -> None:
    work: Work | None = session.info.get("work")
    if work is None:
        return
    rows = [
        _event_of(work, row, action)
        for action, several in (("created", session.new), ("changed", session.dirty), ("deleted", session.deleted))
        for row in several
        if isinstance(row, Recorded)
    ]
    rows = [row for row in rows if row["changes"] or row["action"] == "deleted"]
    if rows:
        session.execute(insert(AuditEvent), rows)
    _tell(work, session, rows)


def _tell(work: Work, session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Say which rows changed that others hold copies of; one event a table and flush."""
    told = {
        inspect(row).mapper.local_table.name: row.told
        for row in session.dirty
        if isinstance(row, Recorded) and row.told
    }
    for table, columns in told.items():
        ids = [
            int(row["row_id"])
            for row in rows
            if row["table_name"] == table and row["action"] == "changed" and not columns.isdisjoint(row["changes"])
        ]
        if ids:
            work.publish(RecordsChanged(table, tuple(ids)))


def _event_of(work: Work, row: Any, action: str) -> dict[str, Any]:
    state = inspect(row)
    changes = {}
    for attribute in state.mapper.column_attrs:
        if attribute.key in Stamped.__annotations__ or attribute.columns[0].info.get(UNRECORDED):
            continue
        history = state.attrs[attribute.key].history
        old = history.deleted[0] if history.deleted else None
        new = history.added[0] if history.added else None
        if action == "deleted":
            old, new = getattr(row, attribute.key), None
        if old != new:
            secret = isinstance(attribute.columns[0].type, Encrypted)
            changes[attribute.key] = [_shown(old, secret=secret), _shown(new, secret=secret)]
    for relation in state.mapper.relationships:
        # Tags of a customer, teams of a person: many-to-many has no column to see the change in.
        history = state.attrs[relation.key].history
        if relation.secondary is not None and history.has_changes():
            before = [*history.unchanged, *history.deleted]
            changes[relation.key] = [
                sorted(str(one) for one in several) for several in (before, [*history.unchanged, *history.added])
            ]
    key = state.mapper.primary_key_from_instance(row)
    return {
        "at": work.now, "actor_id": work.actor.user_id, "cause": work.cause.as_json(), "action": action,
        "table_name": state.mapper.local_table.name, "row_id": ",".join(map(str, key)),
        "changes": changes,
    }  # fmt: skip


def _shown(value: Any, *, secret: bool) -> Any:
    if secret and value is not None:
        return "•••"
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return value if value is None or isinstance(value, str | int | float | bool | list | dict) else str(value)
