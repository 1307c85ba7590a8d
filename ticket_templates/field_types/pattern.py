"""Patterns a text must match, as RE2 reads them: in linear time, whatever somebody wrote; what is wrong has a place."""

from collections.abc import Callable, Mapping
from typing import Any, Final

import re2

from app.core.i18n import Message, _
from ticket_templates.field_types.declared import FieldError

#: A pattern longer than this is not a form's business.
LONGEST: Final = 200
#: How often RE2 repeats a part at most.
_MOST_REPEATS: Final = 1000
_OPEN: Final = _("Expected “%(sign)s”: a bracket is not closed.")
_UNREPEATED: Final = _("There is nothing here to repeat.")
#: What RE2 says → what that means to who wrote it, given the sign it stumbled over.
_REASONS: Final[Mapping[str, Callable[[str], Message]]] = {
    "invalid escape sequence": lambda sign: _(
        "“%(sign)s” stands for nothing. Type the character itself, or its number as “%(example)s”.",
        sign=sign, example="\\x{4E00}",
    ),
    "missing )": lambda _sign: _OPEN.with_(sign=")"),
    "missing ]": lambda _sign: _OPEN.with_(sign="]"),
    "unexpected )": lambda _sign: _("This bracket was never opened."),
    "no argument for repetition operator": lambda _sign: _UNREPEATED,
    "bad repetition operator": lambda _sign: _UNREPEATED,
    "invalid repetition size": lambda _sign: _(
        "At most %(limit)s times, counts within each other multiplied; the smaller count comes first.",
        limit=_MOST_REPEATS,
    ),
    "invalid character class range": lambda sign: _(
        "“%(sign)s” is no set of characters. Expected one such as “%(example)s”, the smaller first.",
        sign=sign, example="a-z",
    ),
    "trailing \\": lambda _sign: _("Expected a sign after “%(sign)s”.", sign="\\"),
    "invalid perl operator": lambda sign: _(
        "“%(sign)s” is not understood. Expected “%(group)s”, or “%(escaped)s” for the sign itself.",
        sign=sign, group="(?:", escaped="\\(",
    ),
}  # fmt: skip


def compiled(text: str) -> Any:
    """Return the compiled pattern; FieldError says where it cannot be read, and what may stand there."""
    if len(text) > LONGEST:
        raise _refused(_("At most %(limit)s characters.", limit=LONGEST), LONGEST + 1)
    broken = next((place for place, one in enumerate(text, 1) if "\ud800" <= one <= "\udfff"), 0)
    if broken:
        raise _refused(_("This character is broken. Please type it again."), broken)
    try:
        return _read(text)
    except re2.error:
        raise _fault(text) from None


def _read(text: str) -> Any:
    options = re2.Options()
    options.log_errors = False
    options.max_mem = 1 << 20
    return re2.compile(text, options)


def _said(text: str) -> tuple[str, str]:
    """Return what RE2 says is wrong, and the sign it stumbled over; nothing of what it can read."""
    try:
        _read(text)
    except re2.error as error:
        reason, _colon, sign = bytes(error.args[0]).decode("utf-8", "replace").partition(": ")
        return reason, sign
    return "", ""


def _fault(text: str) -> FieldError:
    reason, sign = _said(text)
    says = _REASONS.get(reason)
    if says is None:
        return _refused(_("Expected a pattern such as %(example)s.", example='"KFR-[0-9]+"'), 1)
    if reason.startswith("missing "):
        return _refused(says(sign), len(text) + 1)
    # It does not say where: the first part of the text that is wrong in this way ends there.
    end = next(end for end in range(1, len(text) + 1) if _said(text[:end])[0] == reason)
    begin = text.rfind(_said(text[:end])[1] or text[end - 1], 0, end)
    return _refused(says(sign), end if begin < 0 or reason == "unexpected )" else begin + 1)


def _refused(reason: Message, place: int) -> FieldError:
    message = _("The pattern cannot be read at character %(place)s: %(reason)s", place=place, reason=reason)
    return FieldError(message, field="pattern", code="bad_pattern")
