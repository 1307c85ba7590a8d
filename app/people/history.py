"""Who changed what on a record, in words: labels for columns, names for keys."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import True_

from app.core.audit import wholes_of
from app.core.i18n import Message
from app.core.records.attributes import Attribute, Choice
from app.core.records.lookups import LOOKUPS
from app.core.records.references import One
from app.core.records.service import RecordType
from app.core.work import Work
from app.people.called import called
from app.people.privacy import masked_phone
from app.people.queries import Change, history, last_called
from app.people.said import pair
from app.people.wording import WORDINGS

#: How actions are called where the history is drawn.
_ACTIONS: Final = {"created": "create", "changed": "update", "deleted": "delete"}
#: Columns derived from others: their change says nothing more.
_DERIVED: Final = frozenset({"id", "name_folded", "number", "number_index", "tail", "path"})
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
    #: How such a part is called, where what changed does not say it.
    name: str = ""


def events(work: Work, record: RecordType, row: Any, limit: int = 50) -> list[Event]:
    """Return the last changes of ``row`` and its lines, newest first; also of lines it has no more."""
    table: str = record.model.__tablename__
    records = {table: record, **{line.model.__tablename__: line for line in record.lines.values()}}
    key = getattr(row, record.key.key)
    changes = history(work, [(table, key)], limit, parts=True)
    known = _known(records)
    names = _names(work, known, changes)
    told = [
        replace(_event(one, records[one.table_name], known[one.table_name], names, whole=record), name=name)
        for one, name in zip(changes, _called(work, changes, table), strict=True)
    ]
    # What a line follows its whole in (phones of a contact that got another customer) is told of the whole.
    return [one for one in told if one.changes or not one.part or one.action == _ACTIONS["deleted"]]


def _called(work: Work, changes: Sequence[Change], whole: str) -> list[str]:
    """Return of each change of a part how that is called, as it is now or was when it went; of all others nothing.

    ``changes``, the newest first, tell the end of a part before what was done to it.
    """
    names: dict[tuple[str, str], str] = {}
    asked = [one for one in changes if one.action == "changed" and one.table_name != whole]
    names.update(called(work, asked) if asked else {})
    told = []
    for one in changes:
        part = one.table_name, one.row_id
        if one.action == "deleted":
            names[part] = str((one.changes.get("name") or ("",))[0] or "")
        told.append(names.get(part, "") if one in asked else "")
    return told


def events_of(work: Work, table: str, key: int | str, limit: int = 50) -> list[Event]:
    """Return the last changes of a row that is no reference record, newest first; see `app.people.wording`."""
    return [_plain_event(one) for one in history(work, [(table, key)], limit)]


def worded(work: Work, changes: Sequence[Change], records: Mapping[str, RecordType]) -> list[Event]:
    """Return changes of any records in words; a table nobody named keeps the names of its columns."""
    known = _known(records)
    names = _names(work, known, [one for one in changes if one.table_name in records])
    return [
        _event(one, records[one.table_name], known[one.table_name], names)
        if one.table_name in records
        else _plain_event(one)
        for one in changes
    ]


#: By table: the attributes changes are told by, by their names.
_Known = Mapping[str, Mapping[str, Attribute]]


def _known(records: Mapping[str, RecordType]) -> _Known:
    """Return the attributes of ``records``; a line that moves from one whole to another has one for that, too."""
    known = {}
    for table, record in records.items():
        attributes = {one.name: one for one in record.attributes}
        for name, of in wholes_of(record.model).items():
            kind = next((one.kind for one in LOOKUPS.values() if one.model.__tablename__ == of), None)
            if name not in attributes and of in records and kind:
                attributes[name] = One(name=name, label=records[of].label, kind=kind, shown="")
        known[table] = attributes
    return known


def _names(work: Work, known: _Known, changes: Sequence[Change]) -> dict[tuple[str, str], str]:
    """Return how the keys in ``changes`` are called, one statement a kind; what is gone as it was called last."""
    wanted: dict[str, set[Any]] = {}
    for change in changes:
        for attribute in known[change.table_name].values():
            if isinstance(attribute, One):
                values = [one for one in change.changes.get(attribute.name, ()) if one is not None]
                wanted.setdefault(attribute.kind, set()).update(values)
    named = {kind: LOOKUPS[kind].named(work, keys) for kind, keys in wanted.items()}
    found = {(kind, str(key)): text for kind, several in named.items() for key, text in several.items()}
    tables = {LOOKUPS[kind].model.__tablename__: kind for kind in wanted if _is_told(work, kind, known)}
    missing = {table: [one for one in wanted[kind] if (kind, str(one)) not in found] for table, kind in tables.items()}
    gone = last_called(work, {table: keys for table, keys in missing.items() if keys})
    return found | {(tables[table], key): last.name for (table, key), last in gone.items()}


def _is_told(work: Work, kind: str, known: _Known) -> bool:
    """Whether the actor is told the names of what is gone: of parts of what is read, and where all is within reach."""
    lookup = LOOKUPS[kind]
    return lookup.model.__tablename__ in known or isinstance(lookup.reach(work.actor), True_)


def _event(
    change: Change,
    record: RecordType,
    attributes: Mapping[str, Attribute],
    names: Mapping[tuple[str, str], str],
    whole: RecordType | None = None,
) -> Event:
    """Return a change in words; ``whole``: on whose page it stands, so that a part does not name it again."""
    part = whole is not None and record is not whole
    silent = _DERIVED | _owning(change, record, attributes, whole if part else None)
    lines: list[tuple[Message | str, Any, Any]] = []
    # In the order of the form: each database keeps them in one of its own.
    order = {name: place for place, name in enumerate(attributes)}
    for name, values in sorted(change.changes.items(), key=lambda one: order.get(one[0], len(order))):
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
    return Event(change.at, change.by, _action(change), tuple(lines), record.label, change.row_id, part)


def _owning(
    change: Change, record: RecordType, attributes: Mapping[str, Attribute], whole: RecordType | None
) -> set[str]:
    """Return the columns by which a part names what it is of, where that is known: by the page, or by its name."""
    wholes = wholes_of(record.model)
    unnamed = wholes.keys() - attributes.keys()
    if whole is None or change.action == "changed":
        return unnamed
    return unnamed | {name for name, table in wholes.items() if table == whole.model.__tablename__}


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
