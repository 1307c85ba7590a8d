"""What the types that point at things of other rooms have in common."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, ClassVar

from app.conditions.fields import ConditionField
from app.core.i18n import Message, _
from ticket_templates.field_types.base import Case, Context, FieldError, FieldType, Refused, Setting, as_text

MAX_ID = 2**53
_LONGEST = 300
_DIGITS = 16


class Pointing(FieldType):
    """Base of user, team, customer, product, installed product. Canonical: the id.

    A spreadsheet holds the label, or ``#12``; it is read back by code, number or exact name.
    """

    kind = "reference"
    input = "reference"
    settings: ClassVar[tuple[Setting, ...]] = ()
    #: What it points at, in the words of a refusal.
    missing: ClassVar[Message] = _("There is no such entry, or it is out of your reach.")

    def read(self, raw: Any, context: Context) -> int:
        key = read_key(raw)
        if context.references is not None and context.references.label(self.name, key) is None:
            raise FieldError(self.missing, code="not_found")
        return key

    def shown(self, value: Any, context: Context) -> str:
        if value is None:
            return ""
        return (context.references and context.references.label(self.name, value)) or f"#{value}"

    def from_excel(self, cell: Any, context: Context) -> Any:
        if isinstance(cell, str) and cell.strip():
            text = cell.strip()
            if text.startswith("#") and text[1:].isdecimal():
                return self.clean(text[1:], context)
            found = context.references.find(self.name, text) if context.references and len(text) <= _LONGEST else None
            if found is None:
                raise FieldError(self._not_found(text, context), code="not_found")
            return self.clean(found, context)
        return self.clean(cell, context)

    def _not_found(self, text: str, context: Context) -> Message:
        count = context.references.count(self.name, text) if context.references else 0
        if count > 1:
            return _("%(count)s entries are called “%(value)s”. Give a code or number.", count=count, value=text[:60])
        return self.missing

    def condition_field(self) -> ConditionField:
        return replace(super().condition_field(), refers_to=self.name)

    def references(self, value: Any) -> Sequence[tuple[str, int | str]]:
        return () if value is None else ((self.name, value),)

    def naming(self, kind: str, key: int | str) -> Sequence[Any]:
        return (key,) if kind == self.name else ()

    def json_schema(self) -> dict[str, Any]:
        return {"type": "integer", "minimum": 1}


def read_key(raw: Any) -> int:
    """Return the positive whole number in ``raw``."""
    text = as_text(raw).strip()
    if text.isascii() and text.isdecimal() and len(text) <= _DIGITS and 0 < int(text) < MAX_ID:
        return int(text)
    raise FieldError(_("Choose from the list."), code="not_a_key")


def proofs(key: int, shown: str) -> tuple[tuple[Case, ...], tuple[Refused, ...]]:
    """Return the proofs every pointing type shares."""
    return (
        (
            Case(str(key), key, shown),
            Case(key, key, shown),
            Case(float(key), key, shown),
            Case("", None, ""),
            Case(404, 404, "#404", stored=404),
        ),
        (
            Refused("404", "not_found"),
            Refused("abc", "not_a_key"),
            Refused("-1", "not_a_key"),
            Refused(0, "not_a_key"),
            Refused("１", "not_a_key"),
            Refused("9" * 10**5, "not_a_key"),
            Refused(10**30, "not_a_key"),
            Refused(1.5, "not_a_key"),
            Refused(float("nan"), "not_a_key"),
            Refused(True, "not_text"),
            Refused([key], "not_text"),
            Refused("<script>", "not_a_key"),
        ),
    )
