"""Who changed what on a record, in words: labels for columns, names for keys."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import inspect

from app.core.i18n import Message
from app.core.records.attributes import Choice
from app.core.records.references import One
from app.core.records.service import RecordType
from app.core.work import Work
from app.people.privacy import masked_phone
from app.people.queries import Change, history
from app.people.said import pair
from app.people.wording import WORDINGS

#: How actions are called where the history is drawn.
_ACTIONS: Final = {"created": "create", "changed": "update", "deleted": "delete"}
#: Columns derived from others: their change says nothing more.
_DERIVED: Final = frozenset({"id", "name_folded", "number", "number_index", "tail", "path", "customer_id", "staff_id"})
#: Of a number that is kept secret these digits are recorded; they tell one from another.
_DIGITS: Final = {"raw": "tail"}


@dataclass(frozen=True, slots=True)
class Event:
    """One change; ``changes`` are (label, before, after)."""

    at: datetime
    actor: str
    action: Message | str
    changes: tuple[tuple[Message | str, Any, Any], ...]
    #: What kind of record it is, and its key.
    record: Message | str
    row_id: str
    #: Whether it is a part of the record whose history this is: a phone of a contact.
    part: bool = False


def events(work: Work, record: RecordType, row: Any, limit: int = 50) -> list[Event]:
    """Return the last changes of ``row`` and its lines, newest first."""
    table: str = record.model.__tablename__
    keys: list[tuple[str, int | str]] = [(table, getattr(row, record.key.key))]
    records = {table: record}
    for name, line in record.lines.items():
        records[line.model.__tablename__] = line
        keys += [(line.model.__tablename__, one.id) for one in getattr(row, name)]
    changes = history(work, keys, limit)
    names = _names(work, records, changes)
    return [_event(one, records[one.table_name], names, whole=record) for one in changes]


def events_of(work: Work, table: str, key: int | str, limit: int = 50) -> list[Event]:
    """Return the last changes of a row that is no reference record, newest first; see `app.people.wording`."""
    return [_plain_event(one) for one in history(work, [(table, key)], limit)]


def worded(work: Work, changes: Sequence[Change], records: Mapping[str, RecordType]) -> list[Event]:
    """Return changes of any records in words; a table nobody named keeps the names of its columns."""
    names = _names(work, records, [one for one in changes if one.table_name in records])
    return [
        _event(one, records[one.table_name], names) if one.table_name in records else _plain_event(one)
        for one in changes
    ]


def _names(work: Work, records: Mapping[str, RecordType], changes: Iterable[Change]) -> dict[tuple[str, str], str]:
    """Return how the keys in ``changes`` are called, one statement a kind."""
    wanted: dict[str, set[Any]] = {}
    lookups = {}
    for change in changes:
        for attribute in records[change.table_name].attributes:
            if isinstance(attribute, One):
                values = [one for one in change.changes.get(attribute.name, ()) if one is not None]
                wanted.setdefault(attribute.kind, set()).update(values)
                lookups[attribute.kind] = attribute.lookup
    return {
        (kind, str(key)): text for kind, keys in wanted.items() for key, text in lookups[kind].named(work, keys).items()
    }


def _event(
    change: Change, record: RecordType, names: dict[tuple[str, str], str], whole: RecordType | None = None
) -> Event:
    """Return a change in words; ``whole``: on whose page it stands, so that a part does not name it again."""
    attributes = {one.name: one for one in record.attributes}
    silent = _DERIVED | _owning(record, whole)
    lines: list[tuple[Message | str, Any, Any]] = []
    for name, values in change.changes.items():
        if name in silent:
            continue
        attribute, (old, new) = attributes.get(name), values
        label: Message | str = attribute.label if attribute else name
        if isinstance(attribute, One):
            old, new = (names.get((attribute.kind, str(one)), one) for one in values)
        elif isinstance(attribute, Choice):
            old, new = (attribute.options.get(one, one) for one in values)
        elif digits := change.changes.get(_DIGITS.get(name, "")):
            old, new = (masked_phone(one) if one else None for one in digits)
        lines.append((label, *pair(old, new)))
    part = whole is not None and record is not whole
    return Event(change.at, change.by, _action(change), tuple(lines), record.label, change.row_id, part)


def _owning(record: RecordType, whole: RecordType | None) -> set[str]:
    """Return the columns by which a part names its whole."""
    if whole is None or record is whole:
        return set()
    return {
        one.key
        for one in inspect(record.model).columns
        if any(key.column.table is inspect(whole.model).local_table for key in one.foreign_keys)
    }


def _plain_event(change: Change) -> Event:
    wording = WORDINGS.get(change.table_name)
    lines = []
    for name, (old, new) in change.changes.items():
        label, words = wording.columns.get(name, (name, None)) if wording else (name, None)
        lines.append((label, *pair(old, new, words)))
    label = wording.label if wording else change.table_name
    return Event(change.at, change.by, _action(change), tuple(lines), label, change.row_id)


def _action(change: Change) -> str:
    return _ACTIONS.get(change.action, change.action)
