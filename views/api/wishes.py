"""What a program relies on where lines break and others write: carried out once, and never over what it has not read.

``Idempotency-Key`` names one wish, however often it is sent; ``If-Match`` names what the wish is based on.
"""

from collections.abc import Callable
from typing import Any, Final

from flask import request

from app.core import repeats
from app.core.errors import DomainError
from app.core.i18n import _
from app.core.work import Work

LONGEST_KEY: Final = 80


def key_of_wish() -> str:
    """Return the idempotency key of this request, empty without one."""
    key = request.headers.get("Idempotency-Key", "")
    if len(key) > LONGEST_KEY or not (key.isascii() and key.isprintable()):
        message = _("An idempotency key has at most %(limit)s plain characters.", limit=LONGEST_KEY)
        raise DomainError(message, field="Idempotency-Key", code="bad_key")
    return key


def tags_named() -> set[str] | None:
    """Return the tags in ``If-Match``; None: whatever it is now."""
    named = request.if_match
    if "If-Match" not in request.headers or named.star_tag:
        return None
    return {one for one in named.as_set() if one}


def carried_out_once(
    work: Work, key: str, carry_out: Callable[[], dict[str, Any]], content: str = ""
) -> tuple[dict[str, Any], bool]:
    """Return what ``carry_out`` answers, or answered for ``key`` before; and whether it was.

    ``content`` stands for a body that is written differently each time it is sent.
    """
    if not key:
        return carry_out(), False
    wish = f"{request.method} {request.path}\n{content or request.get_data(as_text=True)}"
    return repeats.once(work, key, wish, carry_out)
