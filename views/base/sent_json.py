"""JSON somebody sent, read; what cannot be read is refused with what is wrong, and where."""

import re
from typing import Any, Final

import orjson

from app.core.errors import DomainError
from app.core.i18n import Message, _

_MARK: Final = b"\xef\xbb\xbf"
_NO_NUMBER: Final = re.compile(r"-?(?:nan|inf)", re.IGNORECASE)
_AT: Final = _("Line %(line)s, character %(column)s: %(wrong)s")
_OTHER: Final = _("this is not valid JSON.")
#: By what the parser says of it, which has no codes.
_WRONG: Final[tuple[tuple[str, Message], ...]] = (
    ("surrogate", _("a \\u here is only half of a character.")),
    ("infinity when parsed", _("this number is too large.")),
    ("control character", _("a text holds a line break or another control character. Write it as \\n.")),
    ("unexpected end", _("the JSON ends before it is whole.")),
    ("depth limit", _("this is nested too deeply.")),
)


class NotJsonError(DomainError):
    """What was sent cannot be read as JSON (HTTP 400)."""

    def __init__(self, message: Message) -> None:
        super().__init__(message, code="not_json")


def read_json(data: bytes) -> Any:
    """Return the JSON in ``data``, which is UTF-8; NotJsonError where it is none."""
    if not data.strip():
        raise NotJsonError(_("Nothing was sent where JSON is expected."))
    if data.startswith(_MARK):
        raise NotJsonError(_("Send JSON without the byte order mark (BOM) at its beginning."))
    try:
        data.decode()
        return orjson.loads(data)
    except UnicodeDecodeError as error:
        message = _("This is not UTF-8, in which JSON is sent: it cannot be read from byte %(place)s on.")
        raise NotJsonError(message.with_(place=error.start + 1)) from None
    except orjson.JSONDecodeError as error:
        raise NotJsonError(_AT.with_(line=error.lineno, column=error.colno, wrong=_wrong(error))) from None


def _wrong(error: orjson.JSONDecodeError) -> Message:
    if _NO_NUMBER.match(error.doc, error.pos):
        return _("`NaN` and `Infinity` are no JSON numbers.")
    return next((told for words, told in _WRONG if words in error.msg.lower()), _OTHER)
