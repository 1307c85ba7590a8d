"""One line of text."""

from dataclasses import replace
from functools import cached_property
from typing import Any, Final

from app.core.i18n import _
from app.core.text import clean_text
from ticket_templates.field_types import FIELD_TYPES
from ticket_templates.field_types.base import (
    DEFAULT,
    PLACEHOLDER,
    Case,
    Context,
    FieldError,
    FieldType,
    Refused,
    Setting,
    as_text,
)
from ticket_templates.field_types.pattern import compiled
from ticket_templates.spec import FieldSpec

#: Between what a text was and what a step adds to it.
JOINT: Final = "; "
#: An entry of a PostgreSQL index is 2.7 kB at most, and a folded character may need a dozen bytes.
LONGEST_INDEXED = 200


class PatternedText(FieldType):
    """Base of the types whose value is a text: limit, pattern, masking."""

    #: Most characters any definition may allow.
    most = 1000
    lines = False

    def __init__(self, spec: FieldSpec) -> None:
        super().__init__(spec)
        limit = self.setting("max_length")
        self.short = isinstance(limit, int) and limit <= LONGEST_INDEXED

    def check_definition(self) -> None:
        super().check_definition()
        if not 1 <= self.limit <= self.most:
            raise FieldError(
                _("The length must be between 1 and %(most)s.", most=self.most), field="max_length", code="bad_limit"
            )
        compiled(self.setting("pattern"))

    @property
    def limit(self) -> int:
        """Return the most characters a value may have."""
        return int(self.setting("max_length"))

    @cached_property
    def pattern(self) -> Any:
        """Return the compiled pattern, or None; RE2 matches in linear time whatever a person typed."""
        return compiled(self.setting("pattern")) if self.setting("pattern") else None

    def read(self, raw: Any, context: Context) -> Any:
        del context
        text = clean_text(as_text(raw), limit=self.limit, lines=self.lines)
        if not text:
            return None
        if len(text) < self.setting("min_length"):
            raise FieldError(_("At least %(limit)s characters.", limit=self.setting("min_length")), code="too_short")
        if self.pattern is not None and not self.pattern.fullmatch(text):
            hint = self.setting("pattern_hint")
            message = _("Expected: %(hint)s", hint=hint) if hint else _("This does not have the expected form.")
            raise FieldError(message, code="no_match")
        return text

    def form_value(self, value: Any, context: Context) -> str:
        if value is None:
            return ""
        return value if context.personal or not self.personal else masked(value)

    def shown(self, value: Any, context: Context) -> str:
        return " ".join(self.form_value(value, context).split("\n"))

    def in_full(self, value: Any, context: Context) -> str:
        return self.form_value(value, context)

    def to_excel(self, value: Any, context: Context) -> Any:
        return None if value is None else self.form_value(value, context)

    def json_schema(self) -> dict[str, Any]:
        return {"type": "string", "minLength": 1, "maxLength": self.limit}

    def limits(self, context: Context) -> dict[str, Any]:
        del context
        told: dict[str, Any] = {}
        if self.setting("min_length") > 1:
            told["minLength"] = self.setting("min_length")
        if self.setting("pattern"):
            # All of the text must match here; a schema's pattern is looked for anywhere.
            told["pattern"] = f"^(?:{self.setting('pattern')})$"
        return told | ({"x-pattern-hint": self.setting("pattern_hint")} if self.setting("pattern_hint") else {})


def masked(text: str) -> str:
    """Return ``text`` with its middle hidden: an ID number keeps 2 characters at each end, a short text one."""
    kept = 2 if len(text) >= 8 else 1 if len(text) >= 3 else 0  # noqa: PLR2004 - how much identifies nobody
    return text[:kept] + "*" * max(len(text) - 2 * kept, 1) + (text[-kept:] if kept else "")


MAX_LENGTH = Setting("max_length", "int", _("Most characters"), 200)
MIN_LENGTH = Setting("min_length", "int", _("Fewest characters"), 0)
PATTERN = Setting("pattern", "text", _("Pattern (regular expression) the whole text must match"), "")
PATTERN_HINT = Setting("pattern_hint", "text", _("What to say when the pattern does not match"), "")


@FIELD_TYPES.register
class Text(PatternedText):
    """A name, a code, a short answer."""

    name = "text"
    label = _("Text")
    purpose = _("One line: a name, a code, a short answer.")
    icon = "letter-case"
    searchable = True
    settings = (
        MAX_LENGTH,
        MIN_LENGTH,
        PATTERN,
        PATTERN_HINT,
        Setting("personal", "bool", _("Identifies a person: stored encrypted, shown masked"), default=False),
        DEFAULT,
        PLACEHOLDER,
    )
    cases = (
        Case("  不制冷 ", "不制冷", "不制冷"),
        Case("", None, ""),
        Case("\u200b \ufeff", None, ""),
        Case("a\nb\tc", "a b c", "a b c"),
        Case("e\u0301", "é", "é"),
        Case("\u202eabc\u202c", "abc", "abc"),
        Case("a\x00b\x1b", "ab", "ab"),
        Case("<script>alert(1)</script>", "<script>alert(1)</script>", "<script>alert(1)</script>"),
        Case("=1+1", "=1+1", "=1+1"),
        Case("👨\u200d👩\u200d👧 ok", "👨\u200d👩\u200d👧 ok", "👨\u200d👩\u200d👧 ok"),
        Case("ＡＢ１２", "ＡＢ１２", "ＡＢ１２"),
        Case("AB-12", "AB-12", "AB-12", {"pattern": "[A-Z]{2}-[0-9]+"}),
        Case(12, "12", "12"),
        Case(12.0, "12", "12"),
        Case("11010119900307123X", "11010119900307123X", "11**************3X", {"personal": True}),
        Case("x" * 5, "x" * 5, "x" * 5, {"max_length": 3}, stored="x" * 5),
    )
    refused = (
        Refused("x" * 201, "too_long"),
        Refused("x" * 10**6, "too_long"),
        Refused("abcd", "too_long", {"max_length": 3}),
        Refused("ab", "too_short", {"min_length": 3}),
        Refused("ab", "no_match", {"pattern": "[0-9]+"}),
        Refused("a" * 20 + "!", "no_match", {"pattern": "(a+)+"}),
        Refused("\ud800", "not_text"),
        Refused(["a"], "not_text"),
        Refused({"a": "b"}, "not_text"),
        Refused(True, "not_text"),
    )

    def moved(self, raw: Any, held: str | None, sign: int, context: Context) -> str | None:
        del sign
        more = self.clean(raw, replace(context, stored={}))
        if held is None or more is None:
            return held if more is None else str(more)
        text = f"{held}{JOINT}{more}"
        if len(text) > self.limit:
            raise FieldError(_("At most %(limit)s characters.", limit=self.limit), code="too_long")
        return text

    def __init__(self, spec: FieldSpec) -> None:
        super().__init__(spec)
        self.personal = bool(self.setting("personal"))
        self.searchable = not self.personal
