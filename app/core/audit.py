"""Who changed what: stamps on rows, and an append-only record of changes to reference tables.

Works for every door that writes through the ORM (Flask-AppBuilder's CRUD, services). The ticket tables are
written set-based and have their own journal instead.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar, Final

from sqlalchemy import ForeignKey, Index, Integer, String, event, insert, inspect
from sqlalchemy.orm import Mapped, Session, mapped_column, object_session

from app.core.columns import Encrypted, Json, UtcDateTime
from app.core.db import KEYS_ONCE, Base, BigKey
from app.core.work import Work

#: In a column's ``info``: the audit record does not keep it.
UNRECORDED: Final = "unrecorded"
#: In ``session.info``: the rows that go away in this flush, each with its event.
_GONE: Final = "gone"


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


class AuditWhole(Base):
    """Of which row that of an event is a part, or was one before or after: its history tells the event as well."""

    __tablename__ = "audit_event_whole"

    table_name: Mapped[str] = mapped_column(String(60), primary_key=True)
    row_id: Mapped[str] = mapped_column(String(60), primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("audit_event.id"), primary_key=True)


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
    #: Columns that name the rows this one is a part of: their histories tell its changes, and that it is gone.
    part_of: ClassVar[tuple[str, ...]] = ()


@dataclass(frozen=True, slots=True)
class RecordsChanged:
    """Rows of one table have another value in a column that is told."""

    table: str
    ids: tuple[int, ...]


class Audited(Stamped, Recorded):
    """Mixin: a stamped row whose every change is recorded as an `AuditEvent`."""

    __table_args__: Any = KEYS_ONCE


def listen(target: Any = Session) -> None:
    """Attach the recorder to ``target`` (all sessions, unless told)."""
    if not event.contains(target, "before_flush", _stamp):
        event.listen(target, "before_flush", _stamp)
        event.listen(target, "after_flush", _record)


@event.listens_for(Recorded, "before_delete", propagate=True)
def _goes(_mapper: Any, _connection: Any, row: Any) -> None:
    """Take down a row that goes away, whoever sent it: also one taken out of its whole, which no session lists."""
    session = object_session(row)
    work: Work | None = session.info.get("work") if session else None
    if session is not None and work is not None:
        session.info.setdefault(_GONE, []).append((row, _event_of(work, row, "deleted")))


def _stamp(session: Session, _context: Any, _instances: Any) -> None:
    # What a flush took down that failed is not gone.
    session.info.pop(_GONE, None)
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
    gone = session.info.pop(_GONE, ())
    work: Work | None = session.info.get("work")
    if work is None:
        return
    left = {id(row) for row, _event in gone}
    made = [row for row in session.new if isinstance(row, Recorded)]
    # What is dirty comes in no order, and what was taken out of its whole is among it.
    dirty = [row for row in session.dirty if isinstance(row, Recorded) and id(row) not in left]
    dirty.sort(key=lambda row: (inspect(row).mapper.local_table.name, inspect(row).identity))
    found = [(row, _event_of(work, row, "created")) for row in made]
    found += [(row, _event_of(work, row, "changed")) for row in dirty]
    found = [*((row, one) for row, one in found if one["changes"]), *gone]
    if found:
        _write(session, found)
    _tell(work, session, [one for _row, one in found])


def _write(session: Session, found: Sequence[tuple[Any, dict[str, Any]]]) -> None:
    """Write events, and with those of parts whose histories tell them."""
    events = [one for _row, one in found]
    wholes = [_wholes(row) for row, _event in found]
    if not any(wholes):
        session.execute(insert(AuditEvent), events)
        return
    ids = session.scalars(insert(AuditEvent).returning(AuditEvent.id, sort_by_parameter_order=True), events)
    session.execute(
        insert(AuditWhole),
        [
            {"table_name": table, "row_id": key, "event_id": event_id}
            for event_id, several in zip(ids, wholes, strict=True)
            for table, key in several
        ],
    )


def wholes_of(model: Any) -> dict[str, str]:
    """Return the columns by which rows of ``model`` name what they are part of, each with that table."""
    columns = inspect(model).columns
    return {name: next(iter(columns[name].foreign_keys)).column.table.name for name in model.part_of}


def _wholes(row: Recorded) -> list[tuple[str, str]]:
    """Return table and key of what ``row`` is, or was until now, a part of."""
    state = inspect(row)
    return [
        (table, str(key))
        for name, table in wholes_of(type(row)).items()
        for key in dict.fromkeys([*state.attrs[name].history.sum(), getattr(row, name)])
        if key is not None
    ]


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
            # As it was stored: what is taken out of a form may have been changed in it as well.
            old, new = old if history.deleted else getattr(row, attribute.key), None
        if old != new:
            secret = isinstance(attribute.columns[0].type, Encrypted)
            changes[attribute.key] = [_shown(old, secret=secret), _shown(new, secret=secret)]
    for relation in state.mapper.relationships:
        # Tags of a customer, teams of a person: many-to-many has no column to see the change in.
        if relation.secondary is None or relation.viewonly:
            continue
        history = state.attrs[relation.key].history
        before, after = [*history.unchanged, *history.deleted], [*history.unchanged, *history.added]
        if action == "deleted":
            after = []
        if before != after and (history.has_changes() or action == "deleted"):
            changes[relation.key] = [sorted(str(one) for one in several) for several in (before, after)]
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
