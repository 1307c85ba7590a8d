"""Text as it is stored: composed (NFC), without characters nobody can see, within its length.

What has no visible meaning is dropped, because a person cannot remove what is not shown: control characters
(NUL among them, which PostgreSQL's JSON refuses), zero-width marks and the marks that turn the reading
direction. Joiners stay inside a text, since emoji and some scripts are built with them. Everything visible is
kept as typed; ``<script>`` is ordinary text here, and escaped where it is shown.
"""

import json
import re
import unicodedata
from typing import Any, Final

from app.core.errors import DomainError
from app.core.i18n import _

_LINE_BREAKS: Final = re.compile("\r\n|[\r\v\f\x85\u2028\u2029]")
_INVISIBLE: Final = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff"
    "\ufff9-\ufffb\ufffe\uffff\U000e0001\U000e0020-\U000e007f]"
)
_JOINERS: Final = "\u200c\u200d"
_SURROGATE: Final = re.compile("[\ud800-\udfff]")


def as_sent(raw: Any, limit: int) -> str:
    """Return what somebody sent, as a message names it: a text as it is, all else as JSON has it, never as Python."""
    return raw[:limit] if isinstance(raw, str) else json.dumps(raw, default=str, ensure_ascii=False)[:limit]


def clean_text(raw: str, *, limit: int, lines: bool = False) -> str:
    """Return ``raw`` as it is stored; ``lines``: line breaks are kept, else they become spaces.

    The limit counts characters after cleaning. What is absurdly long is refused before it costs anything.
    """
    if len(raw) > 4 * limit + 1000:
        raise too_long(limit)
    if raw.isprintable():
        # Nearly every text: nothing invisible, no line break, no joiner, no surrogate, and no space but the plain one.
        text = unicodedata.normalize("NFC", raw).strip()
        if len(text) > limit:
            raise too_long(limit)
        return text
    if _SURROGATE.search(raw):
        raise DomainError(_("The text holds broken characters. Please type it again."), code="not_text")
    text = unicodedata.normalize("NFC", _INVISIBLE.sub("", _LINE_BREAKS.sub("\n", raw)))
    text = re.sub(r"[ \t]+\n", "\n", text) if lines else re.sub(r"[\t\n]+", " ", text)
    text = trimmed(text)
    if len(text) > limit:
        raise too_long(limit)
    return text


def trimmed(text: str) -> str:
    """Return ``text`` without white space and joiners at its ends, however they are mixed."""
    before = None
    while before != text:
        before, text = text, text.strip().strip(_JOINERS)
    return text


def is_blank(text: str) -> bool:
    """Whether nothing would be left of ``text`` when it is stored."""
    return not trimmed(_INVISIBLE.sub("", text))


def too_long(limit: int) -> DomainError:
    """Return the refusal of a text over ``limit`` characters."""
    return DomainError(_("At most %(limit)s characters.", limit=limit), code="too_long")
