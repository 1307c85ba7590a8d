"""Amounts and decimals over the API: decimal texts in whole units, both ways, in answers and in conditions.

Tickets hold them as whole numbers of the smallest unit, which no JSON number tells apart from whole ones: 12 may be
twelve yuan or twelve fen. So one that is sent is refused (docs/decisions/0009-amounts-are-texts.md).
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from app.conditions.fields import ConditionField
from app.conditions.tree import JOINTS, MAX_LEAVES, MAX_LEVELS, fields_named
from app.core.errors import DomainError, Refusal
from app.core.numbers import read_decimal, scaled
from app.core.work import Work
from app.tickets.conditions.fields import fields
from app.tickets.rows import Reader, TicketRow
from ticket_templates.field_types.base import Context, FieldError, FieldType
from ticket_templates.field_types.decimal import plain, sent_number
from ticket_templates.versions import CompiledVersion

#: Makes another value of one in a leaf, given its field and its place.
Change = Callable[[Any, ConditionField, str], Any]


def answers_of_new(work: Work, version: CompiledVersion, sent: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the service takes of the answers a program sent for a new ticket of ``version``."""
    return _answers(version, sent, Reader(work).context(work.actor.locale))


def answers_of(row: TicketRow, sent: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the service takes of the answers a program sent for a ticket."""
    context = row.reader.context(row.reader.actor.locale)
    return _answers(row.version, sent, replace(context, stored=row.values) if sent else context)


def _answers(version: CompiledVersion, sent: Mapping[str, Any], context: Context) -> dict[str, Any]:
    return {key: _answer(version.types.get(key), raw, context) for key, raw in sent.items()}


def _answer(ftype: FieldType | None, raw: Any, context: Context) -> Any:
    try:
        return ftype.from_json(raw, context) if ftype else raw
    except FieldError as error:
        # Refused with all else that is wrong, by the change path.
        return error


def check_condition(work: Work, tree: Any) -> None:
    """Refuse amounts that are not written as answers are; what is no condition at all is the parser's to refuse."""
    wrong: list[Refusal] = []

    def check(value: Any, field: ConditionField, path: str) -> Any:
        if _is_exact(field):
            try:
                scaled(read_decimal(sent_number(value)), field.scale)
            except DomainError as error:
                wrong.append(replace(error.refusals[0], field=path))
        return value

    _with_values(tree, fields(work, fields_named(tree)), check, "where")
    if wrong:
        raise DomainError.of(wrong)


def condition_told(tree: Any, known: Mapping[str, ConditionField]) -> Any:
    """Return a condition of a template, its amounts as decimal texts."""

    def told(value: Any, field: ConditionField, _path: str) -> Any:
        try:
            return plain(read_decimal(value)) if _is_exact(field) else value
        except DomainError:
            return value

    return _with_values(tree, known, told, "")


def _with_values(part: Any, known: Mapping[str, ConditionField], change: Change, path: str, level: int = 0) -> Any:
    """Return ``part`` with the numbers of its leaves changed; what nests deeper than trees may stays as it is."""
    if not isinstance(part, Mapping) or level > MAX_LEVELS:
        return part
    name = part.get("field")
    field = known.get(name) if isinstance(name, str) else None
    if field is not None and field.kind in {"number", "money"} and part.get("value") is not None:
        value, at = part["value"], f"{path}.value"
        several = isinstance(value, list | tuple)
        changed = [change(one, field, f"{at}[{index}]") for index, one in _first(value)] if several else None
        return {**part, "value": changed if several else change(value, field, at)}
    return {
        key: [_with_values(one, known, change, f"{path}.{key}[{index}]", level + 1) for index, one in _first(parts)]
        if key in JOINTS and isinstance(parts, list | tuple)
        else parts
        for key, parts in part.items()
    }


def _is_exact(field: ConditionField) -> bool:
    return field.scale > 0 or field.kind == "money"


def _first(parts: Any) -> Iterator[tuple[int, Any]]:
    return enumerate(parts[: MAX_LEAVES + 1])
