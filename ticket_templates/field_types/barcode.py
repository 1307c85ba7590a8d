"""A code on a label: serial number, barcode, QR."""

import unicodedata
from typing import Any

from app.core.i18n import _
from app.core.text import clean_text
from ticket_templates.field_types import FIELD_TYPES
from ticket_templates.field_types.base import DEFAULT, PLACEHOLDER, Case, Context, FieldError, Refused, Setting, as_text
from ticket_templates.field_types.text import MIN_LENGTH, PATTERN, PATTERN_HINT, PatternedText


@FIELD_TYPES.register
class Barcode(PatternedText):
    """A code as it is printed: plain characters, no spaces, capitals by default, so that equal codes are equal."""

    name = "barcode"
    label = _("Barcode or serial number")
    purpose = _("A code that is scanned or copied from a label.")
    input = "barcode"
    icon = "barcode"
    searchable = True
    settings = (
        Setting("max_length", "int", _("Most characters"), 60),
        MIN_LENGTH,
        PATTERN,
        PATTERN_HINT,
        Setting("capitals", "bool", _("Small letters mean capitals"), default=True),
        DEFAULT,
        PLACEHOLDER,
    )
    cases = (
        Case(" kfr-35 gw ", "KFR-35GW", "KFR-35GW"),
        Case("ＳＮ１２３", "SN123", "SN123"),
        Case("690 1234 567892", "6901234567892", "6901234567892"),
        Case(6901234567892, "6901234567892", "6901234567892"),
        Case(6901234567892.0, "6901234567892", "6901234567892"),
        Case("SN-1", "SN-1", "SN-1", {"pattern": "SN-[0-9]+"}),
        Case("aB", "aB", "aB", {"capitals": False}),
        Case("\u200bA1\u202e", "A1", "A1"),
        Case("", None, ""),
    )
    refused = (
        Refused("序列号", "not_code"),
        Refused("A<1>", "not_code"),
        Refused("A;1", "not_code"),
        Refused("=A1", "not_code"),
        Refused("x" * 61, "too_long"),
        Refused("x" * 10**5, "too_long"),
        Refused("AB", "no_match", {"pattern": "SN-[0-9]+"}),
        Refused("A" * 59 + "!", "not_code"),
        Refused("🛠", "not_code"),
        Refused(["A1"], "not_text"),
        Refused(True, "not_text"),
    )

    def read(self, raw: Any, context: Context) -> Any:
        typed = clean_text(as_text(raw), limit=4 * self.limit)
        text = "".join(unicodedata.normalize("NFKC", typed).split())
        if self.setting("capitals"):
            text = text.upper()
        if not all(character.isascii() and (character.isalnum() or character in "-._/+*#:") for character in text):
            raise FieldError(_("A code has letters, digits and - . _ / + * # : only."), code="not_code")
        return super().read(text, context)
