"""The conflict view of a record: both values in words, and who saved the other one."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from app.core.errors import DomainError
from app.core.i18n import Message, _, label_in, listing
from app.core.records.attributes import Attribute, Choice, Flag, Labels
from app.core.records.meanwhile import Conflict
from app.core.records.references import Many, One
from app.core.records.service import RecordType
from app.core.work import Work
from app.people.queries import history

_REMOVED = _("Removed")


@dataclass(frozen=True, slots=True)
class ShownConflict:
    """A conflict as the form shows it."""

    key: str
    label: Message | str
    theirs: Any
    mine: Any
    by: str
    keep: str


def shown_conflicts(work: Work, record: RecordType, row: Any, conflicts: Iterable[Conflict]) -> list[ShownConflict]:
    """Return each conflict with its label, both values in words, and who changed it last."""
    return [_shown(work, record, row, one) for one in conflicts]


def _shown(work: Work, record: RecordType, row: Any, conflict: Conflict) -> ShownConflict:
    name, _dash, rest = conflict.key.partition("-")
    if name not in record.lines:
        attribute = record.attribute(conflict.key)
        theirs, mine = (_said(work, attribute, one) for one in (conflict.theirs, conflict.mine))
        by = _by(work, record, getattr(row, record.key.key), attribute.name)
        return ShownConflict(conflict.key, attribute.label, theirs, mine, by, conflict.keep)
    line = record.lines[name]
    key, _dash, column = rest.partition("-")
    label: Message | str = line.label
    if column:
        attribute = line.attribute(column)
        label = _("%(thing)s: %(field)s", thing=line.label, field=attribute.label)
        theirs, mine = (_said(work, attribute, one) for one in (conflict.theirs, conflict.mine))
    else:
        theirs, mine = (_line(work, line, one) for one in (conflict.theirs, conflict.mine))
    return ShownConflict(conflict.key, label, theirs, mine, _by(work, line, key, column), conflict.keep)


def _line(work: Work, line: RecordType, values: Mapping[str, Any] | None) -> Any:
    if values is None:
        return _REMOVED
    said = (_said(work, one, values.get(one.name)) for one in line.attributes if values.get(one.name))
    return listing(one for one in said if one not in (None, ""))


def _said(work: Work, attribute: Attribute, raw: Any) -> Any:
    if isinstance(attribute, Flag):
        return _("Yes") if raw else _("No")
    if raw in (None, "", []):
        return ""
    if isinstance(attribute, Choice):
        return attribute.options.get(raw, raw)
    if isinstance(attribute, Labels):
        return label_in(raw, work.actor.locale)
    if isinstance(attribute, One | Many):
        return listing(_names(work, attribute, raw if isinstance(raw, list) else [raw]))
    return str(raw)


def _names(work: Work, attribute: One | Many, raws: Iterable[Any]) -> list[str]:
    keys = []
    for raw in raws:
        try:
            keys.append(attribute.lookup.read_key(raw))
        except DomainError:
            continue
    names = attribute.lookup.named(work, [key for key in keys if key is not None])
    return [str(names.get(key, key)) for key in keys if key is not None]


def _by(work: Work, record: RecordType, key: Any, column: str) -> str:
    changes = history(work, [(record.model.__tablename__, key)], limit=20)
    return next((one.by for one in changes if not column or column in one.changes), "")
