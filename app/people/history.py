"""Who changed what on a record, in words: labels for columns, names for keys."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select

from app.core.i18n import Message, _
from app.core.records.attributes import Choice
from app.core.records.lookups import LOOKUPS
from app.core.records.references import One
from app.core.records.service import RecordType
from app.core.work import Work
from app.people import scope
from app.people.models import Customer, Phone, Site, StaffProfile
from app.people.queries import Change, history
from app.people.wording import WORDINGS

#: How actions are called where the history is drawn.
_ACTIONS: Final = {"created": "create", "changed": "update", "deleted": "delete"}
#: Columns derived from others: their change says nothing more.
_DERIVED: Final = frozenset({"id", "name_folded", "number", "number_index", "tail", "path", "customer_id"})
#: A cell of the audit record shows no more of one value.
_LONGEST: Final = 200


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
    return [_event(one, records[one.table_name], names, own=one.table_name == table) for one in changes]


def events_of(work: Work, table: str, key: int | str, limit: int = 50) -> list[Event]:
    """Return the last changes of a row that is no reference record, newest first; see `app.people.wording`."""
    return [_plain_event(one) for one in history(work, [(table, key)], limit)]


def worded(work: Work, changes: Sequence[Change], records: Mapping[str, RecordType]) -> list[Event]:
    """Return changes of any records in words; a table nobody named keeps the names of its columns."""
    names = _names(work, records, [one for one in changes if one.table_name in records])
    return [
        _event(one, records[one.table_name], names, own=True) if one.table_name in records else _plain_event(one)
        for one in changes
    ]


def called(work: Work, changes: Iterable[Change]) -> dict[tuple[str, str], str]:
    """Return how the records that changed are called, by table and key, one statement a table.

    What is out of reach, gone, or never had a name is left to its key.
    """
    keys: dict[str, set[str]] = {}
    for change in changes:
        keys.setdefault(change.table_name, set()).add(change.row_id)
    found = {}
    for table, wanted in keys.items():
        for key, text in _called(work, table, wanted).items():
            found[table, str(key)] = text
    return found


def _called(work: Work, table: str, keys: Iterable[str]) -> Mapping[int | str, str]:
    if table in _OF_ANOTHER:
        return _OF_ANOTHER[table](work, [int(one) for one in keys if one.isdecimal()])
    lookup = LOOKUPS.get(_KINDS.get(table, table))
    if lookup is None or not lookup.allowed(work.actor):
        return {}
    return lookup.named(work, [key for one in keys if (key := lookup.read_key(one)) is not None])


def _phones(work: Work, keys: Sequence[int]) -> dict[int | str, str]:
    found = select(Phone.id, Customer.name, Phone.tail).join(Customer, Customer.id == Phone.customer_id)
    rows = work.session.execute(found.where(Phone.id.in_(keys), scope.phones(work.actor)))
    return {key: f"{name} •••• {tail}" for key, name, tail in rows}


def _sites(work: Work, keys: Sequence[int]) -> dict[int | str, str]:
    found = select(Site.id, Customer.name, Site.name).join(Customer, Customer.id == Site.customer_id)
    rows = work.session.execute(found.where(Site.id.in_(keys), scope.sites(work.actor)))
    return {key: f"{owner} {name}" for key, owner, name in rows}


def _staff(work: Work, keys: Sequence[int]) -> dict[int | str, str]:
    rows = work.session.execute(select(StaffProfile.id, StaffProfile.user_id).where(StaffProfile.id.in_(keys)))
    users = {key: user for key, user in rows}  # noqa: C416 - rows are tuples to Python, not to its types
    names = LOOKUPS["user"].named(work, users.values())
    return {key: names[user] for key, user in users.items() if user in names}


#: Tables whose lookup has another name.
_KINDS: Final = {"ab_user": "user"}
#: Tables whose rows are called by whom they belong to.
_OF_ANOTHER: Final[Mapping[str, Callable[[Work, Sequence[int]], Mapping[int | str, str]]]] = {
    "phone": _phones,
    "site": _sites,
    "staff_profile": _staff,
}


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


def _event(change: Change, record: RecordType, names: dict[tuple[str, str], str], *, own: bool) -> Event:
    attributes = {one.name: one for one in record.attributes}
    lines: list[tuple[Message | str, Any, Any]] = []
    for name, values in change.changes.items():
        if name in _DERIVED:
            continue
        attribute, (old, new) = attributes.get(name), values
        label: Message | str = attribute.label if attribute else name
        if isinstance(attribute, One):
            old, new = (names.get((attribute.kind, str(one)), one) for one in values)
        elif isinstance(attribute, Choice):
            old, new = (attribute.options.get(one, one) for one in values)
        if not own:
            label = _("%(thing)s: %(field)s", thing=record.label, field=label)
        lines.append((label, _say(old), _say(new)))
    return Event(change.at, change.by, _action(change), tuple(lines), record.label, change.row_id)


def _plain_event(change: Change) -> Event:
    wording = WORDINGS.get(change.table_name)
    lines = []
    for name, (old, new) in change.changes.items():
        label, words = wording.columns.get(name, (name, None)) if wording else (name, None)
        lines.append((label, *(_say(words(one) if words else one) for one in (old, new))))
    label = wording.label if wording else change.table_name
    return Event(change.at, change.by, _action(change), tuple(lines), label, change.row_id)


def _action(change: Change) -> str:
    return _ACTIONS.get(change.action, change.action)


def _say(value: Any) -> Any:
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, list):
        return _cut(", ".join(str(one) for one in value))
    if isinstance(value, dict) and not all(isinstance(one, str) for one in value.values()):
        return _cut(", ".join(f"{key}: {one}" for key, one in value.items()))
    return value


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
