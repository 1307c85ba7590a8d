"""Yes or no."""

from typing import Any, Final

from app.core.db import folded
from app.core.i18n import Message, _
from ticket_templates.field_types import FIELD_TYPES
from ticket_templates.field_types.base import DEFAULT, Case, Context, FieldError, FieldType, Refused

_YES: Final = frozenset({"yes", "true", "1", "y", "on", "是", "有", "√"})
_NO: Final = frozenset({"no", "false", "0", "n", "off", "否", "无", "無", "×"})


@FIELD_TYPES.register
class YesNo(FieldType):
    """Three states: yes, no, and not answered yet. Canonical: true or false."""

    name = "yes_no"
    label = _("Yes or no")
    purpose = _("A question with two answers; unanswered is not “no”.")
    kind = "boolean"
    input = "yesno"
    icon = "toggle-left"
    settings = (DEFAULT,)
    cases = (
        Case("yes", True, "Yes"),
        Case("no", False, "No"),
        Case("是", True, "Yes"),
        Case("否", False, "No"),
        Case("TRUE", True, "Yes"),
        Case("０", False, "No"),
        Case(True, True, "Yes"),
        Case(False, False, "No"),
        Case(1, True, "Yes"),
        Case(0.0, False, "No"),
        Case("", None, ""),
        Case(None, None, ""),
    )
    refused = (
        Refused("maybe", "not_yes_no"),
        Refused(2, "not_yes_no"),
        Refused(float("nan"), "not_yes_no"),
        Refused(["yes"], "not_yes_no"),
        Refused("x" * 10**5, "not_yes_no"),
    )

    def read(self, raw: Any, context: Context) -> bool:
        del context
        if isinstance(raw, bool | int | float) and raw in (0, 1):
            return bool(raw)
        text = folded_word(raw)
        if text in _YES:
            return True
        if text in _NO:
            return False
        raise FieldError(_("Answer yes or no."), code="not_yes_no")

    def form_value(self, value: Any, context: Context) -> str:
        del context
        return "" if value is None else "yes" if value else "no"

    def shown(self, value: Any, context: Context) -> str:
        return "" if value is None else words(value).in_(context.locale)

    def to_excel(self, value: Any, context: Context) -> Any:
        return self.shown(value, context) or None

    def from_excel(self, cell: Any, context: Context) -> Any:
        if isinstance(cell, str):
            for value in (True, False):
                if folded_word(cell) == folded_word(words(value).in_(context.locale)):
                    return value
        return self.clean(cell, context)

    def json_schema(self) -> dict[str, Any]:
        return {"type": "boolean"}


def words(value: bool) -> Message:
    """Return how an answer is said."""
    return _("Yes") if value else _("No")


def folded_word(raw: Any) -> str:
    """Return a short text in the form in which words are compared; "" for anything else."""
    return folded(raw) if isinstance(raw, str) and len(raw) <= 20 else ""  # noqa: PLR2004 - a word
