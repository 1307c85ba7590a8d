"""Reading records through their attributes: for pages, forms, files and REST, personal data masked where it must be."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from app.core.i18n import label_in
from app.core.permissions import Actor
from app.core.records.attributes import MASK, Attribute, Choice, Labels
from app.core.records.references import Many, One
from app.core.records.service import RecordType


def hidden(actor: Actor, attribute: Attribute) -> bool:
    """Whether the actor sees only a mask of this attribute."""
    return attribute.personal and not actor.may("personal_data.read")


def shown(actor: Actor, attribute: Attribute, row: Any) -> Any:
    """Return what a page or file shows: text, a bool, a number, a date, a `Message`, or None for nothing."""
    value = getattr(row, attribute.shown if isinstance(attribute, One) else attribute.name)
    if value is None or value == "":
        return None
    if hidden(actor, attribute):
        return MASK
    return _shown(actor, attribute, value)


def _shown(actor: Actor, attribute: Attribute, value: Any) -> Any:
    if isinstance(attribute, One):
        return attribute.lookup.text(value, actor.locale)
    if isinstance(attribute, Many):
        return ", ".join(sorted(attribute.lookup.text(one, actor.locale) for one in value))
    if isinstance(attribute, Labels):
        return label_in(value, actor.locale)
    if isinstance(attribute, Choice):
        return attribute.options.get(value, value)
    return attribute.read_as(value)


def form_values(actor: Actor, record: RecordType, row: Any) -> dict[str, Any]:
    """Return what a form of the record is filled with; personal data the actor may not see as its mask."""
    values: dict[str, Any] = {one.name: _raw(actor, one, row) for one in record.attributes}
    for name, line in record.lines.items():
        ordered = sorted(getattr(row, name), key=lambda one: one.id)
        values[name] = [{"id": str(one.id), **form_values(actor, line, one)} for one in ordered]
    return values


def _raw(actor: Actor, attribute: Attribute, row: Any) -> Any:
    value = getattr(row, attribute.name)
    if value is not None and value != "" and hidden(actor, attribute):
        return MASK
    if isinstance(attribute, Many):
        return [str(getattr(one, attribute.lookup.key.key)) for one in value]
    if isinstance(value, bool | Mapping) or value is None:
        return value
    return str(value)


def as_json(actor: Actor, record: RecordType, row: Any, *, lines: bool = True) -> dict[str, Any]:
    """Return the record as REST answers it: keys of other records, labels as stored, dates in ISO 8601."""
    answer: dict[str, Any] = {record.key.key: getattr(row, record.key.key)}
    for attribute in record.attributes:
        value = getattr(row, attribute.name)
        if value is not None and hidden(actor, attribute):
            value = MASK
        elif isinstance(attribute, Many):
            value = [getattr(one, attribute.lookup.key.key) for one in value]
        elif isinstance(value, date | Decimal):
            value = str(value)
        answer[attribute.name] = value
    if lines:
        for name, line in record.lines.items():
            answer[name] = [as_json(actor, line, one) for one in sorted(getattr(row, name), key=lambda one: one.id)]
    return answer
