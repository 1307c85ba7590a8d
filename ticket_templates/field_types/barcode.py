"""A code on a label: serial number, barcode, QR."""

import re
import unicodedata
from typing import Any, Final

from app.core.i18n import _
from app.core.text import clean_text
from ticket_templates.field_types import FIELD_TYPES
from ticket_templates.field_types.base import DEFAULT, PLACEHOLDER, Case, Context, FieldError, Refused, Setting, as_text
from ticket_templates.field_types.text import MIN_LENGTH, PATTERN, PATTERN_HINT, PatternedText
from ticket_templates.spec import FieldSpec

#: As many codes as one field holds: a lorry full of devices.
MOST: Final = 200
_BETWEEN: Final = re.compile(r"[\n,，;；、]+")


@FIELD_TYPES.register
class Barcode(PatternedText):
    """A code as it is printed: plain characters, no spaces, capitals by default, so that equal codes are equal.

    Several codes stand one a line, each once.
    """

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
        Setting("several", "bool", _("Several codes, one a line"), default=False),
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
        Case("sn-1\r\n\n sn 2 ，SN3、", "SN-1\nSN2\nSN3", "SN-1 SN2 SN3", {"several": True}),
        Case("x" * 60 + "\n" + "y" * 60, "X" * 60 + "\n" + "Y" * 60, "X" * 60 + " " + "Y" * 60, {"several": True}),
        Case(6901234567892, "6901234567892", "6901234567892", {"several": True}),
        Case(" \n ", None, "", {"several": True}),
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
        Refused("SN-1\n机身条码", "not_code", {"several": True}),
        Refused("SN-1\nsn-1", "repeated", {"several": True}),
        Refused("\n".join(str(code) for code in range(201)), "too_many", {"several": True}),
        Refused("x" * 61, "too_long", {"several": True}),
        Refused("SN-1\nAB", "no_match", {"several": True, "pattern": "SN-[0-9]+"}),
        Refused(["A1"], "not_text"),
        Refused(True, "not_text"),
    )

    def __init__(self, spec: FieldSpec) -> None:
        super().__init__(spec)
        if self.setting("several"):
            self.input = "textarea"
            self.short = False

    def read(self, raw: Any, context: Context) -> Any:
        if not self.setting("several"):
            return self._code(clean_text(as_text(raw), limit=4 * self.limit), context)
        typed = clean_text(as_text(raw), limit=4 * self.limit * MOST, lines=True)
        codes = [code for part in _BETWEEN.split(typed) if (code := self._code(part, context))]
        if len(codes) > MOST:
            raise FieldError(_("At most %(limit)s codes.", limit=MOST), code="too_many")
        if repeated := next((code for place, code in enumerate(codes) if code in codes[:place]), None):
            raise FieldError(_("“%(code)s” stands there twice.", code=repeated), code="repeated")
        return "\n".join(codes) or None

    def _code(self, typed: str, context: Context) -> Any:
        text = "".join(unicodedata.normalize("NFKC", typed).split())
        if self.setting("capitals"):
            text = text.upper()
        if not all(character.isascii() and (character.isalnum() or character in "-._/+*#:") for character in text):
            raise FieldError(
                _("“%(code)s” is no code: letters, digits and - . _ / + * # : only.", code=text[:40]), code="not_code"
            )
        return super().read(text, context)

    def json_schema(self) -> dict[str, Any]:
        schema = super().json_schema()
        return schema | {"maxLength": MOST * (self.limit + 1)} if self.setting("several") else schema
