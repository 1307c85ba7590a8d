"""An e-mail address."""

import re
import unicodedata
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
)
from ticket_templates.spec import FieldSpec

_LONGEST: Final = 254
#: What mail servers take, without comments, quotes and address literals.
_ADDRESS: Final = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]{1,64}(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]{1,64})*"
    r"@([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z][A-Za-z0-9-]{0,61}[A-Za-z0-9]",
    re.ASCII,
)
_LONGEST_LOCAL: Final = 64


@FIELD_TYPES.register
class Email(FieldType):
    """One address. Canonical: as typed, the domain in small letters and in ASCII."""

    name = "email"
    label = _("E-mail")
    purpose = _("An e-mail address.")
    input = "email"
    icon = "mail"
    settings = (
        Setting("personal", "bool", _("Identifies a person: stored encrypted, shown masked"), default=False),
        DEFAULT,
        PLACEHOLDER,
    )
    cases = (
        Case(" Li.Lei@Example.COM ", "Li.Lei@example.com", "Li.Lei@example.com"),
        Case("a+b@mail.example.cn", "a+b@mail.example.cn", "a+b@mail.example.cn"),
        Case("ａ＠example.com", "a@example.com", "a@example.com"),
        Case("li@例子.中国", "li@xn--fsqu00a.xn--fiqs8s", "li@xn--fsqu00a.xn--fiqs8s"),
        Case("li.lei@example.com", "li.lei@example.com", "l*****@example.com", {"personal": True}),
        Case("l@example.com", "l@example.com", "*@example.com", {"personal": True}),
        Case("", None, ""),
    )
    refused = (
        Refused("li", "not_email"),
        Refused("li@", "not_email"),
        Refused("@example.com", "not_email"),
        Refused("li@localhost", "not_email"),
        Refused("li..lei@example.com", "not_email"),
        Refused("a@b@example.com", "not_email"),
        Refused("li@example.com, lei@example.com", "not_email"),
        Refused("li@example.com\nBcc: x@example.com", "not_email"),
        Refused("<script>@example.com", "not_email"),
        Refused("x" * 65 + "@example.com", "not_email"),
        Refused("x@" + "y" * 10**5 + ".com", "not_email"),
        Refused("li@-example.com", "not_email"),
        Refused("li@" + "例" * 60 + ".com", "not_email"),
        Refused(5, "not_email"),
        Refused(["li@example.com"], "not_email"),
    )

    def __init__(self, spec: FieldSpec) -> None:
        super().__init__(spec)
        self.personal = bool(self.setting("personal"))

    def read(self, raw: Any, context: Context) -> str:
        del context
        if isinstance(raw, str) and len(raw) <= 2 * _LONGEST:
            text = unicodedata.normalize("NFKC", clean_text(raw, limit=2 * _LONGEST))
            local, _at, domain = text.rpartition("@")
            address = f"{local}@{_in_ascii(domain)}"
            if len(address) <= _LONGEST and len(local) <= _LONGEST_LOCAL and _ADDRESS.fullmatch(address):
                return address
        raise FieldError(_("This is not an e-mail address."), code="not_email")

    def form_value(self, value: Any, context: Context) -> str:
        if value is None:
            return ""
        local, at, domain = value.rpartition("@")
        kept = local[0] if len(local) > 1 else ""
        hidden = self.personal and not context.personal
        return f"{kept}{'*' * (len(local) - len(kept))}{at}{domain}" if hidden else value

    def sought(self, text: str, context: Context) -> str:
        return self.read(text, context)

    def json_schema(self) -> dict[str, Any]:
        return {"type": "string", "format": "email", "maxLength": _LONGEST}


def _in_ascii(domain: str) -> str:
    try:
        return domain.lower().encode("idna").decode("ascii")
    except UnicodeError:
        return ""
