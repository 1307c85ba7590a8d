"""A phone number."""

import re
import unicodedata
from typing import Any, Final

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberFormat

from app.core.i18n import _
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
from ticket_templates.field_types.text import masked

_LONGEST: Final = 60
#: How extensions are written here: 010-12345678-8001, 转8001, 分机 8001.
_EXTENSION: Final = re.compile(r"(.{5,})(?:-|转|轉|分机号?|分機號?)\s*(\d{1,6})", re.ASCII)
_SHORT: Final = 10


@FIELD_TYPES.register
class Phone(FieldType):
    """A number one can call. Canonical: E.164, with ``;ext=8001`` where there is an extension.

    Personal: sealed at rest, shown as 138****8000 to those who may not read personal data.
    """

    name = "phone"
    label = _("Phone number")
    purpose = _("A phone number, checked, with or without an extension.")
    input = "phone"
    icon = "phone"
    personal = True
    settings = (
        Setting("region", "text", _("Country of numbers without a country code"), "CN"),
        DEFAULT,
        PLACEHOLDER,
    )
    cases = (
        Case("13800138000", "+8613800138000", "138****8000"),
        Case("+86 138 0013 8000", "+8613800138000", "138****8000"),
        Case("１３８-００１３-８０００", "+8613800138000", "138****8000"),
        Case(13800138000, "+8613800138000", "138****8000"),
        Case(13800138000.0, "+8613800138000", "138****8000"),
        Case("010-62345678", "+861062345678", "106****5678"),
        Case("010-62345678-8001", "+861062345678;ext=8001", "106****5678"),
        Case("(010) 6234 5678 转 8001", "+861062345678;ext=8001", "106****5678"),
        Case("4008123123", "+864008123123", "400****3123"),
        Case("+44 20 7946 0958", "+442079460958", "+44 207****0958"),
        Case("+852 2123 4567", "+85221234567", "+852 21****67"),
        Case("20 7946 0958", "+442079460958", "207****0958", {"region": "GB"}),
        Case("\u202e13800138000\u202c", "+8613800138000", "138****8000"),
        Case("", None, ""),
        Case("138****8000", "+8613800138000", "138****8000", stored="+8613800138000"),
    )
    refused = (
        Refused("1380013800", "not_phone"),
        Refused("138001380001", "not_phone"),
        Refused("138****8000", "not_phone"),
        Refused("138****8000", "not_phone", stored="+8613912348000"),
        Refused("abc", "not_phone"),
        Refused("+999 1234567", "not_phone"),
        Refused("1" * 10**5, "not_phone"),
        Refused("<script>", "not_phone"),
        Refused(float("nan"), "not_phone"),
        Refused(["13800138000"], "not_text"),
    )

    def check_definition(self) -> None:
        super().check_definition()
        if self.setting("region") not in phonenumbers.SUPPORTED_REGIONS:
            raise FieldError(_("Enter a country code such as CN."), field="region", code="bad_setting")

    def read(self, raw: Any, context: Context) -> str:
        del context
        text = as_text(raw)
        if len(text) <= _LONGEST:
            plain = unicodedata.normalize("NFKC", text).strip()
            number = self._number(plain)
            if number is None and (found := _EXTENSION.fullmatch(plain)):
                number = self._number(found[1])
                if number is not None:
                    number.extension = found[2]
            if number is not None:
                return canonical(number)
        raise FieldError(_("This is not a complete phone number."), code="not_phone")

    def _number(self, text: str) -> PhoneNumber | None:
        # Letters are not digits here: phonenumbers reads 1800FLOWERS, a clerk mistypes.
        if re.search(r"[A-Za-wyzA-WYZ*]", re.sub(r"(?i)ext\.?", "", text)):
            return None
        try:
            number = phonenumbers.parse(text.replace(";ext=", " ext. "), self.setting("region"))
        except NumberParseException:
            return None
        return number if phonenumbers.is_valid_number(number) else None

    def form_value(self, value: Any, context: Context) -> str:
        return self.shown(value, context)

    def shown(self, value: Any, context: Context) -> str:
        if value is None:
            return ""
        number = phonenumbers.parse(value.replace(";ext=", " ext. "), None)
        home = number.country_code == phonenumbers.country_code_for_region(self.setting("region"))
        if context.personal:
            style = PhoneNumberFormat.NATIONAL if home else PhoneNumberFormat.INTERNATIONAL
            return str(phonenumbers.format_number(number, style))
        digits = phonenumbers.national_significant_number(number)
        hidden = f"{digits[:3]}****{digits[-4:]}" if len(digits) >= _SHORT else masked(digits)
        return hidden if home else f"+{number.country_code} {hidden}"

    def sought(self, text: str, context: Context) -> str:
        return self.read(text, context)

    def exact(self, value: Any) -> tuple[str]:
        # The same form as a customer's number (`app.people.phones`), so that one index finds both.
        return (value.partition(";")[0],)

    def json_schema(self) -> dict[str, Any]:
        return {"type": "string", "pattern": r"^\+[1-9][0-9]{3,17}(;ext=[0-9]{1,11})?$"}


def canonical(number: PhoneNumber) -> str:
    """Return E.164 and the extension."""
    plain = str(phonenumbers.format_number(number, PhoneNumberFormat.E164))
    return f"{plain};ext={number.extension}" if number.extension else plain
