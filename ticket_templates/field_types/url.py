"""A web address."""

from typing import Any, Final
from urllib.parse import quote, urlsplit, urlunsplit

from app.core.i18n import _
from app.core.text import clean_text
from ticket_templates.field_types import FIELD_TYPES
from ticket_templates.field_types.base import DEFAULT, PLACEHOLDER, Case, Context, FieldError, FieldType, Refused

_LONGEST: Final = 2000
_KEPT: Final = "!#$%&'()*+,/:;=?@[]~-._"


@FIELD_TYPES.register
class Url(FieldType):
    """A link that is safe to show: http or https, a host, no name or password in it. Canonical: percent-encoded."""

    name = "url"
    label = _("Web address")
    purpose = _("A link: an order, a manual, a map.")
    input = "url"
    icon = "link"
    short = False
    settings = (DEFAULT, PLACEHOLDER)
    cases = (
        Case("https://example.com/a?b=c#d", "https://example.com/a?b=c#d", "https://example.com/a?b=c#d"),
        Case(" HTTP://Example.com ", "http://example.com", "http://example.com"),
        Case(
            "https://example.com/订单",
            "https://example.com/%E8%AE%A2%E5%8D%95",
            "https://example.com/%E8%AE%A2%E5%8D%95",
        ),
        Case("https://example.com:8443/a b", "https://example.com:8443/a%20b", "https://example.com:8443/a%20b"),
        Case(
            'https://example.com/"><script>',
            "https://example.com/%22%3E%3Cscript%3E",
            "https://example.com/%22%3E%3Cscript%3E",
        ),
        Case("", None, ""),
    )
    refused = (
        Refused("javascript:alert(1)", "not_url"),
        Refused("JaVaScRiPt:alert(1)", "not_url"),
        Refused("java\u200bscript:alert(1)", "not_url"),
        Refused("data:text/html,x", "not_url"),
        Refused("file:///etc/passwd", "not_url"),
        Refused("ftp://example.com/manual.pdf", "not_url"),
        Refused("//example.com", "not_url"),
        Refused("example.com", "not_url"),
        Refused("https://", "not_url"),
        Refused("https://user:secret@example.com", "not_url"),
        Refused("https://example.com:99999", "not_url"),
        Refused("https://[::1", "not_url"),
        Refused("https://exa mple.com", "not_url"),
        Refused("https://example.com/" + "x" * 2000, "not_url"),
        Refused("x" * 10**5, "not_url"),
        Refused(5, "not_url"),
    )

    def read(self, raw: Any, context: Context) -> str:
        del context
        url = _safe(clean_text(raw, limit=_LONGEST)) if isinstance(raw, str) and len(raw) <= _LONGEST else ""
        if not url or len(url) > _LONGEST:
            raise FieldError(_("Enter a web address that begins with https:// or http://."), code="not_url")
        return url

    def json_schema(self) -> dict[str, Any]:
        return {"type": "string", "pattern": "^https?://", "maxLength": _LONGEST}


def _safe(text: str) -> str:
    """Return the address with everything unusual encoded; "" when it is none."""
    try:
        parts = urlsplit(text)
        host = (parts.hostname or "").encode("idna").decode("ascii") if ":" not in (parts.hostname or "") else ""
        port = f":{parts.port}" if parts.port is not None else ""
    except ValueError:
        return ""
    if parts.scheme not in {"http", "https"} or not host or "@" in parts.netloc:
        return ""
    if not all(character.isalnum() or character in "-._" for character in host):
        return ""
    path, query, fragment = (quote(part, safe=_KEPT) for part in (parts.path, parts.query, parts.fragment))
    return urlunsplit((parts.scheme, host.lower() + port, path, query, fragment))
