"""Bound field types and the context the proofs of field types are made in."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from werkzeug.datastructures import MultiDict
from wtforms import Form

from ticket_templates.field_types import FIELD_TYPES
from ticket_templates.field_types.base import Case, Context, FieldType, FileFacts, Refused
from ticket_templates.spec import FieldSpec

FIELD_TYPES.scan()

#: 16:30 in Shanghai.
NOW = datetime(2026, 11, 21, 8, 30, tzinfo=UTC)
LABELS = {"zh_Hans": "字段", "zh_Hant": "欄位", "en": "Field"}

#: What there is to point at: kind → key → label.
THINGS: dict[str, dict[int | str, str]] = {
    "user": {5: "Wang Wu (wangwu)"},
    "team": {3: "Team East"},
    "customer": {7: "C0007 张三"},
    "product": {2: "KFR-35 空调"},
    "installed_product": {9: "SN-0009"},
    "region": {"110101": "北京市东城区", "1101": "北京市市辖区", "11": "北京市"},
    "file": {12: "photo.jpg", 13: "invoice.pdf"},
}
FILES = {
    12: FileFacts("photo.jpg", "image/jpeg", 200_000),
    13: FileFacts("invoice.pdf", "application/pdf", 2 * 1024 * 1024),
}


class FakeReferences:
    """A handful of things, without a database."""

    def label(self, kind: str, key: int | str) -> str | None:
        return THINGS[kind].get(key)

    def find(self, kind: str, text: str) -> int | str | None:
        return next((key for key, label in THINGS[kind].items() if label == text), None)

    def count(self, kind: str, text: str) -> int:
        return sum(label == text for label in THINGS[kind].values())

    def file(self, key: int) -> FileFacts | None:
        return FILES.get(key)


def bound(
    name: str, settings: Mapping[str, Any] | None = None, options: tuple[Any, ...] = (), key: str = "field"
) -> FieldType:
    """Return the type ``name`` bound to a definition."""
    return FIELD_TYPES[name](FieldSpec(key, name, LABELS, options=options, settings=settings or {}))


def of_proof(cls: type[FieldType], proof: Case | Refused) -> FieldType:
    """Return ``cls`` bound to the definition of a proof."""
    return bound(cls.name, proof.settings, proof.options)


def context(locale: str = "en", *, stored: Any = None, **changes: Any) -> Context:
    """Return a context in Shanghai; ``stored`` is the field's value before."""
    held = {} if stored is None else {"field": stored}
    return Context(NOW, ZoneInfo("Asia/Shanghai"), locale, references=FakeReferences(), stored=held, **changes)


def read_form(ftype: FieldType, posted: list[tuple[str, str]]) -> Any:
    """Return what the type's form field reads from a request."""
    form = type("OneField", (Form,), {"field": ftype.form_field()})(MultiDict(posted))
    return form["field"].data


def as_posted(value: Any, name: str = "field") -> list[tuple[str, str]]:
    """Return how a browser sends the value a form shows."""
    if isinstance(value, dict):
        return [pair for part, item in value.items() for pair in as_posted(item, f"{name}-{part}")]
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return [pair for index, row in enumerate(value) for pair in as_posted(row, f"{name}-{index}")]
    if isinstance(value, list):
        return [(name, str(item)) for item in value]
    return [(name, str(value))]
